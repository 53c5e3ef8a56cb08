// surewake/bench/main.cpp: surewake-bench: measures, tabulates, draws; three commands, so that a figure can be drawn
// again without measuring. Exit statuses: verify/shared/program.hpp.
#include <surewake/bench/counts/counts.hpp>
#include <surewake/bench/report/descriptions.hpp>
#include <surewake/bench/measure/machine.hpp>
#include <surewake/bench/report/report.hpp>
#include <surewake/bench/results/results.hpp>
#include <surewake/bench/measure/runner.hpp>
#include <surewake/bench/peers/peers.hpp>
#include <surewake/bench/results/table.hpp>
#include <surewake/verify/shared/command_line.hpp>
#include <surewake/verify/shared/output.hpp>
#include <surewake/verify/shared/program.hpp>
#include <surewake/verify/shared/provenance.hpp>

#include <fmt/format.h>
#include <fnmatch.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <limits>
#include <optional>
#include <random>

namespace surewake::bench {
namespace {

using program::interrupted;
using program::number;
using program::out;
using program::usage_error;
using program::wrong;

using option = std::optional<std::string>;  // its text, which may be empty; nullopt: it was not given

/// What the command line says.
struct measure_arguments {
  std::vector<std::string> patterns{};
  std::string out{};
  option seconds{};
  option repeats{};
  option seed{};
  bool smoke = false;
  bool large = true;
  bool any_build = false;
  bool force = false;
};

/// Selects by a pattern, which names a workload, or workload/scenario; shell wildcards.
bool matches(std::string const& pattern, scenario const& s) {
  std::string const full = s.workload + "/" + s.name;
  return ::fnmatch(pattern.c_str(), s.workload.c_str(), 0) == 0 || ::fnmatch(pattern.c_str(), full.c_str(), 0) == 0;
}

/// Errors  usage_error for a pattern that selects nothing: a run of nothing is a mistake, not a success.
scenarios selected(std::vector<std::string> const& patterns, effort const& e) {
  scenarios all = all_scenarios(e);
  if (patterns.empty()) return all;
  for (std::string const& p : patterns) {
    if (p.empty()) throw usage_error("pattern '': it must not be empty; without a pattern all workloads are meant");
    if (std::ranges::none_of(all, [&](scenario const& s) { return matches(p, s); })) {
      throw usage_error(fmt::format("no workload matches '{}' (surewake-bench list shows them)", p));
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
    if (interrupted() != 0 || out().broken()) break;
    if (s.workload != last) out().print("{}: {}\n", s.workload, describe(s.workload).title);
    last = s.workload;
    out().print("  {}{}\n", s.name, s.waiters >= 1'000'000 && s.workload != "memory" ? "   (not with --no-large)" : "");
    if (!s.left_out.empty()) out().print("      (left out: {})\n", s.left_out);
    for (contestant const& c : s.contestants) out().print("      {:<40} {}\n", c.name, to_string(c.what));
  }
  out().print("libraries of the peers\n");
  for (peer_package const& p : peer_packages()) {
    out().print("  {:<40} {}\n", p.name, p.left_out.empty() ? p.version : "left out: " + p.left_out);
  }
  return program::as_expected;
}

/// Errors  usage_error where results exist that would be overwritten.
void refuse_to_overwrite(std::filesystem::path const& dir) {
  for (char const* const name : {"results.csv", "results.json", "report.html"}) {
    std::error_code error;
    if (!std::filesystem::exists(std::filesystem::symlink_status(dir / name, error))) continue;
    throw usage_error(fmt::format("--out '{}': {} is there already; choose another folder, or add --force to replace "
                                  "what was measured",
                                  dir.string(), name));
  }
}

int measure(measure_arguments const& args) {
  if (std::string const why = unfit_build(); !why.empty() && !args.smoke && !args.any_build) {
    std::fprintf(stderr,
                 "surewake-bench: timings of this build would mislead: %s.\nBuild the preset 'release', or add "
                 "--smoke to try the workloads or --any-build to measure all the same.\n",
                 why.c_str());
    return program::could_not;
  }
  run_options options{.how = {.smoke = args.smoke, .large = args.large}};
  if (args.seconds) options.seconds = number<double>("--seconds", *args.seconds, 1, 86'400);
  if (args.repeats) options.repeats = number<unsigned>("--repeats", *args.repeats, 1, 10'000);
  std::uint64_t const seed =
      args.seed ? number<std::uint64_t>("--seed", *args.seed, 0, std::numeric_limits<std::uint64_t>::max()) : 0;
  options.how.seed = seed != 0 ? seed : std::random_device{}();
  if (args.out.empty()) throw usage_error("--out '': it must name a folder");
  scenarios what = selected(args.patterns, options.how);

  std::filesystem::path const dir = args.out;
  if (!args.force) refuse_to_overwrite(dir);
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error) throw bad_results(fmt::format("cannot make the folder {}: {}", dir.string(), error.message()));
  program::folder_lock const mine(dir);
  if (!args.force) refuse_to_overwrite(dir);  // another run may have ended meanwhile
  for (char const* const name : {"report.html", "results.json"}) std::filesystem::remove(dir / name, error);

  csv_writer csv(dir / "results.csv", {.version = program::provenance().at("version"),
                                       .commit = program::provenance().at("commit"),
                                       .machine = program::provenance().at("machine"),
                                       .started = program::provenance().at("started")});
  nlohmann::ordered_json sidecar{{"surewake_bench", 1},
                                 {"provenance", program::provenance()},
                                 {"command_line", program::provenance().at("command_line")},
                                 {"started", program::provenance().at("started")},
                                 {"machine", describe_machine()},
                                 {"seed", options.how.seed},
                                 {"smoke", args.smoke},
                                 {"seconds_budget", options.seconds},
                                 {"repeats_at_most", options.repeats},
                                 {"unit_ns_at_start", unit_ns()},
                                 {"load_average_before", load_average()},
                                 {"state", "running"}};
  auto const file = dir / "results.json";
  program::output_file(file).commit(sidecar.dump(2) + '\n');

  run_report const report = run(std::move(what), options, csv);

  sidecar["state"] = report.interrupted ? "interrupted" : "complete";
  sidecar["ended"] = program::timestamp();
  sidecar["load_average_after"] = load_average();
  sidecar["rows"] = report.rows;
  sidecar["failures"] = report.failures;
  sidecar["peer_failures"] = report.peer_failures;
  csv.finish();
  program::output_file(file).commit(sidecar.dump(2) + '\n');

  out().print("{}\n{} rows in {}{}\n", program::provenance_line(), report.rows, (dir / "results.csv").string(),
              report.interrupted ? " (interrupted: incomplete)" : "");
  if (!report.peer_failures.empty())
    out().print("{} wrong results of peers: see {}\n", report.peer_failures.size(), file.string());
  if (!report.failures.empty()) out().print("{} WRONG RESULTS: see {}\n", report.failures.size(), file.string());
  return report.failures.empty() ? program::as_expected : program::differs;
}

/// Errors  wrong_result where an operation does not do what it should.
int counts(bool markdown) {
  std::vector<count_row> const rows = counted();
  out().write(markdown ? markdown_of(rows) : csv_of(rows));
  return program::as_expected;
}

int main_of(int argc, char** argv) {
  CLI::App app{"Measures surewake's waiter-queue strategies beside their peers and the limits of this machine.",
               "surewake-bench"};
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.footer(program::exit_status_help(
      "a workload gave a wrong result", "the environment: a build that is not fit to be timed, files, gnuplot"));
  app.set_version_flag("--version", [] { return program::version_text(); });

  app.add_subcommand("list", "Show every workload, scenario and contestant");

  measure_arguments args;
  CLI::App* const measuring = app.add_subcommand("measure", "Measure; writes DIR/results.csv and DIR/results.json");
  measuring->add_option("patterns", args.patterns, "Workloads, or workload/scenario, with shell wildcards (all)");
  measuring->add_option("--out", args.out, "Folder for the results; one that has some is refused")
      ->required()
      ->type_name("DIR");
  measuring
      ->add_option("--seconds", args.seconds,
                   "Time budget for all of it, 1 to 86400; every scenario runs at least 3 repeats (240)")
      ->type_name("S");
  measuring->add_option("--repeats", args.repeats, "At most, per contestant, 1 to 10000 (60)")->type_name("R");
  measuring->add_option("--seed", args.seed, "Of the order of the contestants; 0 or none: drawn, and recorded")
      ->type_name("N");
  measuring->add_flag("--smoke", args.smoke, "Everything once and small: does it work? The numbers mean nothing");
  measuring->add_flag("--large,!--no-large", args.large, "Also storms of 1,000,000 waiters (0.3 GB of memory; on)");
  measuring->add_flag("--any-build", args.any_build, "Measure even a build without optimisation or with a sanitizer");
  measuring->add_flag("--force", args.force, "Replace the results that are in the folder");

  bool markdown = false;
  CLI::App* const counting = app.add_subcommand("counts", "Print the exact steps of every operation, as CSV");
  counting->add_flag("--markdown", markdown, "Of locked instructions only, as a table in Markdown");

  std::string folder;
  CLI::App* const tabulating = app.add_subcommand("table", "Print medians, ranges, ratios and the targets");
  tabulating->add_option("dir", folder, "Folder that measure wrote")->required()->type_name("DIR");
  CLI::App* const reporting = app.add_subcommand("report", "Write DIR/report.html, one self-contained page");
  reporting->add_option("dir", folder, "Folder that measure wrote")->required()->type_name("DIR");

  for (CLI::App* const command : app.get_subcommands({})) command->footer(app.get_footer());

  if (auto const status = program::read_arguments(app, argc, argv)) return *status;

  try {
    if (app.got_subcommand("list")) return list();
    if (measuring->parsed()) return measure(args);
    if (counting->parsed()) return counts(markdown);
    std::filesystem::path const dir = folder;
    results const r(read_csv(dir / "results.csv"));
    if (tabulating->parsed()) {
      out().write(heading_of(dir) + table_of(r));
      return program::as_expected;
    }
    program::folder_lock const mine(dir);
    write_report(r, dir);
    if (interrupted() == 0) out().print("{}\n", (dir / "report.html").string());
    return program::as_expected;
  } catch (usage_error const& e) {
    return wrong(e.what(), program::wrong_usage);
  } catch (std::exception const& e) {
    return wrong(e.what(), program::could_not);
  }
}

}  // namespace
}  // namespace surewake::bench

int main(int argc, char** argv) {
  surewake::program::prepare("surewake-bench", argc, argv);
  return surewake::program::out().finish(surewake::bench::main_of(argc, argv));
}
