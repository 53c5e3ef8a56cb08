#include <surewake/verify/shared/provenance.hpp>
#include <surewake/verify/engine/counts.hpp>
#include <surewake/verify/program/report.hpp>
#include <surewake/verify/program/select.hpp>
#include <surewake/verify/engine/source_text.hpp>
#include <surewake/verify/program/weaken.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <ostream>
#include <regex>
#include <set>

namespace surewake::verify {

namespace {

using relacy::action;
using relacy::order;

/// Returns whether it is a load, whatever else the operation may be when it succeeds.
bool only_reads(site const& s) {
  switch (s.what) {
    case action::load:
    case action::await:
    case action::futex_wait:
    case action::futex_wait_until: return true;
    default: return s.on_failure;
  }
}

std::string operation(site const& s) {
  return fmt::format("{}{}", to_string(s.what), s.on_failure ? " (failure)" : "");
}

/// Returns what `text` says of each order, with + between.
template <class Text> std::string joined(std::vector<lowered> const& all, Text text) {
  std::string result;
  for (lowered const& l : all) result += (result.empty() ? "" : "+") + std::string(text(l));
  return result;
}

nlohmann::ordered_json fields_of(weakening const& w) {
  nlohmann::ordered_json j;
  j["file"] = w.orders.front().at.file;
  j["line"] = joined(w.orders, [](lowered const& l) { return std::to_string(l.at.line); });
  j["column"] = joined(w.orders, [](lowered const& l) { return std::to_string(l.at.column); });
  j["label"] = joined(w.orders, [](lowered const& l) { return label_of(l.at); });
  j["operation"] = joined(w.orders, [](lowered const& l) { return operation(l.at); });
  j["order"] = joined(w.orders, [](lowered const& l) { return to_string(l.at.with); });
  j["lowered_to"] = joined(w.orders, [](lowered const& l) { return to_string(l.to); });
  j["result"] = !w.engine_failure.empty() ? "engine failed" : w.by != nullptr ? "caught" : "survived";
  j["case"] = w.by != nullptr ? w.by->name : "";
  j["verdict"] = w.by != nullptr ? to_string(w.found.result) : std::string_view();
  j["cases"] = w.executed_by.size();
  j["searched"] = w.searched;
  j["exhaustive"] = w.exhaustive;
  j["schedules"] = w.schedules;
  j["seconds"] = w.seconds;
  j["seed"] = w.found.seed;
  j["message"] = w.engine_failure.empty() ? w.found.message : w.engine_failure;
  return j;
}

/// What was found out about a case: how long its search takes, and the operations it executes.
struct explored {
  test_case const* tested = nullptr;
  double seconds = 0;  // of the whole search, where that ends; otherwise those of an execution, and many more
  std::vector<site> sites{};
};

std::vector<explored> explore(std::vector<test_case const*> const& cases, unsigned parallel, run_hooks const& hooks) {
  constexpr double does_not_end = 1e6;
  std::vector<job> jobs;
  for (test_case const* const c : cases) {
    bounds limits = c->limits;
    limits.schedules = std::min<std::uint64_t>(limits.schedules, 5'000);
    jobs.push_back({c, {.limits = limits, .sites = true}});
  }
  std::vector<job_result> const results = run_jobs(jobs, parallel, hooks);
  std::vector<explored> all;
  for (std::size_t i = 0; i != results.size(); ++i) {
    search_result const& o = results[i].found;
    if (!results[i].engine_failure.empty()) {
      if (results[i].engine_failure == not_run) continue;
      throw std::runtime_error(fmt::format("{}: {}", cases[i]->name, results[i].engine_failure));
    }
    double const one = o.seconds / static_cast<double>(std::max<std::uint64_t>(o.schedules + o.blocked, 1));
    auto const count = recorded_count(cases[i]->name);
    all.push_back({cases[i], count ? one * static_cast<double>(count->schedules + count->blocked) : one + does_not_end,
                   o.sites});
  }
  std::ranges::stable_sort(all, {}, &explored::seconds);
  return all;
}

[[nodiscard]] bool is_in(std::string const& file, std::string_view header) {
  if (header.starts_with("surewake/")) header.remove_prefix(std::string_view("surewake/").size());
  if (header.ends_with('/')) return file.starts_with(header);
  return file == header || file.ends_with(fmt::format("/{}", header)) || header.ends_with(fmt::format("/{}", file));
}

/// Returns an order without one of its halves; relaxed where nothing else is left.
[[nodiscard]] order without_acquire(site const& s) {
  bool const both = s.with == order::acq_rel || s.with == order::seq_cst;
  return both && !only_reads(s) ? order::release : s.with == order::release ? s.with : order::relaxed;
}
[[nodiscard]] order without_release(site const& s) {
  bool const both = s.with == order::acq_rel || s.with == order::seq_cst;
  return both && s.what != action::store ? order::acquire : s.with == order::acquire ? s.with : order::relaxed;
}

/// Returns the labels of the pairs in a text: those of "[A1]+[A2]", or "A1+A2".
std::vector<std::pair<std::string, std::string>> pairs_in(std::string const& text) {
  static std::regex const pair(R"(\[?\b([A-Z]+[0-9]+)\]?\+\[?([A-Z]+[0-9]+)\b\]?)");
  std::vector<std::pair<std::string, std::string>> found;
  for (std::sregex_iterator m(text.begin(), text.end(), pair), end; m != end; ++m) found.emplace_back((*m)[1], (*m)[2]);
  return found;
}

class planner {
 public:
  planner(std::vector<explored> const& all, std::string_view header) : all_(all) {
    for (explored const& e : all) {
      for (site const& s : e.sites) {
        files_.insert(s.file);
        if (is_in(s.file, header)) sites_[s].push_back(e.tested);
      }
    }
  }
  [[nodiscard]] std::set<std::string> const& files() const noexcept { return files_; }
  [[nodiscard]] std::vector<weakening> plan(std::vector<std::string> const& pairs) const;

 private:
  using half = order (*)(site const&);
  [[nodiscard]] std::vector<lowered> all_of(std::string const& file, std::string const& label, half without) const;
  void add_pair(std::vector<weakening>& plan, std::vector<lowered> const& a, std::vector<lowered> const& b) const;

  std::vector<explored> const& all_;
  std::set<std::string> files_{};
  std::map<site, std::vector<test_case const*>> sites_{};  // of the header; the fastest cases first
};

/// Returns the operations with a label, each without that half of its order.
std::vector<lowered> planner::all_of(std::string const& file, std::string const& label, half without) const {
  std::vector<lowered> found;
  for (auto const& [s, executed_by] : sites_) {
    if (s.file == file && label_of(s) == label && without(s) != s.with) found.push_back({s, without(s)});
  }
  return found;
}

/// Adds the weakening of all operations with two labels at once.
void planner::add_pair(std::vector<weakening>& plan, std::vector<lowered> const& a,
                       std::vector<lowered> const& b) const {
  if (a.empty() || b.empty()) return;
  weakening w{.orders = a};
  w.orders.insert(w.orders.end(), b.begin(), b.end());
  auto const executes = [](explored const& e, std::vector<lowered> const& some) {
    return std::ranges::any_of(some, [&](lowered const& l) {
      return std::ranges::find(e.sites, l.at) != e.sites.end();
    });
  };
  for (explored const& e : all_) {
    if (executes(e, a) && executes(e, b)) w.executed_by.push_back(e.tested);
  }
  plan.push_back(std::move(w));
}

std::vector<weakening> planner::plan(std::vector<std::string> const& pairs) const {
  std::vector<weakening> plan;
  std::set<std::string> mine;
  for (auto const& [s, executed_by] : sites_) {
    mine.insert(s.file);
    for (order const to : weaker_orders(s)) plan.push_back({.orders = {{s, to}}, .executed_by = executed_by});
  }
  for (std::string const& file : mine) {
    std::string text = fmt::format("{}", fmt::join(pairs, " "));
    for (std::string const& line : source_lines(file))
      text += '\n' + line.substr(std::min(line.find("//"), line.size()));
    for (auto const& [first, second] : pairs_in(text)) {
      std::size_t const before = plan.size();
      for (half const without : {&without_acquire, &without_release})
        add_pair(plan, all_of(file, first, without), all_of(file, second, without));
      if (plan.size() == before)
        throw usage_error(fmt::format("{}+{}: no case executes both with orders of the same half", first, second));
    }
  }
  return plan;
}

}  // namespace

std::vector<order> weaker_orders(site const& s) {
  switch (s.with) {
    case order::seq_cst:
      // Half of a pair has no other order.
      if (s.what == action::light_fence || s.what == action::heavy_fence) return {order::relaxed};
      if (only_reads(s)) return {order::acquire};
      return {s.what == action::store ? order::release : order::acq_rel};
    case order::acq_rel: return {order::acquire, order::release};
    case order::acquire:
    case order::release: return {order::relaxed};
    case order::relaxed: return {};
  }
  return {};
}

std::string label_of(site const& s) {
  auto const& lines = source_lines(s.file);
  auto const ends_statement = [&](unsigned line) {
    std::string const code = lines[line - 1].substr(0, lines[line - 1].find("//"));
    auto const last = code.find_last_not_of(' ');
    return last == code.npos || code[last] == ';' || code[last] == '{' || code[last] == '}';
  };
  for (std::string_view const with : {to_string(s.with), std::string_view()}) {
    for (unsigned line = s.line; line != 0 && line <= lines.size(); --line) {
      if (std::string label = label_at(s.file, line, with); !label.empty()) return label;
      if (line < 2 || ends_statement(line - 1)) break;
    }
    if (!s.on_failure) break;  // a failure order may be argued with that of success
  }
  return {};
}

std::vector<weakening> plan_weakenings(std::vector<test_case const*> const& cases, std::string_view header,
                                       std::vector<std::string> const& pairs, unsigned parallel,
                                       run_hooks const& hooks) {
  std::vector<explored> const all = explore(cases, parallel, hooks);
  planner const of(all, header);
  std::vector<weakening> plan = of.plan(pairs);
  if (plan.empty()) {
    throw usage_error(
        fmt::format("no case executes an operation of \"{}\" whose order could be lowered; headers with operations: {}",
                    header, fmt::join(of.files(), ", ")));
  }
  return plan;
}

void run_weakenings(std::vector<weakening>& plan, weaken_limits const& limits, unsigned parallel,
                    std::function<void(weakening const&)> const& done, std::function<bool()> const& stop) {
  std::set<test_case const*> catchers;  // of earlier orders: they go first
  for (weakening& w : plan) {
    w.engine_failure = not_run;
    if (stop()) continue;
    std::ranges::stable_partition(w.executed_by, [&](auto* c) { return catchers.contains(c); });
    std::vector<job> jobs;
    for (test_case const* const c : w.executed_by) {
      bounds b = c->limits;
      b.seconds = b.search == scheduler::graph ? limits.each_case : std::min(b.seconds, limits.each_case);
      jobs.push_back({c, {.limits = b, .weaken = w.orders}});
    }
    std::string failure;
    run_hooks hooks;
    hooks.done = [&](std::size_t i, job_result const& r) {
      if (!r.engine_failure.empty()) {
        if (r.engine_failure != not_run) failure = fmt::format("{}: {}", jobs[i].tested->name, r.engine_failure);
        return;
      }
      w.searched += 1;
      w.exhaustive += r.found.covered == coverage::exhaustive ? 1U : 0U;
      w.schedules += r.found.schedules + r.found.blocked;
      w.seconds += r.found.seconds;
      if (w.by != nullptr || r.found.result == jobs[i].tested->what.expect) return;
      w.by = jobs[i].tested;
      w.found = r.found;
    };
    hooks.stop = [&] { return w.by != nullptr || w.seconds > limits.each_order || stop(); };
    static_cast<void>(run_jobs(jobs, parallel, hooks));
    if (w.by == nullptr && stop()) continue;
    if (w.by != nullptr) catchers.insert(w.by);
    w.engine_failure = w.by != nullptr ? "" : failure;
    done(w);
  }
}

std::vector<std::string> lines_not_executed(std::vector<weakening> const& plan) {
  static std::regex const strong(R"(\bP::(acquire|release|acq_rel|seq_cst)\b)");
  std::map<std::string, std::set<unsigned>> executed;
  for (weakening const& w : plan) {
    for (lowered const& l : w.orders) executed[l.at.file].insert(l.at.line);
  }
  std::vector<std::string> found;
  for (auto const& [file, at] : executed) {
    std::vector<std::string> const& lines = source_lines(file);
    for (unsigned line = 1; line <= lines.size(); ++line) {
      std::string const code = lines[line - 1].substr(0, lines[line - 1].find("//"));
      if (!std::regex_search(code, strong)) continue;
      auto const near = at.lower_bound(line > 2 ? line - 2 : 0);
      if (near != at.end() && *near <= line + 2) continue;
      std::string const label = label_at(file, line);
      found.push_back(fmt::format("{}:{}{}", file, line, label.empty() ? "" : " [" + label + "]"));
    }
  }
  return found;
}

std::string line_of(weakening const& w) {
  auto const all = [&](auto text) { return joined(w.orders, text); };
  site const& first = w.orders.front().at;
  std::string const place = first.file + ':' + all([](lowered const& l) { return std::to_string(l.at.line); });
  std::string line =
      fmt::format("{:<34} {:<6} {:<26} {:>8} -> {:<8} ", place, all([](lowered const& l) { return label_of(l.at); }),
                  all([](lowered const& l) { return operation(l.at); }),
                  all([](lowered const& l) { return to_string(l.at.with); }),
                  all([](lowered const& l) { return to_string(l.to); }));
  if (w.by != nullptr) {
    return line + fmt::format("caught: {} in {} ({} schedules in all)", to_string(w.found.result), w.by->name,
                              grouped(w.schedules));
  }
  if (!w.engine_failure.empty()) return line + "no verdict: " + w.engine_failure;
  return line + fmt::format("survived {} schedules of {} cases, {} of them exhaustive{}", grouped(w.schedules),
                            w.searched, w.exhaustive,
                            w.searched == w.executed_by.size()
                                ? ""
                                : fmt::format("; {} more execute it", w.executed_by.size() - w.searched));
}

void write_csv(std::ostream& out, std::vector<weakening> const& all) {
  bool header = true;
  for (weakening const& w : all) write_csv_line(out, fields_of(w), std::exchange(header, false));
}

void write_json(std::ostream& out, std::vector<weakening> const& all) {
  nlohmann::ordered_json j;
  j["program"] = fmt::format("{} weaken", program::program_name());
  j["provenance"] = program::provenance();
  j["orders"] = nlohmann::ordered_json::array();
  for (weakening const& w : all) j["orders"].push_back(fields_of(w));
  out << j.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

}  // namespace surewake::verify
