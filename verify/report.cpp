#include <surewake/verify/report.hpp>
#include <surewake/verify/select.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <ostream>
#include <regex>
#include <set>

namespace surewake::verify {

namespace {

using ordered_json = nlohmann::ordered_json;

/// The columns: a name, and the value as JSON.
ordered_json fields_of(result_row const& r) {
  test_case const& c = *r.tested;
  outcome const& o = r.result.found;
  ordered_json j;
  j["case"] = c.name;
  j["model"] = c.model;
  j["queue"] = c.what.queue;
  j["discipline"] = c.what.discipline;
  j["variant"] = c.what.variant;
  j["bug"] = c.what.bug;
  j["engine"] = "relacy";
  j["scheduler"] = to_string(r.limits.search);
  j["context_bound"] =
      r.limits.search == scheduler::bound ? ordered_json(o.context_bound) : ordered_json(nullptr);
  j["memory"] = to_string(r.limits.model);
  j["threads"] = c.type.threads;
  j["schedules"] = o.schedules;
  j["seconds"] = o.seconds;
  j["steps"] = o.steps;
  j["verdict"] = r.verdict_text();
  j["expected"] = to_string(c.what.expect);
  j["coverage"] = r.failed() ? ordered_json("none") : ordered_json(to_string(o.covered));
  j["as_expected"] = r.as_expected();
  j["seed"] = o.seed;
  j["message"] = r.failed() ? r.result.engine_failure : o.message;
  return j;
}

/// The sources that traces quote, read once each. The build tree's folder of links leads from a short path to the file.
class sources {
 public:
  /// The lines of `file`, a short path such as core/spin_lock.hpp; empty where it cannot be read.
  std::vector<std::string> const& lines(std::string const& file) {
    auto const [at, fresh] = read_.try_emplace(file);
    if (fresh) {
      for (std::string const& root : {std::string(SUREWAKE_SOURCE_DIR) + "/", std::string()}) {
        std::ifstream in(root + file);
        if (!in) continue;
        for (std::string line; std::getline(in, line);) at->second.push_back(line);
        break;
      }
    }
    return at->second;
  }

  std::string text(std::string const& file, unsigned line) {
    auto const& all = lines(file);
    if (line == 0 || line > all.size()) return {};
    std::string s = all[line - 1];
    s.erase(0, s.find_first_not_of(" \t"));
    return s;
  }

  static sources& shared() {
    static sources s;
    return s;
  }

 private:
  std::map<std::string, std::vector<std::string>> read_{};
};

bool is_comment(std::string const& line) {
  auto const at = line.find_first_not_of(" \t");
  return at != line.npos && line.compare(at, 2, "//") == 0;
}

bool is_plain(relacy::action a) {
  switch (a) {
    case relacy::action::get:
    case relacy::action::set:
    case relacy::action::allocate:
    case relacy::action::deallocate:
    case relacy::action::create:
    case relacy::action::destroy: return true;
    default: return false;
  }
}

bool has_order(relacy::action a) {
  return a <= relacy::action::await;
}

/// What a step did, without its order: "fetch_sub #1: 1 → 0".
std::string text_of(step const& s) {
  using relacy::action;
  std::string const what(to_string(s.what));
  std::string const object = s.object == 0 ? "" : fmt::format(" #{}", s.object);
  switch (s.what) {
    case action::load: return fmt::format("load{} = {}{}", object, s.before, s.stale ? " (stale)" : "");
    case action::await: return fmt::format("await{} = {}", object, s.before);
    case action::store: return fmt::format("store{} := {}", object, s.after);
    case action::exchange:
    case action::fetch_add:
    case action::fetch_sub:
    case action::fetch_and:
    case action::fetch_or: return fmt::format("{}{}: {} → {}", what, object, s.before, s.after);
    case action::compare_exchange:
      return s.failed ? fmt::format("cas{} fails: is {}", object, s.before)
                      : fmt::format("cas{}: {} → {}", object, s.before, s.after);
    case action::futex_wait:
    case action::futex_wait_until:
      return fmt::format("{}{}: is {}{}", what, object, s.before, s.failed ? ", returns" : "");
    case action::sleep: return "sleeps on" + object;
    case action::wake: return s.failed ? "time is over" : "wakes up";
    case action::try_lock: return what + object + (s.failed ? " fails" : "");
    case action::get: return fmt::format("read{}{}", object, s.before.empty() ? "" : " = " + s.before);
    case action::set: return fmt::format("write{}{}", object, s.after.empty() ? "" : " := " + s.after);
    case action::allocate: return fmt::format("allocate{}, {} bytes", object, s.after);
    case action::futex_wake: return fmt::format("futex_wake{}, {}", object, s.after);
    case action::stand_still: return "stands still from here on";
    default: return what + object;
  }
}

/// The number of characters that a terminal shows.
std::size_t width(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string padded(std::string text, std::size_t columns) {
  std::size_t const w = width(text);
  if (w < columns) text.append(columns - w, ' ');
  return text;
}

std::string cut(std::string text, std::size_t columns) {
  if (width(text) <= columns) return text;
  std::string shorter;
  std::size_t shown = 0;
  for (char const c : text) {
    bool const begins = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    if (begins && ++shown >= columns) break;
    shorter += c;
  }
  return shorter + "…";
}

std::string search_text(result_row const& r) {
  outcome const& o = r.result.found;
  std::string how(to_string(o.covered));
  if (o.covered == coverage::bounded && o.context_bound != r.limits.context_bound)
    how += fmt::format(" by {} of {} preemptions", o.context_bound, r.limits.context_bound);
  else if (o.covered == coverage::bounded)
    how += fmt::format(" by {} preemption{}", o.context_bound, o.context_bound == 1 ? "" : "s");
  if (o.covered == coverage::found) how = "found in";
  return fmt::format("{}{} {} schedule{}, {:.1f} s", how, o.covered == coverage::found ? "" : ",", grouped(o.schedules),
                     o.schedules == 1 ? "" : "s", o.seconds);
}

}  // namespace

std::string grouped(std::uint64_t n) {
  std::string s = std::to_string(n);
  for (auto i = static_cast<std::ptrdiff_t>(s.size()) - 3; i > 0; i -= 3)
    s.insert(static_cast<std::size_t>(i), 1, '\'');
  return s;
}

std::string result_row::verdict_text() const {
  if (!failed()) return std::string(to_string(result.found.result));
  return result.engine_failure == not_run ? std::string(not_run) : "engine failed";
}

format format_of(std::string_view file) {
  if (file.ends_with(".csv")) return format::csv;
  if (file.ends_with(".json")) return format::json;
  throw usage_error(fmt::format("--out {}: the file's name must end in .csv or .json", file));
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return std::string(text);
  std::string quoted = "\"";
  for (char const c : text) {
    quoted += c;
    if (c == '"') quoted += '"';
  }
  return quoted + '"';
}

void write_csv(std::ostream& out, std::vector<result_row> const& rows, bool header) {
  for (result_row const& r : rows) {
    ordered_json const fields = fields_of(r);
    auto const line = [&](auto text_of_field) {
      bool first = true;
      for (auto const& [name, value] : fields.items()) {
        out << (first ? "" : ",") << csv_field(text_of_field(name, value));
        first = false;
      }
      out << '\n';
    };
    if (std::exchange(header, false)) line([](std::string const& name, auto const&) { return name; });
    line([](std::string const&, auto const& value) {
      return value.is_string() ? value.template get<std::string>() : value.is_null() ? std::string() : value.dump();
    });
  }
}

void write_json(std::ostream& out, std::vector<result_row> const& rows) {
  ordered_json j;
  j["program"] = "surewake-verify";
  j["cases"] = ordered_json::array();
  for (result_row const& r : rows) j["cases"].push_back(fields_of(r));
  out << j.dump(1, ' ', false, ordered_json::error_handler_t::replace) << '\n';
}

std::string line_of(result_row const& r) {
  std::string const state = r.failed() ? "ERROR" : r.as_expected() ? "ok" : "FAIL";
  if (r.failed()) return fmt::format("{:<5} {:<58} {}", state, r.tested->name, r.result.engine_failure);
  outcome const& o = r.result.found;
  std::string line = fmt::format("{:<5} {:<58} {}: {}", state, r.tested->name, to_string(o.result), search_text(r));
  if (r.as_expected()) return o.result == verdict::pass && !o.message.empty() ? line + "\n      " + o.message : line;
  line += fmt::format("\n      expected: {}", to_string(r.tested->what.expect));
  if (o.result == verdict::pass) return line;
  if (o.seed.empty()) return line + "\n      " + o.message;
  return line +
         fmt::format("\n      {}\n      surewake-verify trace '{}' --seed {}", o.message, r.tested->name, o.seed);
}

std::string summary_of(std::vector<result_row> const& rows, double seconds) {
  std::map<std::string, std::size_t> passed;
  std::size_t caught = 0;
  std::size_t differ = 0;
  std::size_t failed = 0;
  std::uint64_t schedules = 0;
  for (result_row const& r : rows) {
    schedules += r.result.found.schedules;
    if (r.failed()) {
      ++failed;
    } else if (!r.as_expected()) {
      ++differ;
    } else if (r.result.found.result != verdict::pass) {
      ++caught;
    } else {
      ++passed[std::string(to_string(r.result.found.covered))];
    }
  }
  std::string text = fmt::format("{} cases, {} schedules, {:.0f} s:", rows.size(), grouped(schedules), seconds);
  char const* separator = " ";
  auto const add = [&](std::size_t n, std::string_view what) {
    if (n == 0) return;
    text += fmt::format("{}{} {}", std::exchange(separator, ", "), n, what);
  };
  for (std::string_view const how : {"exhaustive", "bounded", "sampled"}) {
    add(passed[std::string(how)], fmt::format("pass ({})", how));
  }
  add(caught, caught == 1 ? "bug caught" : "bugs caught");
  add(differ, differ == 1 ? "differs from what is expected" : "differ from what is expected");
  add(failed, failed == 1 ? "has no verdict" : "have no verdict");
  return text;
}

std::vector<std::string> const& source_lines(std::string const& file) { return sources::shared().lines(file); }

std::string label_at(std::string const& file, unsigned line, std::string_view order) {
  // A pairing names other labels: only what stands right behind the order's name is the line's own.
  static std::regex const own(R"(\b(relaxed|acquire|release|acq_rel|seq_cst)\b[^\[.]*\[([A-Z]+[0-9]+)\])");
  auto const in = [order](std::string const& comment) -> std::string {
    for (std::sregex_iterator m(comment.begin(), comment.end(), own), end; m != end; ++m) {
      if (order.empty() || (*m)[1].str() == order) return (*m)[2].str();
    }
    return {};
  };
  auto const& all = source_lines(file);
  if (line == 0 || line > all.size()) return {};
  std::string const& here = all[line - 1];
  if (auto const at = here.find("//"); at != here.npos) {
    if (std::string label = in(here.substr(at)); !label.empty()) return label;
  }
  std::size_t first = line - 1;
  while (first != 0 && is_comment(all[first - 1])) --first;
  std::string above;
  for (std::size_t i = first; i + 1 < line; ++i) above += all[i] + '\n';
  return in(above);
}

std::string trace_of(result_row const& r, trace_options const& options) {
  test_case const& c = *r.tested;
  outcome const& o = r.result.found;
  // Plain accesses matter where one of them is the finding.
  std::set<unsigned> racing;
  if (o.result == verdict::data_race && !o.trace.empty()) racing.insert(o.trace.back().object);

  struct row {
    std::size_t column;
    std::string what;
    std::string place;
    std::string source;
  };
  std::vector<row> rows;
  std::size_t cell = 12;
  for (std::string const& name : c.type.names) cell = std::max(cell, width(name));
  std::size_t places = 0;
  for (step const& s : o.trace) {
    bool const shown = options.everything || (s.thread >= 0 && (!is_plain(s.what) || racing.contains(s.object)));
    if (!shown) continue;
    std::string text = text_of(s);
    if (has_order(s.what)) text += fmt::format(" {}", to_string(s.with));
    std::string place = fmt::format("{}:{}", s.file, s.line);
    std::string const label = has_order(s.what) ? label_at(s.file, s.line, to_string(s.with)) : std::string();
    if (!label.empty()) place += fmt::format(" [{}]", label);
    cell = std::max(cell, width(text));
    places = std::max(places, width(place));
    rows.push_back({static_cast<std::size_t>(std::max(s.thread, 0)), std::move(text), std::move(place),
                    sources::shared().text(s.file, s.line)});
  }

  std::string text = fmt::format("{}\n{}\n\n", c.name, c.what.question);
  std::string header = "      ";
  for (std::string const& name : c.type.names) header += padded(name, cell + 2);
  text += header + "where\n";
  std::size_t number = 0;
  for (row const& x : rows) {
    std::string line = fmt::format("{:>4}  ", ++number);
    for (std::size_t i = 0; i != c.type.names.size(); ++i) line += padded(i == x.column ? x.what : "", cell + 2);
    line += padded(x.place, places + 2);
    std::size_t const used = width(line);
    if (options.columns > used + 20) line += cut(x.source, options.columns - used);
    while (line.ends_with(' ')) line.pop_back();
    text += line + '\n';
  }
  text += fmt::format("\n{}{}{}\n", to_string(o.result), o.message.empty() ? "" : ": ", o.message);
  if (o.result == verdict::pass) text += "This schedule ends as it should.\n";
  return text;
}

}  // namespace surewake::verify
