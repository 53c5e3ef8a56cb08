#include <surewake/verify/engine/graph/bench.hpp>
#include <surewake/verify/program/bench.hpp>
#include <surewake/verify/engine/counts.hpp>
#include <surewake/verify/program/report.hpp>
#include <surewake/verify/program/runner.hpp>
#include <surewake/verify/program/select.hpp>
#include <surewake/verify/shared/output.hpp>
#include <surewake/verify/shared/provenance.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <thread>

namespace surewake::verify {

namespace {

using graph::median;
using nlohmann::ordered_json;
using program::out;

constexpr double repeat_for = 0.01;        // seconds of a short search in a round
constexpr double enough_of_a_case = 2;     // seconds; a longer search has fewer rounds
constexpr double longest_graph_search = 60;
constexpr double longest_hunt = 10;        // for a bug
constexpr double part_of_relacy = 50;      // a graph search takes a 50th of Relacy's time at most,
constexpr double seconds_of_bug = 1;       // a bug that long,
constexpr double bytes_of_case = 200e6;    // a case that much memory
constexpr std::size_t slowest_shown = 10;

[[nodiscard]] bool stops() { return program::interrupted() != 0 || out().broken(); }
[[nodiscard]] std::string verdict_of(job_result const& r) {
  return r.engine_failure.empty() ? std::string(to_string(r.found.result)) : r.engine_failure;
}
[[nodiscard]] char const* met(bool is) { return is ? "met" : "not met"; }

/// A case that Relacy searches to its end, and the same model instance by the graph engine.
struct twins {
  test_case const* relacy = nullptr;
  test_case const* graph = nullptr;
  std::vector<double> relacy_seconds{}, graph_seconds{};  // of a repeated search, in each round
  std::vector<double> relacy_first{}, graph_first{};      // of the first search of a process
  search_result relacy_found{}, graph_found{};

  [[nodiscard]] bool both_end() const {
    return relacy_found.covered == coverage::exhaustive && graph_found.covered == coverage::exhaustive;
  }
  [[nodiscard]] double times() const { return median(relacy_seconds) / median(graph_seconds); }
  [[nodiscard]] double times_first() const { return median(relacy_first) / median(graph_first); }
};

class benchmark {
 public:
  benchmark(std::string only, unsigned rounds, bool tables)
      : only_(std::move(only)), rounds_(rounds), tables_(tables) {}

  void rates();
  void processes();
  void relacy();
  void bugs();
  void memory();
  [[nodiscard]] bool is_empty() const { return rows_ == 0; }
  [[nodiscard]] ordered_json const& json() const { return json_; }

 private:
  template <class... Args> void print(fmt::format_string<Args...> format, Args&&... args) {
    if (!tables_) return;
    out().print(format, std::forward<Args>(args)...);
    out().flush();
  }
  /// Adds a row to a table, whose title comes with the first one.
  template <class... Args> void title(bool& is_first, fmt::format_string<Args...> format, Args&&... args) {
    if (rows_++ == 0) print("{}\n", program::provenance_line());
    if (std::exchange(is_first, false)) print("\n{}\n", fmt::format(format, std::forward<Args>(args)...));
  }
  [[nodiscard]] graph::bench_options options() const { return {.rounds = rounds_, .only = only_, .stop = stops}; }
  [[nodiscard]] bool is_meant(test_case const& c) const { return c.name.find(only_) != std::string::npos; }
  [[nodiscard]] std::vector<twins> all_twins() const;
  void measure(std::vector<twins>& all);
  void tell(twins const& t);
  void tell_all(std::vector<twins> const& all);
  void tell_bugs(std::vector<test_case const*> const& cases, std::vector<job_result> const& results);
  void note_memory(std::uint64_t bytes, std::string const& name) {
    if (bytes > peak_) largest_ = name;
    peak_ = std::max(peak_, bytes);
  }

  std::string only_;
  unsigned rounds_;
  bool tables_;
  std::size_t rows_ = 0;
  ordered_json json_{};
  std::uint64_t peak_ = 0;
  std::string largest_{};
};

void benchmark::rates() {
  bool first = true;
  graph::bench(options(), [&](graph::bench_result const& r) {
    title(first, "Executions a second on one core: the median of {} rounds (+: the search is cut off)\n{}", rounds_,
          graph::bench_header());
    print("{}\n", graph::bench_line(r));
    note_memory(r.peak_bytes, r.name);
    json_["rates"].push_back({{"name", r.name}, {"executions", r.executions}, {"blocked", r.blocked},
                              {"finished", r.finished}, {"events", r.events},
                              {"executions_per_second", r.executions_per_second}, {"least", r.least},
                              {"most", r.most}, {"asked_for", r.bar}, {"peak_bytes", r.peak_bytes}});
  });
}

void benchmark::processes() {
  bool first = true;
  graph::bench_processes(options(), [&](graph::processes_result const& r) {
    title(first, "Two processes beside one, on {} processors: seconds on the wall, medians of {} rounds\n{:56} {:>10} "
                 "{:>7} {:>7} {:>6}  asked for",
          std::thread::hardware_concurrency(), rounds_, "search", "executions", "one", "two", "times");
    print("{:56} {:>10} {:>7.3f} {:>7.3f} {:>6.2f}  {}: {}\n", r.name, r.executions, r.one, r.two, r.times(), r.bar,
          met(r.times() >= r.bar));
    json_["processes"].push_back({{"name", r.name}, {"executions", r.executions}, {"one_seconds", r.one},
                                  {"two_seconds", r.two}, {"times", r.times()}, {"asked_for", r.bar}});
  });
}

std::vector<twins> benchmark::all_twins() const {
  std::vector<twins> all;
  for (test_case const& c : all_cases()) {
    if (c.limits.search != scheduler::full || c.what.expect != verdict::pass || !recorded_count(c.name)) continue;
    std::string name = c.name;
    name.replace(name.rfind("@full"), 5, "@graph");
    auto const at = std::ranges::lower_bound(all_cases(), name, {}, &test_case::name);
    if (at == all_cases().end() || at->name != name || at->what.expect != verdict::pass) continue;
    if (is_meant(c) || is_meant(*at)) all.push_back({.relacy = &c, .graph = &*at});
  }
  return all;
}

/// Searches each pair once.
void benchmark::measure(std::vector<twins>& all) {
  std::vector<job> jobs;
  std::vector<twins*> measured;
  for (twins& t : all) {
    double spent = 0;
    for (double const s : t.relacy_seconds) spent += s;
    if (spent > enough_of_a_case) continue;
    bounds long_enough = t.graph->limits;
    long_enough.seconds = longest_graph_search;
    jobs.push_back({.tested = t.relacy, .options = {.limits = t.relacy->limits}, .repeat_for = repeat_for});
    jobs.push_back({.tested = t.graph, .options = {.limits = long_enough}, .repeat_for = repeat_for});
    measured.push_back(&t);
  }
  std::vector<job_result> const results = run_jobs(jobs, 1, {.stop = stops});
  if (stops()) return;
  for (std::size_t i = 0; i != results.size(); ++i) {
    job_result const& r = results[i];
    if (!r.engine_failure.empty()) throw std::runtime_error(jobs[i].tested->name + ": " + r.engine_failure);
    twins& t = *measured[i / 2];
    bool const is_graph = i % 2 != 0;
    (is_graph ? t.graph_seconds : t.relacy_seconds).push_back(r.found.seconds);
    (is_graph ? t.graph_first : t.relacy_first).push_back(r.first_seconds);
    (is_graph ? t.graph_found : t.relacy_found) = r.found;
    if (is_graph) note_memory(r.peak_bytes, t.graph->name);
  }
}

void benchmark::tell(twins const& t) {
  ordered_json row{{"name", t.relacy->name}, {"graph", t.graph->name}, {"schedules", t.relacy_found.schedules},
                   {"executions", t.graph_found.schedules}, {"blocked", t.graph_found.blocked},
                   {"both_end", t.both_end()}, {"rounds", t.graph_seconds.size()},
                   {"relacy_seconds", median(t.relacy_seconds)}, {"graph_seconds", median(t.graph_seconds)},
                   {"times", t.times()}, {"relacy_first_seconds", median(t.relacy_first)},
                   {"graph_first_seconds", median(t.graph_first)}, {"times_first", t.times_first()}};
  json_["relacy"]["cases"].push_back(std::move(row));
  print("{:52} {:>9} {:>10} {:>11.3f} {:>10.3f} {:>8.1f} {:>8.1f}{}\n", t.relacy->name, t.relacy_found.schedules,
        t.graph_found.schedules + t.graph_found.blocked, 1e3 * median(t.relacy_seconds), 1e3 * median(t.graph_seconds),
        t.times(), t.times_first(), t.both_end() ? "" : "  not both exhaustive");
}

void benchmark::relacy() {
  std::vector<twins> all = all_twins();
  for (unsigned r = 0; r != rounds_ && !stops(); ++r) measure(all);
  if (!stops() && !all.empty()) tell_all(all);
}

void benchmark::tell_all(std::vector<twins> const& all) {
  bool first = true;
  std::vector<double> times;
  std::vector<double> times_first;
  for (twins const& t : all) {
    title(first, "What Relacy searches to its end, by both: milliseconds, medians of up to {} rounds, repeated for "
                 "{:.0f} ms; how many times as fast, also of a process's first search\n{:52} {:>9} {:>10} {:>11} "
                 "{:>10} {:>8} {:>8}",
          rounds_, 1e3 * repeat_for, "case", "schedules", "executions", "Relacy", "graph", "times", "first");
    tell(t);
    if (!t.both_end()) continue;
    times.push_back(t.times());
    times_first.push_back(t.times_first());
  }
  if (times.empty()) return;
  auto const reach = [](std::vector<double> const& a) {
    return std::ranges::count_if(a, [](double x) { return x >= part_of_relacy; });
  };
  print("{} cases: {} end by both; {} times as fast is asked for: {} reach it ({} with the first search), the median "
        "is {:.1f} times ({:.1f})\n",
        all.size(), times.size(), part_of_relacy, reach(times), reach(times_first), median(times), median(times_first));
  json_["relacy"].update({{"both_end", times.size()}, {"asked_for", part_of_relacy}, {"reach", reach(times)},
                          {"reach_first", reach(times_first)}, {"median", median(times)},
                          {"median_first", median(times_first)}});
}

void benchmark::bugs() {
  std::vector<test_case const*> cases;
  std::vector<job> jobs;
  for (test_case const& c : all_cases()) {
    if (c.limits.search != scheduler::graph || c.what.expect == verdict::pass || c.what.bug.empty() || !is_meant(c))
      continue;
    bounds limits = c.limits;
    limits.seconds = std::min(limits.seconds, longest_hunt);
    cases.push_back(&c);
    jobs.push_back({.tested = &c, .options = {.limits = limits}});
  }
  std::vector<job_result> const results = run_jobs(jobs, 1, {.stop = stops});
  if (!stops() && !cases.empty()) tell_bugs(cases, results);
}

void benchmark::tell_bugs(std::vector<test_case const*> const& cases, std::vector<job_result> const& results) {
  using row = std::pair<double, std::size_t>;
  std::vector<row> caught;
  bool first = true;
  for (std::size_t i = 0; i != results.size(); ++i) {
    title(first, "Bugs: seconds until the graph engine has one");
    job_result const& r = results[i];
    bool const is = r.engine_failure.empty() && r.found.result == cases[i]->what.expect;
    if (is) caught.emplace_back(r.found.seconds, i);
    if (!is) print("not as expected: {}: {}\n", cases[i]->name, verdict_of(r));
    note_memory(r.peak_bytes, cases[i]->name);
    json_["bugs"]["cases"].push_back({{"name", cases[i]->name}, {"caught", is}, {"verdict", verdict_of(r)},
                                      {"seconds", r.found.seconds}, {"executions", r.found.schedules},
                                      {"blocked", r.found.blocked}});
  }
  if (caught.empty()) return;
  std::ranges::sort(caught, std::greater());
  for (std::size_t i = 0; i != std::min(slowest_shown, caught.size()); ++i)
    print("{:78} {:>8.4f}\n", cases[caught[i].second]->name, caught[i].first);
  double const middle = caught[caught.size() / 2].first;
  print("{} of {} caught as expected; the slowest are above; median {:.6f} s; less than {} s is asked for: {}\n",
        caught.size(), cases.size(), middle, seconds_of_bug, met(middle < seconds_of_bug));
  json_["bugs"].update({{"caught", caught.size()}, {"of", cases.size()}, {"median_seconds", middle},
                        {"slowest_seconds", caught.front().first}, {"asked_for_seconds", seconds_of_bug}});
}

void benchmark::memory() {
  if (peak_ == 0) return;
  auto const bytes = static_cast<double>(peak_);
  print("\nMemory: at most {:.1f} MB resident, in {}; less than {:.0f} MB is asked for: {}\n", bytes / 1e6, largest_,
        bytes_of_case / 1e6, met(bytes < bytes_of_case));
  json_["memory"] = {{"peak_bytes", peak_}, {"name", largest_}, {"asked_for_bytes", bytes_of_case}};
}

}  // namespace

int bench(bench_arguments const& a) {
  unsigned const rounds = a.rounds ? program::number<unsigned>("--rounds", *a.rounds, 1, 100) : 5;
  if (a.json && a.json->empty()) throw usage_error("--json '': it must name a file, or be -");
  bool const prints_json = a.json == "-";
  std::optional<program::output_file> file;
  if (a.json && !prints_json) file.emplace(*a.json);
  benchmark b(a.only, rounds, !prints_json);
  for (auto const section : {&benchmark::rates, &benchmark::processes, &benchmark::relacy, &benchmark::bugs,
                             &benchmark::memory}) {
    if (!stops()) (b.*section)();
  }
  if (b.is_empty() && !stops()) throw usage_error(fmt::format("--only '{}': no row has this in its name", a.only));
  ordered_json j{{"program", program::program_name()}, {"provenance", program::provenance()}, {"rounds", rounds}};
  j.update(b.json());
  std::string const text = j.dump(1) + "\n";
  if (file && !stops()) file->commit(text);
  if (prints_json && !stops()) out().write(text);
  return program::as_expected;
}

}  // namespace surewake::verify
