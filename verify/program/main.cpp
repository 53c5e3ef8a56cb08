// surewake-verify, and main of every program that links surewake::verify_main: lists, runs and traces the cases that
// its files register (verify/README.md).
#include <surewake/verify/shared/command_line.hpp>
#include <surewake/verify/shared/output.hpp>
#include <surewake/verify/shared/program.hpp>
#include <surewake/verify/shared/provenance.hpp>
#include <surewake/verify/shared/references.hpp>
#include <surewake/verify/program/drawing_files.hpp>
#include <surewake/verify/program/report.hpp>
#include <surewake/verify/engine/seed.hpp>
#include <surewake/verify/engine/source_text.hpp>
#include <surewake/verify/program/bench.hpp>
#include <surewake/verify/program/litmus.hpp>
#include <surewake/verify/program/search.hpp>
#include <surewake/verify/program/select.hpp>
#include <surewake/verify/program/terminal_line.hpp>
#include <surewake/verify/program/weaken.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <set>
#include <sstream>
#include <thread>
#include <utility>

namespace surewake::verify {

namespace {

using program::interrupted;
using program::number;
using program::one_of;
using program::out;
using program::wrong;

constexpr double longest_search = 365.0 * 86'400;                        // seconds
constexpr std::uint64_t most_schedules = 1'000'000'000'000'000'000;
constexpr unsigned most_preemptions = 1'000;
constexpr unsigned most_jobs = 1'024;
constexpr unsigned widest = 100'000;  // columns
constexpr std::uint64_t most_mib = 1'000'000'000;

/// An option's text, which may be empty; nullopt: the option was not given.
using option = std::optional<std::string>;

template <class E> std::vector<std::pair<std::string, E>> by_name(std::initializer_list<E> all) {
  std::vector<std::pair<std::string, E>> choices;
  for (E const e : all) choices.emplace_back(to_string(e), e);
  return choices;
}

/// What the command line says.
struct arguments {
  std::vector<std::string> patterns{};
  std::string name{};
  option engine{};
  option search{};
  option model{};
  option schedules{};
  option executions{};
  option memory_limit{};
  option seconds{};
  option bound{};
  option seed{};
  option part{};
  option out{};
  option jobs{};
  option width{};
  option processes{};
  option save{};
  option resume{};
  option json{};
  option dot{};
  option format{};
  bool quiet = false;
  bool shortest = false;
  bool everything = false;
  bool check = false;
  bool reuse = false;
  option order_seconds{};
  std::vector<std::string> pairs{};
};

double seconds_of(arguments const& a) { return number<double>("--seconds", *a.seconds, 0.001, longest_search); }

enum class engines { relacy, graph, both };

engines engines_of(arguments const& a, char const* otherwise) {
  return one_of("--engine", a.engine.value_or(otherwise),
                std::array{std::pair{"relacy", engines::relacy}, std::pair{"graph", engines::graph},
                           std::pair{"both", engines::both}});
}

/// The case's bounds, changed as the command line wants.
bounds limits_of(test_case const& c, arguments const& a) {
  bool const own_bounds = !a.search && !a.bound && !a.schedules && !a.seconds;
  bounds b = own_bounds ? as_recorded(c) : c.limits;
  if (a.search) {
    b.search = one_of("--scheduler", *a.search,
                      by_name({scheduler::random, scheduler::bound, scheduler::full, scheduler::graph}));
  }
  if (a.model) b.model = one_of("--memory", *a.model == "cpp20" ? "c++" : *a.model,
                                by_name({memory::cxx, memory::sequential, memory::rc11}));
  if (a.bound) b.context_bound = number<unsigned>("--bound", *a.bound, 0, most_preemptions);
  if (a.reuse && b.search == scheduler::graph) b.reuse = true;
  bool const is_own_search = b.reuse == c.limits.reuse;
  // It ends, also where time is short.
  if (b.search == scheduler::graph && is_own_search && recorded_count(c.name)) b.seconds = 60;
  // Where all executions of a model instance are visited, schedules of Relacy's are a second opinion: those at random
  // are fewer, and a tree that does not end is left sooner.
  if (visited_on_graphs(c.name)) {
    if (b.search == scheduler::random) b.schedules /= 10;
    if (b.search == scheduler::bound && !recorded_count(c.name) && !recorded_preemptions(c.name)) b.seconds /= 4;
    if (b.search == scheduler::full && !recorded_count(c.name)) b.seconds /= 10;
  }
  if (a.executions && b.search == scheduler::graph) b.seconds = 1e9;
  // One of the two alone lifts the other: --seconds 60 searches for a minute, --schedules N until N are done.
  if (a.schedules) {
    b.schedules = number<std::uint64_t>("--schedules", *a.schedules, 1, most_schedules);
    b.seconds = 1e9;
  }
  if (a.seconds) {
    b.seconds = seconds_of(a);
    if (!a.schedules) b.schedules = ~std::uint64_t{0};
  }
  return b;
}

graph_limits graph_limits_of(arguments const& a) {
  graph_limits l;
  if (a.executions) l.executions = number<std::uint64_t>("--executions", *a.executions, 1, most_schedules);
  if (a.memory_limit)
    l.bytes = number<std::uint64_t>("--memory-limit", *a.memory_limit, 1, most_mib) * (std::uint64_t{1} << 20);
  return l;
}

unsigned parallel_of(arguments const& a) {
  if (a.processes) return number<unsigned>("--processes", *a.processes, 1, most_jobs);
  return a.jobs ? number<unsigned>("--jobs", *a.jobs, 1, most_jobs) : std::max(1U, std::thread::hardware_concurrency());
}

/// A result file, opened before anything runs, so that a wrong path costs nothing.
class result_file {
 public:
  explicit result_file(option const& path) {
    if (!path) return;
    format_ = format_of(*path);
    file_.emplace(*path);
  }
  [[nodiscard]] bool asked_for() const noexcept { return file_.has_value(); }
  template <class Csv, class Json> void write(Csv csv, Json json) {
    if (!file_) return;
    std::ostringstream text;
    format_ == format::csv ? csv(text) : json(text);
    file_->commit(text.str());
  }

 private:
  format format_ = format::csv;
  std::optional<program::output_file> file_{};
};

/// Tells the terminal how far searches are.
class progress_line {
 public:
  void show(progress_report const& p) {
    if (!line_.is_seen()) return;
    std::string left;
    if (p.done != 0) {
      auto const s =
          static_cast<unsigned>(p.seconds / static_cast<double>(p.done) * static_cast<double>(p.total - p.done));
      left = fmt::format(", about {}:{:02} left", s / 60, s % 60);
    }
    double const rate = p.seconds > 0 ? static_cast<double>(p.schedules) / p.seconds : 0;
    line_.show(fmt::format("[{}/{}] {} schedules, {}/s{}  {}", p.done, p.total, grouped(p.schedules),
                           grouped(static_cast<std::uint64_t>(rate)), left, p.running));
  }
  void clear() { line_.clear(); }

 private:
  terminal_line line_{};
};

/// Returns how wide a trace may be: as --width says, or the environment's COLUMNS, or the terminal; otherwise 0,
/// without a limit.
unsigned columns_of(arguments const& a) {
  if (a.width) return number<unsigned>("--width", *a.width, 1, widest);
  if (char const* const columns = std::getenv("COLUMNS")) {
    try {
      return number<unsigned>("COLUMNS", columns, 1, widest);
    } catch (usage_error const&) {  // the shell's affair
    }
  }
  winsize size{};
  if (isatty(STDOUT_FILENO) != 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) return size.ws_col;
  return 0;
}

/// Ends searches after a signal, and where no reader will see what they find.
run_hooks hooks_with(progress_line& line, bool results_wanted = false) {
  return {.progress = [&line](progress_report const& p) { line.show(p); },
          .stop = [results_wanted] { return interrupted() != 0 || (out().broken() && !results_wanted); }};
}

int status_of(std::vector<result_row> const& rows) {
  if (std::ranges::any_of(rows, &result_row::failed)) return program::could_not;
  return std::ranges::all_of(rows, &result_row::as_expected) ? program::as_expected : program::differs;
}

int list(arguments const& a) {
  std::string model;
  for (test_case const* const c : select(all_cases(), a.patterns)) {
    if (interrupted() != 0 || out().broken()) break;
    if (std::exchange(model, c->model) != c->model)
      out().print("{}{}\n", model == all_cases().front().model ? "" : "\n", c->model);
    std::string limits(to_string(c->limits.search));
    if (c->limits.search == scheduler::bound) limits += fmt::format(" {}", c->limits.context_bound);
    if (c->limits.model != memory::cxx) limits += fmt::format(", {}", to_string(c->limits.model));
    out().print("  {:<58} {:<12} {:<10} {}\n", c->name, to_string(c->what.expect), limits, c->what.question);
  }
  return program::as_expected;
}

int run(arguments const& a, bool bugs_only) {
  shard const part = a.part ? parse_shard(*a.part) : shard{};
  std::vector<test_case> all = all_cases();
  if (bugs_only) std::erase_if(all, [](test_case const& c) { return c.what.bug.empty(); });
  if (engines const engine = engines_of(a, "both"); engine != engines::both) {
    bool const graphs = engine == engines::graph;
    std::erase_if(all, [&](test_case const& c) { return (limits_of(c, a).search == scheduler::graph) != graphs; });
  }
  std::vector<test_case const*> const cases = select(all, a.patterns, part);
  if (a.reuse && std::ranges::none_of(cases, [&](auto* c) { return limits_of(*c, a).search == scheduler::graph; }))
    throw usage_error("--reuse: none of the cases is one of the graph engine; Relacy always reuses memory");
  if (a.seed && parse_seed(*a.seed).search != scheduler::random) {
    throw usage_error(fmt::format("--seed {}: a run starts at a number; a single schedule is shown by trace", *a.seed));
  }
  unsigned const parallel = parallel_of(a);
  result_file file(a.out);

  std::vector<job> jobs;
  std::vector<result_row> rows;
  for (test_case const* const c : cases) {
    bounds const limits = limits_of(*c, a);
    if (limits.model == memory::rc11 && limits.search != scheduler::graph)
      throw usage_error("--memory rc11: the graph engine alone has it: --engine graph");
    std::string const seed =
        limits.search != scheduler::random || !a.seed
            ? ""
            : (limits.model == memory::sequential && !a.seed->starts_with("sc.") ? "sc." : "") + *a.seed;
    jobs.push_back({c, {.limits = limits, .on_graphs = graph_limits_of(a), .seed = seed}});
    rows.push_back({.tested = c, .limits = limits, .result = {.engine_failure = std::string(not_run)}});
  }

  program::add_provenance("first_seed", fmt::format("random schedules from seed {}", a.seed.value_or("1")));
  out().print("{}\n", program::provenance_line());
  out().flush();
  progress_line line;
  run_hooks hooks = hooks_with(line, file.asked_for());
  std::vector<bool> ended(rows.size());
  std::size_t next = 0;
  double seconds = 0;
  hooks.done = [&](std::size_t i, job_result const& r) {
    rows[i].result = r;
    ended[i] = true;
    // In the order of the names, so that two runs can be compared.
    for (; next != rows.size() && ended[next]; ++next) {
      if (a.quiet && rows[next].as_expected()) continue;
      line.clear();
      out().print("{}\n", line_of(rows[next]));
    }
    out().flush();
  };
  auto const show = hooks.progress;
  hooks.progress = [&](progress_report const& p) {
    seconds = p.seconds;
    show(p);
  };
  std::vector<job_result> results = run_jobs(jobs, parallel, hooks);
  for (std::size_t i = 0; i != rows.size(); ++i) rows[i].result = std::move(results[i]);
  line.clear();

  file.write([&](std::ostream& o) { write_csv(o, rows, part.index == 1); },
             [&](std::ostream& o) { write_json(o, rows); });
  if (interrupted() != 0) out().print("interrupted\n");
  out().print("{}\n", summary_of(rows, seconds));
  return status_of(rows);
}

/// Finds the failing schedule with the fewest steps among those that a few searches find.
job_result find_shortest(test_case const& c, bounds const& limits, run_hooks const& hooks) {
  auto const run_one = [&hooks](job const& j) { return run_jobs({j}, 1, hooks).front(); };
  job_result best;
  auto const better = [&best](job_result const& r) {
    if (r.engine_failure.empty() && r.found.result != verdict::pass &&
        (best.found.seed.empty() || r.found.steps < best.found.steps)) {
      best = r;
    }
  };
  bounds tree = limits;
  tree.search = scheduler::bound;
  tree.seconds = std::min(limits.seconds, 10.0);
  tree.schedules = std::max<std::uint64_t>(limits.schedules, 1'000'000);
  for (tree.context_bound = 0; tree.context_bound != 4 && !hooks.stop(); ++tree.context_bound) {
    better(run_one({&c, {.limits = tree}}));
    if (!best.found.seed.empty()) break;  // the fewest preemptions: the easiest to understand
  }
  bounds random = limits;
  random.search = scheduler::random;
  std::string seed = limits.model == memory::sequential ? "sc.1" : "1";
  for (int tries = 0; tries != 100 && !hooks.stop(); ++tries) {
    job_result const r = run_one({&c, {.limits = random, .seed = seed}});
    if (!r.engine_failure.empty() || r.found.result == verdict::pass) break;
    better(r);
    schedule_name next = parse_seed(r.found.seed);
    next.state = std::to_string(std::stoull(next.state) + 1);
    seed = to_seed(next);
  }
  if (best.found.seed.empty()) return run_one({&c, {.limits = limits}});
  return best;
}

/// Says what a trace is of where there is none to show. Standard output may be that of a drawing.
void tell_no_trace(result_row const& row, bool on_error) {
  bool const on_graphs = row.limits.search == scheduler::graph;
  std::string const text = fmt::format("{}\n{}\n{}\n", line_of(row),
                                       on_graphs ? "No execution failed, so there is none to show."
                                                 : "No schedule failed, so there is none to show; --seed N shows the "
                                                   "N-th random one.",
                                       program::provenance_line());
  on_error ? static_cast<void>(std::fputs(text.c_str(), stderr)) : out().write(text);
}

int trace(arguments const& a) {
  test_case const& c = find_case(all_cases(), a.name);
  bounds limits = limits_of(c, a);
  unsigned const columns = columns_of(a);
  std::string seed = a.seed.value_or("");
  if (a.seed && a.shortest) throw usage_error("--seed and --shortest exclude each other");
  scheduler const searched = a.seed ? parse_seed(seed).search : a.shortest ? scheduler::bound : limits.search;
  if (a.reuse && searched != scheduler::graph)
    throw usage_error("--reuse: this is a schedule by Relacy, which always reuses memory: a case …@graph has it");
  drawing_files drawings(a.json, a.dot);
  bool const on_graphs = searched == scheduler::graph;
  if (a.dot && !on_graphs) {
    throw usage_error("--dot is of an execution, and this is a schedule by Relacy: a case …@graph, or a seed graph.…, "
                      "has it");
  }
  progress_line line;
  run_hooks const hooks = hooks_with(line);
  auto const failed = [&](std::string const& why) {
    if (interrupted() != 0) {
      out().print("interrupted\n");
    } else {
      static_cast<void>(wrong(fmt::format("{}: {}", c.name, why), 0));
    }
    return program::could_not;
  };
  if (!a.seed) {
    engine_options const first{.limits = limits, .on_graphs = graph_limits_of(a)};
    job_result const found =
        a.shortest ? find_shortest(c, limits, hooks) : run_jobs({{&c, first}}, 1, hooks).front();
    line.clear();
    if (!found.engine_failure.empty()) return failed(found.engine_failure);
    if (found.found.seed.empty()) {
      tell_no_trace({.tested = &c, .limits = limits, .result = found}, drawings.take_output());
      return c.what.expect == found.found.result ? program::as_expected : program::differs;
    }
    seed = found.found.seed;
  }
  schedule_name const which = parse_seed(seed);
  limits.search = which.search;
  limits.model = which.model;
  limits.context_bound = which.context_bound;
  result_row const row{
      .tested = &c, .limits = limits,
      .result = run_jobs({{&c, {.limits = limits, .seed = seed, .replay = true, .trace = true}}}, 1, hooks).front()};
  line.clear();
  if (row.failed()) return failed(fmt::format("seed {}: {}", seed, row.result.engine_failure));
  if (drawings.asked_for()) drawings.write(json_of_trace(row, seed, a.everything));
  if (drawings.take_output()) return row.as_expected() ? program::as_expected : program::differs;
  out().print("{}seed {}, {} steps, {} memory\n{}\n",
              trace_of(row, {.everything = a.everything, .columns = columns, .columns_asked_for = a.width.has_value()}),
              seed, row.result.found.steps, to_string(limits.model), program::provenance_line());
  return row.as_expected() ? program::as_expected : program::differs;
}

/// Prints what the headers cite that the cases execute in a random schedule (of the model, the strategy, the discipline
/// and what is below them), and the engines. Of a model that Relacy does not search it is the engine alone. Without a
/// pattern: what any header cites, since the search for all of them takes minutes.
int cite(arguments const& a) {
  std::string const format = a.format.value_or("bibtex");
  static_cast<void>(program::citations_of({}, format, "", ""));  // a wrong format is told before the search
  auto const write = [&](std::set<std::string> const& files) {
    std::vector<program::source> all;
    for (std::string const& file : files) program::add_sources(all, program::cited_by(file));
    auto const fact = [](char const* name) { return program::provenance().at(name).get<std::string>(); };
    out().write(program::citations_of(all, format, fact("version"), fact("commit")));
    return program::as_expected;
  };
  if (a.patterns.empty()) return write(program::citing_headers());
  std::vector<test_case> const every = all_cases();
  std::vector<job> jobs;
  std::set<std::string> instances;  // of a model: its searches execute the same
  std::set<std::string> files;
  for (test_case const* const c : select(every, a.patterns)) {
    bool const on_graphs = c->limits.search == scheduler::graph;
    files.insert(on_graphs ? "verify/engine/graph/explorer.hpp" : "verify/engine/relacy_engine.hpp");
    std::string const instance = c->name.substr(0, c->name.find('@'));
    bool const by_relacy = std::ranges::any_of(every, [&](test_case const& other) {
      return other.limits.search != scheduler::graph && other.name.substr(0, other.name.find('@')) == instance;
    });
    if (!by_relacy || !instances.insert(instance).second) continue;
    bounds limits = c->limits;
    limits.search = scheduler::random;
    limits.reuse = false;
    jobs.push_back({c, {.limits = limits, .seed = "1", .replay = true, .trace = true}});
  }
  progress_line line;
  run_hooks hooks = hooks_with(line);
  std::string failed;
  hooks.done = [&](std::size_t i, job_result const& r) {
    if (!r.engine_failure.empty()) failed = fmt::format("{}: {}", jobs[i].tested->name, r.engine_failure);
    for (step const& s : r.found.trace) files.insert(s.file);
  };
  static_cast<void>(run_jobs(jobs, parallel_of(a), hooks));
  line.clear();
  return failed.empty() ? write(files) : wrong(failed, program::could_not);
}

int search_command(arguments const& a) {
  test_case const& c = find_case(all_cases(), a.name);
  search_request r{.tested = &c, .limits = limits_of(c, a), .on_graphs = graph_limits_of(a)};
  r.processes = parallel_of(a);
  if (c.limits.search != scheduler::graph) {
    throw usage_error(fmt::format("search: {} is searched by Relacy; search takes cases of the graph engine, …@graph",
                                  c.name));
  }
  if (!a.seconds) r.limits.seconds = 1e9;
  r.limits.schedules = ~std::uint64_t{0};
  for (auto const& [name, file] : {std::pair("--resume", &a.resume), std::pair("--save", &a.save)}) {
    if (*file && (*file)->empty()) throw usage_error(fmt::format("{} '': it must be a file", name));
  }
  r.resume = a.resume.value_or("");
  r.save = a.save.value_or(r.resume.string());
  r.columns = columns_of(a);
  result_file file(a.out);
  search_report const done = search(r);
  std::vector<result_row> const rows{done.row};
  file.write([&](std::ostream& o) { write_csv(o, rows, true); }, [&](std::ostream& o) { write_json(o, rows); });
  return done.saved ? status_of(rows) : program::could_not;
}

/// Returns the cases that show whether an order is missed: those of an engine that pass with all orders.
std::vector<test_case const*> cases_to_weaken(std::vector<test_case>& all, arguments const& a) {
  engines const engine = engines_of(a, "graph");
  if (engine != engines::both)
    std::erase_if(all, [&](auto& c) { return (c.limits.search == scheduler::graph) != (engine == engines::graph); });
  std::vector<test_case const*> cases = select(all, a.patterns);
  std::erase_if(cases, [](test_case const* c) {
    return c->what.expect != verdict::pass || c->limits.model != memory::cxx || !c->claims.empty();
  });
  if (cases.empty()) throw usage_error("of the cases selected none expects to pass");
  return cases;
}

int weaken(arguments const& a) {
  weaken_limits limits;
  if (a.seconds) limits.each_case = seconds_of(a);
  if (a.order_seconds)
    limits.each_order = number<double>("--order-seconds", *a.order_seconds, 0.001, longest_search);
  unsigned const parallel = parallel_of(a);
  std::vector<test_case> all = all_cases();
  for (test_case& c : all) c.limits.reuse = c.limits.reuse || a.reuse;
  std::vector<test_case const*> const cases = cases_to_weaken(all, a);
  result_file file(a.out);
  progress_line line;
  run_hooks const hooks = hooks_with(line, file.asked_for());
  std::vector<weakening> plan = plan_weakenings(cases, a.name, a.pairs, parallel, hooks);
  line.clear();
  out().print("{}\n", program::provenance_line());
  std::size_t done = 0;
  std::size_t caught = 0;
  run_weakenings(
      plan, limits, parallel,
      [&](weakening const& w) {
        line.clear();
        out().print("{}\n", line_of(w));
        out().flush();
        caught += w.by != nullptr ? 1 : 0;
        line.show({.done = ++done, .total = plan.size()});
      },
      hooks.stop);
  line.clear();
  file.write([&](std::ostream& o) { write_csv(o, plan); }, [&](std::ostream& o) { write_json(o, plan); });
  auto const lost = static_cast<std::size_t>(
      std::ranges::count_if(plan, [](weakening const& w) { return !w.engine_failure.empty(); }));
  if (interrupted() != 0) {
    out().print("interrupted\n");
  } else {
    for (std::string const& at : lines_not_executed(plan))
      out().print("{} was executed by no case, so its order was not lowered\n", at);
  }
  out().print("{} orders lowered, one at a time: {} caught, {} survived{}\n", plan.size(), caught,
              plan.size() - caught - lost, lost != 0 ? fmt::format(", {} without a verdict", lost) : "");
  return lost != 0 ? program::could_not : program::as_expected;
}

int main_of(int argc, char** argv) {
  arguments a;
  CLI::App app("Searches surewake's models for lost wakeups, races, leaks and broken laws.", program::program_name());
  app.require_subcommand(1);
  app.footer("A pattern is a part of a case's name, or the whole of it with * and ?.\n\n" +
             program::exit_status_help("a verdict differs", "an engine failed, a case did not run"));
  app.set_version_flag("--version", [] { return program::version_text(); });
  auto const patterns = [&a](CLI::App* sub) { sub->add_option("pattern", a.patterns, "cases; without one: all"); };
  auto const searching = [&a](CLI::App* sub) {
    sub->add_option("--scheduler", a.search, "random, bound, full or graph, instead of the case's own");
    sub->add_option("--bound", a.bound, "preemptions in a schedule of the bound search, 0 to 1000");
    sub->add_option("--memory", a.model, "c++ (or cpp20), sc for sequential consistency, or rc11, which graph has");
    sub->add_option("--schedules", a.schedules,
                    "search so many schedules of each case, 1 to 10^18, however long it takes");
    sub->add_option("--seconds", a.seconds,
                    "search each case for so long, 0.001 to 31536000, however many schedules that are");
  };
  auto const limiting = [&a](CLI::App* sub) {
    sub->add_option("--executions", a.executions,
                    "of a case …@graph: search so many executions, 1 to 10^18, however long it takes");
    sub->add_option("--memory-limit", a.memory_limit,
                    "of a case …@graph: search until it needs so many MiB, 1 to 1000000000");
  };
  auto const reusing = [&a](CLI::App* sub) {
    sub->add_flag("--reuse", a.reuse, "of a case …@graph: freed memory may be given again, wherever that is ordered");
  };
  auto const running = [&a, &searching, &limiting, &reusing, &patterns](CLI::App* sub) {
    patterns(sub);
    searching(sub);
    limiting(sub);
    reusing(sub);
    sub->add_option("--engine", a.engine, "relacy or graph: search its cases only; both without it");
    sub->add_option("--seed", a.seed, "the first random schedule, a number from 1 on; 1 without it");
    sub->add_option("--shard", a.part,
                    "i/n: the i-th of n parts; only the first one's CSV has the line of column names");
    sub->add_option("--out", a.out, "write the results to a .csv or .json file");
    sub->add_option("-j,--jobs", a.jobs, "searches at a time, 1 to 1024; the number of processors without it");
    sub->add_flag("-q,--quiet", a.quiet, "print only what is not as expected, and the summary");
  };
  CLI::App* const list_command =
      app.add_subcommand("list", "every case, the verdict it expects, its search and its question");
  patterns(list_command);
  CLI::App* const run_command = app.add_subcommand("run", "search cases; each must end with the verdict it expects");
  running(run_command);
  CLI::App* const bugs_command = app.add_subcommand("bugs", "search the cases with a bug; each must be caught");
  running(bugs_command);
  CLI::App* const trace_command = app.add_subcommand("trace", "show one schedule of a case, step by step");
  trace_command->add_option("case", a.name, "its full name")->required();
  trace_command->add_option("--seed", a.seed,
                            "which schedule, as a run prints it; without it the first one that fails");
  trace_command->add_flag("--shortest", a.shortest, "look for a failing schedule of few preemptions and steps");
  trace_command->add_flag("--all", a.everything, "plain accesses, memory and the model's construction too");
  trace_command->add_option("--width", a.width,
                            "columns a line may have, 1 to 100000; else as COLUMNS says, or the terminal, or no limit");
  searching(trace_command);
  limiting(trace_command);
  reusing(trace_command);
  trace_command->add_option(
      "--json", a.json, "write to a file the execution of a case …@graph, or a schedule's steps; - is standard output");
  trace_command->add_option("--dot", a.dot, "of a case …@graph: the same as a drawing, for Graphviz's dot");
  CLI::App* const search_sub = app.add_subcommand(
      "search", "visit every execution of one case …@graph, in several processes, now or later");
  search_sub->add_option("case", a.name, "its full name")->required();
  search_sub->add_option("-j,--processes", a.processes,
                         "that search, 1 to 1024; the number of processors without it. It changes no number");
  search_sub->add_option("--save", a.save,
                         "where what is left goes at the end, and every minute; the file of --resume without it");
  search_sub->add_option("--resume", a.resume, "go on with what an earlier search left in this file");
  search_sub->add_option("--memory", a.model, "c++ (or cpp20), sc for sequential consistency, or rc11");
  search_sub->add_option("--seconds", a.seconds,
                         "of processor time of all processes together, 0.001 to 31536000; without it: to the end");
  limiting(search_sub);
  reusing(search_sub);
  search_sub->add_option("--out", a.out, "write the result to a .csv or .json file");
  CLI::App* const weaken_command =
      app.add_subcommand("weaken", "lower one memory order of a header at a time and search again");
  weaken_command->add_option("header", a.name, "such as core/semaphore/hand_off.hpp")->required();
  patterns(weaken_command);
  weaken_command->add_option("--engine", a.engine, "graph, relacy or both: whose cases are searched; graph without it");
  reusing(weaken_command);
  weaken_command->add_option("--pair", a.pairs, "C1+C2: all operations with one of two labels at once, besides");
  weaken_command->add_option("--seconds", a.seconds, "at most so long with each case, 0.001 to 31536000; 5 without it");
  weaken_command->add_option("--order-seconds", a.order_seconds,
                             "start no more cases for an order after so long; 60 without it");
  weaken_command->add_option("--out", a.out, "write the results to a .csv or .json file");
  weaken_command->add_option("-j,--jobs", a.jobs, "searches at a time, 1 to 1024; the number of processors without it");
  CLI::App* const litmus_command =
      app.add_subcommand("litmus", "every execution of small programs, as JSON lines: how many, final states, races");
  litmus_command->add_option("file", a.name, "a program in each line, as JSON; - is standard input")->required();
  litmus_command->add_option("--memory", a.model, "sc, rc11 or cpp20; all three without it");
  litmus_command->add_flag("--check", a.check, "compare with what the file expects");
  CLI::App* const export_command = app.add_subcommand("export", "write small programs as litmus tests for herd7");
  export_command->add_option("file", a.name, "a program in each line, as JSON; - is standard input")->required();
  export_command->add_option("pattern", a.patterns, "programs; without one: all");
  export_command->add_option("--out", a.out, "the folder for them, a file for each; standard output without it");
  CLI::App* const cite_command =
      app.add_subcommand("cite", "what a paper must cite for cases: the sources of what they execute");
  patterns(cite_command);
  cite_command->add_option("--format", a.format, "bibtex or cff; bibtex without it");
  cite_command->add_option("-j,--jobs", a.jobs, "cases at a time, 1 to 1024; the number of processors without it");
  bench_arguments bench_of;
  CLI::App* const bench_command =
      app.add_subcommand("bench", "how fast the graph engine is: executions a second, and beside Relacy; 2 minutes");
  bench_command->add_option("--only", bench_of.only, "only rows with this in their name");
  bench_command->add_option("--rounds", bench_of.rounds, "how often each row is measured, 1 to 100; 5 without it");
  bench_command->add_option("--json", bench_of.json, "write the results to a file; - is standard output");

  for (CLI::App* const command : app.get_subcommands({})) command->footer(app.get_footer());

  if (auto const status = program::read_arguments(app, argc, argv)) return *status;

  for (std::string const& e : registration_errors()) static_cast<void>(wrong(e, 0));
  if (!registration_errors().empty()) return program::could_not;
  try {
    if (litmus_command->parsed()) return litmus(a.name, a.model, a.check);
    if (bench_command->parsed()) return bench(bench_of);
    if (cite_command->parsed()) return cite(a);
    if (export_command->parsed()) return export_programs(a.name, a.patterns, a.out);
    static_cast<void>(limits_of(test_case{}, a));
    static_cast<void>(graph_limits_of(a));
    if (list_command->parsed()) return list(a);
    if (trace_command->parsed()) return trace(a);
    if (search_sub->parsed()) return search_command(a);
    if (weaken_command->parsed()) return weaken(a);
    return run(a, bugs_command->parsed());
  } catch (usage_error const& e) {
    // A plan that was cut short lacks what the command line names.
    return interrupted() != 0 || out().broken() ? program::could_not : wrong(e.what(), program::wrong_usage);
  } catch (std::invalid_argument const& e) {  // a seed
    return wrong(e.what(), program::wrong_usage);
  } catch (std::exception const& e) {
    return wrong(e.what(), program::could_not);
  }
}

}  // namespace

}  // namespace surewake::verify

int main(int argc, char** argv) {
  std::string_view const called = argc > 0 ? argv[0] : "surewake-verify";
  std::string const name(called.substr(called.rfind('/') + 1));
  surewake::program::prepare(name.c_str(), argc, argv);
  if (name != "surewake-verify") surewake::program::add_provenance("program", name + " (surewake-verify)");
  if (std::string_view const by = surewake::verify::cases_built_by(); !by.empty())
    surewake::program::add_provenance("cases_compiler", fmt::format("cases by {}", by));
  surewake::program::add_provenance("engine_version", surewake::verify::engine_version());
  return surewake::program::out().finish(surewake::verify::main_of(argc, argv));
}
