#include <surewake/verify/shared/provenance.hpp>
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

nlohmann::ordered_json fields_of(weakening const& w) {
  nlohmann::ordered_json j;
  j["file"] = w.at.file;
  j["line"] = w.at.line;
  j["column"] = w.at.column;
  j["label"] = label_at(w.at.file, w.at.line, to_string(w.at.with));
  j["operation"] = operation(w.at);
  j["order"] = to_string(w.at.with);
  j["lowered_to"] = to_string(w.to);
  j["result"] = !w.engine_failure.empty() ? "engine failed" : w.by != nullptr ? "caught" : "survived";
  j["case"] = w.by != nullptr ? w.by->name : "";
  j["verdict"] = w.by != nullptr ? to_string(w.found.result) : std::string_view();
  j["cases"] = w.executed_by.size();
  j["schedules"] = w.schedules;
  j["seed"] = w.found.seed;
  j["message"] = w.engine_failure.empty() ? w.found.message : w.engine_failure;
  return j;
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

std::vector<weakening> plan_weakenings(std::vector<test_case const*> const& cases, std::string_view header,
                                       unsigned parallel, run_hooks const& hooks) {
  std::vector<job> jobs;
  for (test_case const* const c : cases) {
    bounds limits = c->limits;
    limits.schedules = std::min<std::uint64_t>(limits.schedules, 5'000);
    jobs.push_back({c, {.limits = limits, .sites = true}});
  }
  std::vector<job_result> const results = run_jobs(jobs, parallel, hooks);

  if (header.starts_with("surewake/")) header.remove_prefix(std::string_view("surewake/").size());
  std::map<site, std::vector<std::pair<double, test_case const*>>> found;
  std::set<std::string> files;
  for (std::size_t i = 0; i != results.size(); ++i) {
    search_result const& o = results[i].found;
    if (!results[i].engine_failure.empty() && results[i].engine_failure != not_run)
      throw std::runtime_error(fmt::format("{}: {}", cases[i]->name, results[i].engine_failure));
    for (site const& s : o.sites) {
      files.insert(s.file);
      bool const here = s.file == header || s.file.ends_with(fmt::format("/{}", header)) ||
                        header.ends_with(fmt::format("/{}", s.file));
      if (here)
        found[s].emplace_back(o.seconds / static_cast<double>(std::max<std::uint64_t>(o.schedules, 1)), cases[i]);
    }
  }
  std::vector<weakening> plan;
  for (auto& [s, executed_by] : found) {
    std::ranges::sort(executed_by, {}, &std::pair<double, test_case const*>::first);  // the fastest ones first
    for (order const to : weaker_orders(s)) {
      weakening w{.at = s, .to = to};
      for (auto const& [cost, c] : executed_by) w.executed_by.push_back(c);
      plan.push_back(std::move(w));
    }
  }
  if (plan.empty()) {
    throw usage_error(
        fmt::format("no case executes an operation of \"{}\" whose order could be lowered; headers with operations: {}",
                    header, fmt::join(files, ", ")));
  }
  return plan;
}

void run_weakenings(std::vector<weakening>& plan, double seconds, unsigned parallel,
                    std::function<void(weakening const&)> const& done, std::function<bool()> const& stop) {
  for (weakening& w : plan) {
    w.engine_failure = not_run;
    if (stop()) continue;
    std::vector<job> jobs;
    for (test_case const* const c : w.executed_by) {
      bounds limits = c->limits;
      limits.seconds = std::min(limits.seconds, seconds);
      jobs.push_back({c, {.limits = limits, .weaken = w.at, .weaken_to = w.to}});
    }
    std::string failure;
    run_hooks hooks;
    hooks.done = [&](std::size_t i, job_result const& r) {
      if (!r.engine_failure.empty()) {
        if (r.engine_failure != not_run) failure = fmt::format("{}: {}", jobs[i].tested->name, r.engine_failure);
        return;
      }
      w.schedules += r.found.schedules;
      if (w.by != nullptr || r.found.result == jobs[i].tested->what.expect) return;
      w.by = jobs[i].tested;
      w.found = r.found;
    };
    hooks.stop = [&] { return w.by != nullptr || stop(); };
    static_cast<void>(run_jobs(jobs, parallel, hooks));
    if (w.by == nullptr && stop()) continue;
    w.engine_failure = w.by != nullptr ? "" : failure;
    done(w);
  }
}

std::vector<std::string> lines_not_executed(std::vector<weakening> const& plan) {
  static std::regex const strong(R"(\bP::(acquire|release|acq_rel|seq_cst)\b)");
  std::map<std::string, std::set<unsigned>> executed;
  for (weakening const& w : plan) executed[w.at.file].insert(w.at.line);
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
  std::string const label = label_at(w.at.file, w.at.line, to_string(w.at.with));
  std::string line = fmt::format("{:<34} {:<6} {:<26} {:>8} -> {:<8} ", fmt::format("{}:{}", w.at.file, w.at.line),
                                 label, operation(w.at), to_string(w.at.with), to_string(w.to));
  if (w.by != nullptr) {
    return line + fmt::format("caught: {} in {} ({} schedules in all)", to_string(w.found.result), w.by->name,
                              grouped(w.schedules));
  }
  if (!w.engine_failure.empty()) return line + "no verdict: " + w.engine_failure;
  return line + fmt::format("survived {} cases, {} schedules", w.executed_by.size(), grouped(w.schedules));
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
