#include <surewake/verify/shared/provenance.hpp>
#include <surewake/verify/program/condensed.hpp>
#include <surewake/verify/engine/counts.hpp>
#include <surewake/verify/program/report.hpp>
#include <surewake/verify/program/select.hpp>
#include <surewake/verify/engine/source_text.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <ostream>
#include <regex>
#include <set>

namespace surewake::verify {

namespace {

using ordered_json = nlohmann::ordered_json;

/// Returns the columns: a name, and the value as JSON.
ordered_json fields_of(result_row const& r) {
  test_case const& c = *r.tested;
  search_result const& o = r.result.found;
  ordered_json j;
  j["case"] = c.name;
  j["model"] = c.model;
  j["queue"] = c.what.queue;
  j["discipline"] = c.what.discipline;
  j["variant"] = c.what.variant;
  j["bug"] = c.what.bug;
  bool const on_graphs = r.limits.search == scheduler::graph;
  j["engine"] = on_graphs ? "graph" : "relacy";
  j["scheduler"] = to_string(r.limits.search);
  j["context_bound"] =
      r.limits.search == scheduler::bound ? ordered_json(o.context_bound) : ordered_json(nullptr);
  j["memory"] = to_string(r.limits.model);
  j["reuse"] = !on_graphs || r.limits.reuse;  // of freed memory
  j["threads"] = c.type.threads;
  j["schedules"] = o.schedules;
  j["blocked"] = on_graphs ? ordered_json(o.blocked) : ordered_json(nullptr);
  bool const has_share = on_graphs && !r.failed() && o.result == verdict::pass;
  j["share"] = has_share ? ordered_json(o.share) : ordered_json(nullptr);
  j["ended_by"] = on_graphs && !r.failed() ? ordered_json(graph::name_of(o.ended)) : ordered_json(nullptr);
  j["seconds"] = o.seconds;
  j["steps"] = o.steps;
  j["verdict"] = r.verdict_text();
  j["expected"] = to_string(c.what.expect);
  j["complete"] = r.complete();
  j["coverage"] = r.failed() ? ordered_json("none") : ordered_json(to_string(o.covered));
  j["as_expected"] = r.as_expected();
  j["seed"] = o.seed;
  j["message"] = r.failed() ? r.result.engine_failure : o.message;
  return j;
}

/// Returns a line of the source, without its indentation.
std::string source_text(std::string const& file, unsigned line) {
  auto const& all = source_lines(file);
  if (line == 0 || line > all.size()) return {};
  std::string s = all[line - 1];
  s.erase(0, s.find_first_not_of(" \t"));
  return s;
}

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

/// The words for the objects of a trace. An object that was given a name (shown_as) has that; any other object has the
/// name of the variable in the source, "spin_lock.held_" of core/platform/spin_lock.hpp. What lies on a thread's stack
/// is that thread's.
class object_names {
 public:
  object_names(search_result const& o, std::vector<std::string> const& threads) {
    std::map<unsigned, std::string> variables;
    for (step const& s : o.trace) {
      std::string& known = variables[s.object];
      if (s.object == 0 || s.near || known.ends_with('_')) continue;  // a member says more than a parameter
      std::string variable = variable_at(s.file, s.line, s.column);
      if (variable.empty() || (!known.empty() && !variable.ends_with('_'))) continue;
      std::string const stem = std::filesystem::path(s.file).stem().string();
      known = stem.empty() ? variable : stem + '.' + variable;
    }
    std::map<std::string, unsigned> used;
    for (traced_object const& x : o.objects) {
      std::string const& variable = variables[x.number];
      std::string name = x.name;
      if (name.empty()) {
        name = variable;
      } else {
        if (x.among > 1) name += fmt::format(" {}", x.among);
        if (x.inside && !variable.empty()) name += variable.substr(variable.find('.'));
      }
      if (name.empty()) continue;
      if (x.owner >= 0 && static_cast<std::size_t>(x.owner) < threads.size())
        name = fmt::format("{}'s {}", threads[static_cast<std::size_t>(x.owner)], name);
      if (unsigned const n = ++used[name]; n != 1) name += fmt::format(" ({})", n);
      names_[x.number] = std::move(name);
    }
  }

  [[nodiscard]] std::string of(unsigned number) const {
    auto const found = names_.find(number);
    return found == names_.end() ? fmt::format("#{}", number) : found->second;
  }
  /// Returns a value, with the name of what it leads to.
  [[nodiscard]] std::string value(std::string const& text) const {
    unsigned number = 0;
    char const* const end = text.data() + text.size();
    if (!text.starts_with('#')) return text;
    auto const [stop, error] = std::from_chars(text.data() + 1, end, number);
    return error == std::errc{} && stop == end ? of(number) : text;
  }

 private:
  std::map<unsigned, std::string> names_{};
};

/// Says what a step did, without its order: "fetch_sub word: 1 → 0".
std::string text_of(step s, object_names const& names) {
  using relacy::action;
  std::string const what(to_string(s.what));
  std::string const object = s.object == 0 ? "" : " " + names.of(s.object);
  s.before = names.value(s.before);
  s.after = names.value(s.after);
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
    case action::futex_wake:
      return fmt::format("futex_wake{}, {}{}", object, s.after, s.failed ? ": nobody sleeps" : "");
    case action::stall: return "stalls from here on";
    default: return what + object;
  }
}

/// Returns the number of characters that a terminal shows.
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

/// Returns how much a graph search that was cut off has visited, and by what it was: "3.1 % of the tree (limit:
/// seconds), ".
std::string cut_text(result_row const& r) {
  search_result const& o = r.result.found;
  if (r.limits.search != scheduler::graph || o.covered != coverage::sampled) return {};
  std::string const by(graph::name_of(o.ended));
  return fmt::format("{} of the tree ({}{}), ", share_text(o.share), o.ended == graph::ended_by::stop ? "" : "limit: ",
                     by);
}

std::string search_text(result_row const& r) {
  search_result const& o = r.result.found;
  std::string how(to_string(o.covered));
  if (o.covered == coverage::bounded && r.limits.search == scheduler::graph)
    how += " by the rounds of a loop";
  else if (o.covered == coverage::bounded && o.context_bound != r.limits.context_bound)
    how += fmt::format(" by {} of {} preemptions", o.context_bound, r.limits.context_bound);
  else if (o.covered == coverage::bounded)
    how += fmt::format(" by {} preemption{}", o.context_bound, o.context_bound == 1 ? "" : "s");
  if (o.covered == coverage::found) how = "found in";
  std::string_view const what = r.limits.search == scheduler::graph ? "execution" : "schedule";
  std::string const blocked = o.blocked == 0 ? "" : fmt::format(", {} blocked", grouped(o.blocked));
  return fmt::format("{}{} {}{} {}{}{}, {:.1f} s", how, o.covered == coverage::found ? "" : ",", cut_text(r),
                     grouped(o.schedules), what, o.schedules == 1 ? "" : "s", blocked, o.seconds);
}

}  // namespace

std::string grouped(std::uint64_t n) {
  std::string s = std::to_string(n);
  for (auto i = static_cast<std::ptrdiff_t>(s.size()) - 3; i > 0; i -= 3)
    s.insert(static_cast<std::size_t>(i), 1, '\'');
  return s;
}

std::string share_text(double share) {
  double const percent = std::min(100 * share, 99.9);
  return percent < 10 ? fmt::format("{:.2g} %", percent) : fmt::format("{:.1f} %", percent);
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

void write_csv_line(std::ostream& out, ordered_json const& row, bool header) {
  ordered_json fields = row;
  for (auto const& [name, value] : program::provenance().items()) fields[name] = value;
  char const* separator = "";
  auto const put = [&](std::string const& text) { out << std::exchange(separator, ",") << csv_field(text); };
  if (header) {
    for (auto const& [name, value] : fields.items()) put(name);
    out << '\n';
    separator = "";
  }
  for (auto const& [name, value] : fields.items())
    put(value.is_string() ? value.get<std::string>() : value.is_null() ? std::string() : value.dump());
  out << '\n';
}

void write_csv(std::ostream& out, std::vector<result_row> const& rows, bool header) {
  for (result_row const& r : rows) write_csv_line(out, fields_of(r), std::exchange(header, false));
}

void write_json(std::ostream& out, std::vector<result_row> const& rows) {
  ordered_json j;
  j["program"] = program::program_name();
  j["provenance"] = program::provenance();
  j["cases"] = ordered_json::array();
  for (result_row const& r : rows) j["cases"].push_back(fields_of(r));
  out << j.dump(1, ' ', false, ordered_json::error_handler_t::replace) << '\n';
}

bool result_row::complete() const noexcept {
  search_result const& o = result.found;
  if (failed() || o.result != verdict::pass) return false;
  return o.covered == coverage::exhaustive ||
         (o.covered == coverage::bounded && o.context_bound == limits.context_bound);
}

std::optional<search_count> result_row::other_count() const {
  bounds const own = as_recorded(*tested);
  graph::ended_by const by = result.found.ended;
  bool const may_be_cut = limits.search != scheduler::graph || limits.seconds < own.seconds ||
                          limits.schedules < own.schedules || by == graph::ended_by::executions ||
                          by == graph::ended_by::memory || by == graph::ended_by::stop ||
                          result.found.result != verdict::pass;
  if ((!complete() && may_be_cut) || limits.search != own.search || limits.model != own.model ||
      limits.context_bound != own.context_bound || limits.stale_failures != own.stale_failures ||
      limits.reuse != own.reuse || (limits.search != scheduler::graph && !schedules_as_recorded)) {
    return std::nullopt;
  }
  auto const recorded = recorded_count(tested->name);
  search_count const counted{.schedules = result.found.schedules, .blocked = result.found.blocked};
  return complete() && recorded == counted ? std::nullopt : recorded;
}

std::string line_of(result_row const& r) {
  std::string const state = r.failed() ? "ERROR" : r.as_expected() ? "ok" : "FAIL";
  if (r.failed()) return fmt::format("{:<5} {:<58} {}", state, r.tested->name, r.result.engine_failure);
  search_result const& o = r.result.found;
  std::string line = fmt::format("{:<5} {:<58} {}: {}", state, r.tested->name, to_string(o.result), search_text(r));
  if (r.as_expected()) return o.result == verdict::pass && !o.message.empty() ? line + "\n      " + o.message : line;
  if (auto const n = r.other_count()) {
    std::string text = grouped(n->schedules) + (r.limits.search == scheduler::graph ? " executions" : " schedules");
    if (n->blocked != 0) text += fmt::format(", {} blocked", grouped(n->blocked));
    return line + fmt::format("\n      expected: {} (verify/cases/counts.csv): what was searched has changed", text);
  }
  line += fmt::format("\n      expected: {}", to_string(r.tested->what.expect));
  if (o.result == verdict::pass) return line;
  if (o.seed.empty()) return line + "\n      " + o.message;
  return line +
         fmt::format("\n      {}\n      {} trace '{}' --seed {}", o.message, program::program_name(), r.tested->name,
                     o.seed);
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

std::string label_at(std::string const& file, unsigned line, std::string_view order) {
  // A pairing names other labels: only what comes right after the order's name is the line's own. Words between the
  // two are second best.
  static std::regex const near(R"(\b(relaxed|acquire|release|acq_rel|seq_cst)(?::\s+as)?\s+\[([A-Z]+[0-9]+)\])");
  static std::regex const own(R"(\b(relaxed|acquire|release|acq_rel|seq_cst)\b[^\[.]*\[([A-Z]+[0-9]+)\])");
  auto const in = [order](std::string const& comment) -> std::string {
    for (std::regex const* const r : {&near, &own}) {
      for (std::sregex_iterator m(comment.begin(), comment.end(), *r), end; m != end; ++m) {
        if (order.empty() || (*m)[1].str() == order) return (*m)[2].str();
      }
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

namespace {

/// Returns a step as the trace shows it.
struct trace_line {
  std::size_t thread = 0;
  std::string what{};
  std::string place{};
  std::string source{};
  bool left_out = false;
};

/// Puts the steps side by side, a column for each thread. Where that is too wide for the source lines, they go below,
/// and where it is too wide altogether, the threads share a column. Without a limit (0) nothing is cut.
class trace_table {
 public:
  trace_table(std::vector<trace_line> const& lines, std::vector<std::string> const& threads, std::size_t columns)
      : lines_(lines), threads_(threads), columns_(columns) {
    std::size_t wide = number_width;
    for (std::string const& name : threads) cells_.push_back(std::max(width(name), least_cell));
    for (trace_line const& x : lines) {
      if (x.left_out) continue;
      cells_[x.thread] = std::max(cells_[x.thread], width(x.what));
      what_ = std::max(what_, width(x.what));
      place_ = std::max(place_, width(x.place));
    }
    for (std::size_t const cell : cells_) wide += cell + gap;
    wide += place_ + gap;
    if (columns_ == 0 || wide + least_source <= columns_) return;
    below_ = true;
    together_ = wide > columns_;
  }

  /// Returns the width below which it would not be cut, but too wide.
  [[nodiscard]] std::size_t least() const {
    return std::max(number_width + name_width() + what_ + gap + place_, number_width + gap + least_source);
  }

  [[nodiscard]] std::string text() const {
    std::string all = header();
    std::size_t left_out = 0;
    for (std::size_t i = 0; i != lines_.size(); ++i) {
      trace_line const& x = lines_[i];
      if (x.left_out && ++left_out != 0) continue;
      if (left_out != 0) put(all, fmt::format("   …  {} more (--all)", std::exchange(left_out, 0)));
      std::string line = fmt::format("{:>4}  ", i + 1);
      if (together_) {
        line += padded(threads_[x.thread], name_width()) + padded(x.what, what_ + gap);
      } else {
        for (std::size_t t = 0; t != threads_.size(); ++t) line += padded(t == x.thread ? x.what : "", cells_[t] + gap);
      }
      line += padded(x.place, place_ + gap);
      if (!below_) line += columns_ == 0 ? x.source : cut(x.source, columns_ - width(line));
      put(all, std::move(line));
      if (below_ && !x.source.empty())
        put(all, std::string(number_width + gap, ' ') +
                     cut(x.source, std::max(columns_, number_width + gap + least_source) - number_width - gap));
    }
    return all;
  }

 private:
  static constexpr std::size_t number_width = 6;
  static constexpr std::size_t least_cell = 12;
  static constexpr std::size_t least_source = 24;
  static constexpr std::size_t gap = 2;

  static void put(std::string& all, std::string line) {
    while (line.ends_with(' ')) line.pop_back();
    all += line + '\n';
  }
  [[nodiscard]] std::size_t name_width() const {
    std::size_t w = 0;
    for (std::string const& name : threads_) w = std::max(w, width(name));
    return w + gap;
  }
  [[nodiscard]] std::string header() const {
    std::string line(number_width, ' ');
    if (together_) {
      line += padded("thread", name_width()) + padded("step", what_ + gap);
    } else {
      for (std::size_t t = 0; t != threads_.size(); ++t) line += padded(threads_[t], cells_[t] + gap);
    }
    return line + "where\n";
  }

  std::vector<trace_line> const& lines_;
  std::vector<std::string> const& threads_;
  std::size_t columns_;
  std::vector<std::size_t> cells_{};
  std::size_t what_ = 4;
  std::size_t place_ = 0;
  bool below_ = false;
  bool together_ = false;
};

constexpr std::size_t least_steps = 8;  // in a trace, however much there is to say about it

/// Returns the steps of a trace that are shown, by their numbers.
std::vector<std::size_t> steps_of(search_result const& o, bool everything) {
  // Plain accesses matter where one of them is the finding.
  std::set<unsigned> racing;
  if (o.result == verdict::data_race && !o.trace.empty()) racing.insert(o.trace.back().object);
  std::vector<std::size_t> steps;
  for (std::size_t i = 0; i != o.trace.size(); ++i) {
    step const& s = o.trace[i];
    if (everything || (s.thread >= 0 && (!is_plain(s.what) || racing.contains(s.object)))) steps.push_back(i);
  }
  for (std::string const& note : o.notes) {
    for (std::size_t const i : named_steps(note)) steps.push_back(i);
  }
  std::ranges::sort(steps);
  steps.erase(std::ranges::unique(steps).begin(), steps.end());
  return steps;
}

std::string place_of(step const& s) { return fmt::format("{}{}:{}", s.near ? "after " : "", s.file, s.line); }

std::string label_of(step const& s) {
  return has_order(s.what) ? label_at(s.file, s.line, to_string(s.with)) : std::string();
}

trace_line line_for(step const& s, object_names const& names) {
  std::string text = text_of(s, names);
  if (has_order(s.what)) text += fmt::format(" {}", to_string(s.with));
  std::string place = place_of(s);
  std::string const label = label_of(s);
  if (!label.empty()) place += fmt::format(" [{}]", label);
  return {static_cast<std::size_t>(std::max(s.thread, 0)), std::move(text), std::move(place),
          source_text(s.file, s.line)};
}

ordered_json json_of_step(step const& s, object_names const& names) {
  ordered_json j;
  j["thread"] = s.thread;
  j["action"] = to_string(s.what);
  j["text"] = text_of(s, names);
  j["order"] = has_order(s.what) ? ordered_json(to_string(s.with)) : ordered_json(nullptr);
  j["label"] = label_of(s);
  j["stale"] = s.stale;
  j["place"] = place_of(s);
  j["source"] = source_text(s.file, s.line);
  return j;
}

/// Returns the finding and the notes, as they come after the steps.
std::string words_for(search_result const& o, std::vector<std::size_t> const& steps, object_names const& names,
                      std::size_t columns) {
  std::string text = fmt::format("\n{}{}{}\n", to_string(o.result), o.message.empty() ? "" : ": ", o.message);
  if (o.result == verdict::pass) text += "This schedule ends as it should.\n";
  auto const number = [&](std::size_t s) {
    return std::to_string(std::ranges::lower_bound(steps, s) - steps.begin() + 1);
  };
  auto const object = [&](unsigned n) { return names.of(n); };
  for (std::string const& note : o.notes)
    text += wrapped(note_text(note, number, object), columns == 0 ? 120 : columns) + '\n';
  return text;
}

}  // namespace

std::string trace_of(result_row const& r, trace_options const& options) {
  test_case const& c = *r.tested;
  search_result const& o = r.result.found;
  object_names const names(o, c.type.names);
  std::vector<std::size_t> const steps = steps_of(o, options.everything);
  std::string const words = words_for(o, steps, names, options.columns);
  std::size_t const around = 5 + static_cast<std::size_t>(std::ranges::count(words, '\n'));
  std::vector<bool> kept(steps.size(), true);
  if (!options.everything) kept = condensed(o, steps, std::max(least_steps + around, most_trace_lines) - around);
  std::vector<trace_line> lines;
  std::set<std::string> files;
  for (std::size_t i = 0; i != steps.size(); ++i) {
    lines.push_back(line_for(o.trace[steps[i]], names));
    lines.back().left_out = !kept[i];
    files.insert(o.trace[steps[i]].file);
  }
  trace_table const table(lines, c.type.names, options.columns);
  if (options.columns_asked_for && options.columns < table.least()) {
    throw program::usage_error(
        fmt::format("--width '{}': it must be from {} on for this trace", options.columns, table.least()));
  }
  std::string text = fmt::format("{}\n{}\n\n{}{}", c.name, c.what.question, table.text(), words);
  for (std::string const& file : files) {
    if (changed_since_build(file))
      text += fmt::format("{} has changed since this program was built: build it again to trace the new one.\n", file);
  }
  return text;
}

std::string json_of_trace(result_row const& r, std::string_view seed, bool everything) {
  test_case const& c = *r.tested;
  search_result const& o = r.result.found;
  object_names const names(o, c.type.names);
  std::vector<std::size_t> const steps = steps_of(o, everything);
  bool const on_graphs = !o.graph.empty();
  ordered_json j = on_graphs ? ordered_json::parse(o.graph) : ordered_json();
  j["case"] = c.name;
  j["question"] = c.what.question;
  if (!on_graphs) {
    j["verdict"] = r.verdict_text();
    j["message"] = o.message;
    j["memory"] = to_string(r.limits.model);
    j["seed"] = seed;
    j["threads"] = c.type.names;
  }
  j["steps"] = ordered_json::array();
  for (std::size_t const i : steps) j["steps"].push_back(json_of_step(o.trace[i], names));
  if (on_graphs) {
    std::vector<bool> const kept = condensed(o, steps, most_trace_lines);
    for (std::size_t i = 0; i != steps.size(); ++i) {
      j["steps"][i]["step"] = steps[i];
      j["steps"][i]["shown"] = bool{kept[i]};
    }
  }
  j["provenance"] = program::provenance();
  return j.dump(1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace surewake::verify
