// surewake-verify: lists, runs and traces the cases of verify/cases (README.md).
#include <surewake/verify/report.hpp>
#include <surewake/verify/seed.hpp>
#include <surewake/verify/select.hpp>
#include <surewake/verify/weaken.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <thread>

namespace surewake::verify {

namespace {

enum exit_status : int { as_expected = 0, verdict_differs = 1, engine_failed = 2, wrong_usage = 64 };

std::sig_atomic_t volatile interrupted = 0;

/// A number of at least `least`, and nothing behind it.
template <class T> T number(char const* option, std::string const& text, T least) {
  T value{};
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    throw usage_error(fmt::format("{} {}: not a number", option, text));
  if (!(value >= least)) throw usage_error(fmt::format("{} {}: at least {}", option, text, least));
  return value;
}

template <class E> E one_of(char const* option, std::string const& text, std::initializer_list<E> all) {
  std::string names;
  for (E const e : all) {
    if (text == to_string(e)) return e;
    names += (names.empty() ? "" : ", ") + std::string(to_string(e));
  }
  throw usage_error(fmt::format("{} {}: one of {}", option, text, names));
}

/// What the command line says; empty: nothing.
struct arguments {
  std::vector<std::string> patterns{};
  std::string name{};
  std::string engine = "relacy";
  std::string search{};
  std::string model{};
  std::string schedules{};
  std::string seconds{};
  std::string bound{};
  std::string seed{};
  std::string part{};
  std::string out{};
  std::string jobs{};
  bool quiet = false;
  bool shortest = false;
  bool everything = false;
};

/// The case's bounds, changed as the command line wants.
bounds limits_of(test_case const& c, arguments const& a) {
  bounds b = c.limits;
  if (!a.search.empty())
    b.search = one_of("--scheduler", a.search, {scheduler::random, scheduler::bound, scheduler::full});
  if (!a.model.empty()) b.model = one_of("--memory", a.model, {memory::cxx, memory::sequential});
  if (!a.bound.empty()) b.context_bound = number<unsigned>("--bound", a.bound, 0);
  // One of the two alone lifts the other: --seconds 60 searches for a minute, --schedules N until N are done.
  if (!a.schedules.empty()) {
    b.schedules = number<std::uint64_t>("--schedules", a.schedules, 1);
    b.seconds = 1e9;
  }
  if (!a.seconds.empty()) {
    b.seconds = number<double>("--seconds", a.seconds, 0.001);
    if (a.schedules.empty()) b.schedules = ~std::uint64_t{0};
  }
  return b;
}

unsigned parallel_of(arguments const& a) {
  return a.jobs.empty() ? std::max(1U, std::thread::hardware_concurrency()) : number<unsigned>("-j", a.jobs, 1);
}

/// A result file, opened before anything runs, so that a wrong path costs nothing.
class output_file {
 public:
  explicit output_file(std::string const& path) : path_(path) {
    if (path.empty()) return;
    format_ = format_of(path);
    file_.open(path);
    if (!file_) throw usage_error(fmt::format("--out {}: cannot be written", path));
  }
  template <class Csv, class Json> void write(Csv csv, Json json) {
    if (path_.empty()) return;
    format_ == format::csv ? csv(file_) : json(file_);
    file_.close();
    if (!file_) throw std::runtime_error(fmt::format("{} could not be written", path_));
  }

 private:
  std::string path_;
  format format_ = format::csv;
  std::ofstream file_{};
};

/// A line on the terminal that is rewritten; nothing where standard error is none.
class progress_line {
 public:
  void show(progress_report const& p) {
    if (!terminal_) return;
    std::string left;
    if (p.done != 0) {
      auto const s =
          static_cast<unsigned>(p.seconds / static_cast<double>(p.done) * static_cast<double>(p.total - p.done));
      left = fmt::format(", about {}:{:02} left", s / 60, s % 60);
    }
    double const rate = p.seconds > 0 ? static_cast<double>(p.schedules) / p.seconds : 0;
    std::string line = fmt::format("[{}/{}] {} schedules, {}/s{}  {}", p.done, p.total, grouped(p.schedules),
                                   grouped(static_cast<std::uint64_t>(rate)), left, p.running);
    winsize size{};
    std::size_t const columns = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80U;
    line.resize(std::min(line.size(), columns - 1));
    fmt::print(stderr, "\r\x1b[K{}", line);
    std::fflush(stderr);
    shown_ = true;
  }
  void clear() {
    if (std::exchange(shown_, false)) fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
  }

 private:
  bool terminal_ = isatty(STDERR_FILENO) != 0;
  bool shown_ = false;
};

unsigned terminal_columns() {
  winsize size{};
  if (isatty(STDOUT_FILENO) != 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 40)
    return size.ws_col;
  return 160;
}

run_hooks hooks_with(progress_line& line) {
  return {.progress = [&line](progress_report const& p) { line.show(p); }, .stop = [] { return interrupted != 0; }};
}

int status_of(std::vector<result_row> const& rows) {
  if (std::ranges::any_of(rows, &result_row::failed)) return engine_failed;
  return std::ranges::all_of(rows, &result_row::as_expected) ? as_expected : verdict_differs;
}

int list(arguments const& a) {
  std::string model;
  for (test_case const* const c : select(all_cases(), a.patterns)) {
    if (std::exchange(model, c->model) != c->model)
      fmt::print("{}{}\n", model == all_cases().front().model ? "" : "\n", c->model);
    std::string limits(to_string(c->limits.search));
    if (c->limits.search == scheduler::bound) limits += fmt::format(" {}", c->limits.context_bound);
    if (c->limits.model != memory::cxx) limits += fmt::format(", {}", to_string(c->limits.model));
    fmt::print("  {:<58} {:<12} {:<10} {}\n", c->name, to_string(c->what.expect), limits, c->what.question);
  }
  return as_expected;
}

int run(arguments const& a, bool bugs_only) {
  shard const part = a.part.empty() ? shard{} : parse_shard(a.part);
  output_file out(a.out);
  std::vector<test_case> all = all_cases();
  if (bugs_only) std::erase_if(all, [](test_case const& c) { return c.what.bug.empty(); });
  std::vector<test_case const*> const cases = select(all, a.patterns, part);
  if (!a.seed.empty() && parse_seed(a.seed).search != scheduler::random) {
    throw usage_error(fmt::format("--seed {}: a run starts at a number; a single schedule is shown by trace", a.seed));
  }

  std::vector<job> jobs;
  std::vector<result_row> rows;
  for (test_case const* const c : cases) {
    bounds const limits = limits_of(*c, a);
    std::string const seed =
        limits.search != scheduler::random || a.seed.empty()
            ? ""
            : (limits.model == memory::sequential && !a.seed.starts_with("sc.") ? "sc." : "") + a.seed;
    jobs.push_back({c, {.limits = limits, .seed = seed}});
    rows.push_back({.tested = c, .limits = limits, .result = {.engine_failure = std::string(not_run)}});
  }

  progress_line line;
  run_hooks hooks = hooks_with(line);
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
      fmt::print("{}\n", line_of(rows[next]));
    }
    std::fflush(stdout);
  };
  auto const show = hooks.progress;
  hooks.progress = [&](progress_report const& p) {
    seconds = p.seconds;
    show(p);
  };
  std::vector<job_result> results = run_jobs(jobs, parallel_of(a), hooks);
  for (std::size_t i = 0; i != rows.size(); ++i) rows[i].result = std::move(results[i]);
  line.clear();

  out.write([&](std::ostream& o) { write_csv(o, rows, part.index == 1); },
            [&](std::ostream& o) { write_json(o, rows); });
  if (interrupted != 0) fmt::print("interrupted\n");
  fmt::print("{}\n", summary_of(rows, seconds));
  return status_of(rows);
}

/// The failing schedule with the fewest steps among those that a few searches find.
job_result find_shortest(test_case const& c, bounds const& limits) {
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
  for (tree.context_bound = 0; tree.context_bound != 4 && interrupted == 0; ++tree.context_bound) {
    better(run_job({&c, {.limits = tree}}));
    if (!best.found.seed.empty()) break;  // the fewest preemptions: the easiest to understand
  }
  bounds random = limits;
  random.search = scheduler::random;
  std::string seed = limits.model == memory::sequential ? "sc.1" : "1";
  for (int tries = 0; tries != 100 && interrupted == 0; ++tries) {
    job_result const r = run_job({&c, {.limits = random, .seed = seed}});
    if (!r.engine_failure.empty() || r.found.result == verdict::pass) break;
    better(r);
    schedule_name next = parse_seed(r.found.seed);
    next.state = std::to_string(std::stoull(next.state) + 1);
    seed = to_seed(next);
  }
  if (best.found.seed.empty()) return run_job({&c, {.limits = limits}});
  return best;
}

int trace(arguments const& a) {
  test_case const& c = find_case(all_cases(), a.name);
  bounds limits = limits_of(c, a);
  std::string seed = a.seed;
  if (!seed.empty() && a.shortest) throw usage_error("--seed and --shortest exclude each other");
  if (seed.empty()) {
    job_result const found = a.shortest ? find_shortest(c, limits) : run_job({&c, {.limits = limits}});
    if (!found.engine_failure.empty()) {
      fmt::print(stderr, "surewake-verify: {}: {}\n", c.name, found.engine_failure);
      return engine_failed;
    }
    if (found.found.seed.empty()) {
      fmt::print("{}\n", line_of({.tested = &c, .limits = limits, .result = found}));
      fmt::print("No schedule failed, so there is none to show; --seed N shows the N-th random one.\n");
      return c.what.expect == found.found.result ? as_expected : verdict_differs;
    }
    seed = found.found.seed;
  }
  schedule_name const which = parse_seed(seed);
  limits.search = which.search;
  limits.model = which.model;
  limits.context_bound = which.context_bound;
  result_row const row{.tested = &c, .limits = limits,
                       .result = run_job({&c, {.limits = limits, .seed = seed, .replay = true, .trace = true}})};
  if (row.failed()) {
    fmt::print(stderr, "surewake-verify: {}: seed {}: {}\n", c.name, seed, row.result.engine_failure);
    return engine_failed;
  }
  fmt::print("{}seed {}, {} steps, {} memory\n",
             trace_of(row, {.everything = a.everything, .columns = terminal_columns()}), seed, row.result.found.steps,
             to_string(limits.model));
  return row.as_expected() ? as_expected : verdict_differs;
}

int weaken(arguments const& a) {
  output_file out(a.out);
  double const seconds = a.seconds.empty() ? 5 : number<double>("--seconds", a.seconds, 0.001);
  std::vector<test_case const*> cases = select(all_cases(), a.patterns);
  std::erase_if(cases,
                [](test_case const* c) {
    return c->what.expect != verdict::pass || c->limits.model != memory::cxx || !c->claims.empty();
  });
  if (cases.empty()) throw usage_error("of the cases selected none expects to pass");
  progress_line line;
  std::vector<weakening> plan = plan_weakenings(cases, a.name, parallel_of(a), hooks_with(line));
  line.clear();
  std::size_t done = 0;
  std::size_t caught = 0;
  run_weakenings(
      plan, seconds, parallel_of(a),
      [&](weakening const& w) {
        line.clear();
        fmt::print("{}\n", line_of(w));
        std::fflush(stdout);
        caught += w.by != nullptr ? 1 : 0;
        line.show({.done = ++done, .total = plan.size()});
      },
      [] { return interrupted != 0; });
  line.clear();
  out.write([&](std::ostream& o) { write_csv(o, plan); }, [&](std::ostream& o) { write_json(o, plan); });
  auto const lost = static_cast<std::size_t>(
      std::ranges::count_if(plan, [](weakening const& w) { return !w.engine_failure.empty(); }));
  for (std::string const& at : lines_not_executed(plan))
    fmt::print("{} was executed by no case, so its order was not lowered\n", at);
  fmt::print("{} orders lowered, one at a time: {} caught, {} survived{}\n", plan.size(), caught,
             plan.size() - caught - lost, lost != 0 ? fmt::format(", {} without a verdict", lost) : "");
  return lost != 0 ? engine_failed : as_expected;
}

int main_of(int argc, char** argv) {
  arguments a;
  CLI::App app("Searches surewake's models for lost wakeups, races, leaks and broken laws.", "surewake-verify");
  app.require_subcommand(1);
  app.footer("Exit status: 0 as expected, 1 a verdict differs, 2 an engine failed or a case did not run, 64 usage.\n"
             "A pattern is a part of a case's name, or the whole of it with * and ?.");
  auto const patterns = [&a](CLI::App* sub) { sub->add_option("pattern", a.patterns, "cases; without one: all"); };
  auto const searching = [&a](CLI::App* sub) {
    sub->add_option("--engine", a.engine, "relacy");
    sub->add_option("--scheduler", a.search, "random, bound or full, instead of the case's own");
    sub->add_option("--bound", a.bound, "preemptions in a schedule of the bound search");
    sub->add_option("--memory", a.model, "c++, or sc for sequential consistency");
    sub->add_option("--schedules", a.schedules, "search so many schedules of each case, however long it takes");
    sub->add_option("--seconds", a.seconds, "search each case for so long, however many schedules that are");
  };
  auto const running = [&a, &searching, &patterns](CLI::App* sub) {
    patterns(sub);
    searching(sub);
    sub->add_option("--seed", a.seed, "the first random schedule; 1 without it");
    sub->add_option("--shard", a.part,
                    "i/n: the i-th of n parts; only the first one's CSV has the line of column names");
    sub->add_option("--out", a.out, "write the results to a .csv or .json file");
    sub->add_option("-j,--jobs", a.jobs, "searches at a time; the number of processors without it");
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
  trace_command->add_option("--seed", a.seed, "which schedule; without it the first one that fails");
  trace_command->add_flag("--shortest", a.shortest, "look for a failing schedule of few preemptions and steps");
  trace_command->add_flag("--all", a.everything, "plain accesses, memory and the model's construction too");
  searching(trace_command);
  CLI::App* const weaken_command =
      app.add_subcommand("weaken", "lower one memory order of a header at a time and search again");
  weaken_command->add_option("header", a.name, "such as core/hand_off.hpp")->required();
  patterns(weaken_command);
  weaken_command->add_option("--seconds", a.seconds, "at most so long with each case; 5 without it");
  weaken_command->add_option("--out", a.out, "write the results to a .csv or .json file");
  weaken_command->add_option("-j,--jobs", a.jobs, "searches at a time; the number of processors without it");

  try {
    app.parse(argc, argv);
  } catch (CLI::Success const& e) {
    return app.exit(e);
  } catch (CLI::ParseError const& e) {
    fmt::print(stderr, "surewake-verify: {}\n(surewake-verify --help shows what there is)\n", e.what());
    return wrong_usage;
  }

  if (!registration_errors().empty()) {
    for (std::string const& e : registration_errors()) fmt::print(stderr, "surewake-verify: {}\n", e);
    return engine_failed;
  }
  try {
    if (a.engine != "relacy") throw usage_error(fmt::format("--engine {}: one of relacy", a.engine));
    static_cast<void>(limits_of(test_case{}, a));
    if (list_command->parsed()) return list(a);
    if (trace_command->parsed()) return trace(a);
    if (weaken_command->parsed()) return weaken(a);
    return run(a, bugs_command->parsed());
  } catch (usage_error const& e) {
    fmt::print(stderr, "surewake-verify: {}\n", e.what());
    return wrong_usage;
  } catch (std::invalid_argument const& e) {  // a seed
    fmt::print(stderr, "surewake-verify: {}\n", e.what());
    return wrong_usage;
  } catch (std::exception const& e) {
    fmt::print(stderr, "surewake-verify: {}\n", e.what());
    return engine_failed;
  }
}

}  // namespace

}  // namespace surewake::verify

int main(int argc, char** argv) {
  std::signal(SIGINT, [](int) { surewake::verify::interrupted = 1; });
  std::signal(SIGTERM, [](int) { surewake::verify::interrupted = 1; });
  return surewake::verify::main_of(argc, argv);
}
