// surewake/bench/main.cpp: surewake-bench: measures, tabulates, draws; three commands, so that a figure can be drawn
// again without measuring.
//
// exit status: 0 · 1 a workload gave a wrong result · 2 the environment (build, files, gnuplot) · 64 usage
#include <surewake/bench/descriptions.hpp>
#include <surewake/bench/machine.hpp>
#include <surewake/bench/report.hpp>
#include <surewake/bench/results.hpp>
#include <surewake/bench/runner.hpp>
#include <surewake/bench/table.hpp>

#include <fmt/format.h>
#include <fnmatch.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <random>

namespace surewake::bench {
namespace {

constexpr int ok = 0;
constexpr int workload_failed = 1;
constexpr int environment = 2;
constexpr int usage = 64;

struct measure_arguments {
  std::vector<std::string> patterns{};
  std::filesystem::path out{};
  double seconds = 240;
  unsigned repeats = 60;
  bool smoke = false;
  bool large = true;
  bool any_build = false;
  std::uint64_t seed = 0;
};

/// A pattern names a workload, or workload/scenario; shell wildcards.
bool matches(std::string const& pattern, scenario const& s) {
  std::string const full = s.workload + "/" + s.name;
  return ::fnmatch(pattern.c_str(), s.workload.c_str(), 0) == 0 || ::fnmatch(pattern.c_str(), full.c_str(), 0) == 0;
}

/// Errors  std::invalid_argument for a pattern that selects nothing: a run of nothing is a mistake, not a success.
scenarios selected(std::vector<std::string> const& patterns, effort const& e) {
  scenarios all = all_scenarios(e);
  if (patterns.empty()) return all;
  for (std::string const& p : patterns) {
    if (std::ranges::none_of(all, [&](scenario const& s) { return matches(p, s); })) {
      throw std::invalid_argument(fmt::format("no workload matches '{}' (surewake-bench list shows them)", p));
    }
  }
  std::erase_if(all, [&](scenario const& s) {
    return std::ranges::none_of(patterns, [&](std::string const& p) { return matches(p, s); });
  });
  return all;
}

int list() {
  std::string last;
  for (scenario const& s : all_scenarios({})) {
    if (s.workload != last) fmt::print("{}: {}\n", s.workload, describe(s.workload).title);
    last = s.workload;
    fmt::print("  {}{}\n", s.name, s.waiters >= 1'000'000 && s.workload != "memory" ? "   (not with --no-large)" : "");
    for (contestant const& c : s.contestants) fmt::print("      {:<40} {}\n", c.name, to_string(c.what));
  }
  return ok;
}

void write_sidecar(std::filesystem::path const& file, nlohmann::ordered_json const& content) {
  std::ofstream out(file);
  out << content.dump(2) << '\n' << std::flush;
  if (!out) throw bad_results(fmt::format("cannot write {}", file.string()));
}

int measure(measure_arguments const& args, std::string const& command_line) {
  if (std::string const why = unfit_build(); !why.empty() && !args.smoke && !args.any_build) {
    fmt::print(stderr,
               "surewake-bench: timings of this build would mislead: {}.\nBuild the preset 'release', or add "
               "--smoke to try the workloads or --any-build to measure all the same.\n",
               why);
    return environment;
  }
  run_options options{
      .seconds = args.seconds, .repeats = args.repeats, .how = {.smoke = args.smoke, .large = args.large}};
  options.how.seed = args.seed != 0 ? args.seed : std::random_device{}();
  scenarios what = selected(args.patterns, options.how);

  std::error_code error;
  std::filesystem::create_directories(args.out, error);
  if (error) throw bad_results(fmt::format("cannot make the folder {}: {}", args.out.string(), error.message()));
  csv_writer csv(args.out / "results.csv");
  nlohmann::ordered_json sidecar{{"surewake_bench", 1},
                                 {"command_line", command_line},
                                 {"started", timestamp()},
                                 {"machine", describe_machine()},
                                 {"seed", options.how.seed},
                                 {"smoke", args.smoke},
                                 {"seconds_budget", args.seconds},
                                 {"repeats_at_most", args.repeats},
                                 {"unit_ns_at_start", unit_ns()},
                                 {"load_average_before", load_average()},
                                 {"state", "running"}};
  auto const file = args.out / "results.json";
  write_sidecar(file, sidecar);

  run_report const report = run(std::move(what), options, csv);

  sidecar["state"] = report.interrupted ? "interrupted" : "complete";
  sidecar["ended"] = timestamp();
  sidecar["load_average_after"] = load_average();
  sidecar["rows"] = report.rows;
  sidecar["failures"] = report.failures;
  sidecar["peer_failures"] = report.peer_failures;
  write_sidecar(file, sidecar);

  fmt::print("{} rows in {}{}\n", report.rows, (args.out / "results.csv").string(),
             report.interrupted ? " (interrupted: incomplete)" : "");
  if (!report.peer_failures.empty())
    fmt::print("{} wrong results of peers: see {}\n", report.peer_failures.size(), file.string());
  if (!report.failures.empty()) fmt::print("{} WRONG RESULTS: see {}\n", report.failures.size(), file.string());
  return report.failures.empty() ? ok : workload_failed;
}

int main(int argc, char** argv) {
  CLI::App app{"Measures surewake's waiter-queue strategies beside their peers and the limits of this machine.",
               "surewake-bench"};
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  app.get_formatter()->column_width(34);

  app.add_subcommand("list", "Show every workload, scenario and contestant");

  measure_arguments args;
  CLI::App* const measuring = app.add_subcommand("measure", "Measure; writes DIR/results.csv and DIR/results.json");
  measuring->add_option("patterns", args.patterns, "Workloads, or workload/scenario, with shell wildcards (all)");
  measuring->add_option("--out", args.out, "Folder for the results")->required()->type_name("DIR");
  measuring
      ->add_option("--seconds", args.seconds, "Time budget for all of it; every scenario runs at least 3 repeats (240)")
      ->check(CLI::Range(1.0, 86'400.0))
      ->type_name("S");
  measuring->add_option("--repeats", args.repeats, "At most, per contestant (60)")
      ->check(CLI::Range(1U, 10'000U))
      ->type_name("R");
  measuring->add_option("--seed", args.seed, "Of the order of the contestants; 0 or none: drawn, and recorded")
      ->type_name("N");
  measuring->add_flag("--smoke", args.smoke, "Everything once and small: does it work? The numbers mean nothing");
  measuring->add_flag("--large,!--no-large", args.large, "Also storms of 1,000,000 waiters (0.3 GB of memory; on)");
  measuring->add_flag("--any-build", args.any_build, "Measure even a build without optimisation or with a sanitizer");

  std::filesystem::path dir;
  CLI::App* const tabulating = app.add_subcommand("table", "Print medians, ranges, ratios and the targets");
  tabulating->add_option("dir", dir, "Folder that measure wrote")->required()->type_name("DIR");
  CLI::App* const reporting = app.add_subcommand("report", "Write DIR/report.html, one self-contained page");
  reporting->add_option("dir", dir, "Folder that measure wrote")->required()->type_name("DIR");

  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& e) {
    return app.exit(e) == 0 ? ok : usage;
  }

  std::string command_line;
  for (int i = 0; i < argc; ++i) command_line += (i == 0 ? "" : " ") + std::string(argv[i]);
  try {
    if (app.got_subcommand("list")) return list();
    if (measuring->parsed()) return measure(args, command_line);
    results const r(read_csv(dir / "results.csv"));
    if (tabulating->parsed()) {
      fmt::print("{}", table_of(r));
      return ok;
    }
    write_report(r, dir);
    fmt::print("{}\n", (dir / "report.html").string());
    return ok;
  } catch (std::invalid_argument const& e) {
    fmt::print(stderr, "surewake-bench: {}\n", e.what());
    return usage;
  } catch (std::exception const& e) {
    fmt::print(stderr, "surewake-bench: {}\n", e.what());
    return environment;
  }
}

}  // namespace
}  // namespace surewake::bench

int main(int argc, char** argv) { return surewake::bench::main(argc, argv); }
