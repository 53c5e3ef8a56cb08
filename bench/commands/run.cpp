#include <surewake/bench/commands/command.hpp>
#include <surewake/bench/measure/doctor.hpp>
#include <surewake/bench/measure/machine.hpp>
#include <surewake/bench/measure/runner.hpp>

#include <cstdio>
#include <limits>
#include <memory>
#include <random>

namespace surewake::bench {
namespace {

using program::number;
using program::out;
using program::usage_error;
using json = nlohmann::ordered_json;

run_options options_of(run_arguments const& args) {
  run_options options{.how = {.smoke = args.smoke, .large = args.large}};
  if (args.seconds) options.seconds = number<double>("--seconds", *args.seconds, 1, 86'400);
  if (args.repeats) options.repeats = number<unsigned>("--repeats", *args.repeats, 1, 10'000);
  std::uint64_t const seed =
      args.seed ? number<std::uint64_t>("--seed", *args.seed, 0, std::numeric_limits<std::uint64_t>::max()) : 0;
  options.how.seed = seed != 0 ? seed : std::random_device{}();
  return options;
}

/// What spoils measurements here, before the first one.
json findings_of_doctor() {
  json findings = json::array();
  for (finding const& f : examine_this_machine()) {
    findings.push_back({{"what", f.what}, {"is", to_string(f.is)}, {"seen", f.seen}, {"mend", f.mend}});
  }
  return findings;
}

json about(run_arguments const& args, run_options const& options) {
  return {{"provenance", program::provenance()},
          {"command_line", program::provenance().at("command_line")},
          {"started", program::provenance().at("started")},
          {"machine", describe_machine()},
          {"seed", options.how.seed},
          {"patterns", args.patterns},
          {"smoke", args.smoke},
          {"large", args.large},
          {"seconds_budget", options.seconds},
          {"repeats_at_most", options.repeats},
          {"unit_ns_at_start", unit_ns()},
          {"load_average_before", load_average()},
          {"doctor", findings_of_doctor()}};
}

/// Takes from the file what the run was begun with.   Errors  usage_error where it cannot go on here.
run_options options_of(recorded_run const& before, run_arguments& args, std::filesystem::path const& file) {
  json const& a = before.about;
  if (a.value("surewake_bench", 1) < file_version) {
    throw usage_error(fmt::format("--resume: {} was written by an older surewake-bench", file.string()));
  }
  if (a.value("state", "") == "complete") {
    throw usage_error(fmt::format("--resume: the run in {} is complete", file.string()));
  }
  json const here = describe_machine();
  json const& there = a.at("machine");
  for (char const* const key : {"commit", "compiler", "flags", "cpu", "cpus_allowed", "kernel", "virtual_machine"}) {
    if (there.value(key, json()) == here.value(key, json())) continue;
    throw usage_error(
        fmt::format("--resume: the run was begun with {} {}, and here it is {}: its rows would not be "
                    "comparable",
                    key, there.value(key, json()).dump(), here.value(key, json()).dump()));
  }
  args.patterns = a.at("patterns").get<std::vector<std::string>>();
  return {.seconds = a.at("seconds_budget"),
          .repeats = a.at("repeats_at_most"),
          .how = {.smoke = a.at("smoke"), .large = a.at("large"), .seed = a.at("seed")}};
}

/// Errors  usage_error where results exist that would be overwritten.
void refuse_to_overwrite(std::filesystem::path const& dir) {
  for (char const* const name : {file_name, "results.csv", "results.json", "report.html"}) {
    std::error_code error;
    if (!std::filesystem::exists(std::filesystem::symlink_status(dir / name, error))) continue;
    throw usage_error(
        fmt::format("--out '{}': {} is there already; choose another folder, or add --force to replace "
                    "what was measured, or --resume to go on with it",
                    dir.string(), name));
  }
}

/// Makes the folder.   Errors  usage_error, bad_results.
std::filesystem::path folder_of(run_arguments const& args) {
  if (args.out.empty()) throw usage_error("--out '': it must name a folder");
  std::filesystem::path const dir = args.out;
  if (args.resume) return dir;
  if (!args.force) refuse_to_overwrite(dir);
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error) throw bad_results(fmt::format("cannot make the folder {}: {}", dir.string(), error.message()));
  return dir;
}

int end_of(run_report const& report, std::filesystem::path const& file) {
  out().print("{}\n{} rows in {}{}\n", program::provenance_line(), report.rows, file.string(),
              report.interrupted ? " (interrupted: incomplete; run --resume goes on)" : "");
  for (auto const& f : report.peer_failures) out().print("wrong result of a peer: {}\n", f);
  for (auto const& f : report.failures) out().print("WRONG RESULT: {}\n", f);
  return report.failures.empty() ? program::as_expected : program::differs;
}

/// Says why this build is not measured; empty: it is.
std::string refused(run_arguments const& args) {
  std::string const why = unfit_build();
  if (why.empty() || args.smoke || args.any_build) return "";
  return fmt::format(
      "timings of this build would mislead: {}.\nBuild the preset 'release', or add --smoke to try the "
      "workloads or --any-build to measure all the same.",
      why);
}

}  // namespace

int carry_out_run(run_arguments& args) {
  if (std::string const why = refused(args); !why.empty()) return program::wrong(why, program::could_not);
  run_options options = options_of(args);
  if (!args.resume) static_cast<void>(selected(args.patterns, options.how));  // before anything is written
  std::filesystem::path const dir = folder_of(args);
  std::filesystem::path const file = dir / file_name;
  if (args.resume && !std::filesystem::exists(file)) throw bad_results(fmt::format("cannot read {}", file.string()));
  program::folder_lock const mine(dir);
  if (!args.force && !args.resume) refuse_to_overwrite(dir);  // another run may have ended meanwhile
  recorded_run before;
  std::unique_ptr<result_writer> rows;
  if (args.resume) {
    before = read_results(file);
    options = options_of(before, args, file);
    rows = std::make_unique<result_writer>(before, file);
  } else {
    std::error_code error;
    for (char const* const old : {"report.html", "conformance.json", "results.csv", "results.json"})
      std::filesystem::remove(dir / old, error);
    rows = std::make_unique<result_writer>(file, about(args, options));
  }
  run_report const report = run(selected(args.patterns, options.how), options, *rows, before);
  rows->add_end({{"state", report.interrupted ? "interrupted" : "complete"},
                 {"ended", program::timestamp()},
                 {"load_average_after", load_average()},
                 {"failures", report.failures},
                 {"peer_failures", report.peer_failures}});
  rows->finish();
  return end_of(report, file);
}

void describe_run(CLI::App& app, run_arguments& args) {
  app.add_option("--out", args.out, "Folder for the results; one that has some is refused")
      ->required()
      ->type_name("DIR");
  app.add_option("--seconds", args.seconds,
                 fmt::format("Time budget for all of it, 1 to 86400; every scenario runs at least 3 repeats ({})",
                             args.seconds.value_or("240")))
      ->type_name("S");
  app.add_option("--repeats", args.repeats, "At most, per contestant, 1 to 10000 (60)")->type_name("R");
  app.add_option("--seed", args.seed, "Of the order of the contestants; 0 or none: drawn, and recorded")
      ->type_name("N");
  app.add_flag("--smoke", args.smoke, "Everything once and small: does it work? The numbers mean nothing");
  app.add_flag("--any-build", args.any_build, "Measure even a build without optimisation or with a sanitizer");
  CLI::Option* const force = app.add_flag("--force", args.force, "Replace the results that are in the folder");
  CLI::Option* const resume =
      app.add_flag("--resume", args.resume, "Go on with the interrupted run in the folder, as it was begun");
  for (char const* const other : {"--seconds", "--repeats", "--seed", "--smoke"}) {
    resume->excludes(app.get_option(other));
  }
  resume->excludes(force);
}

command add_run(CLI::App& app) {
  auto const args = std::make_shared<run_arguments>();
  CLI::App* const c = app.add_subcommand("run", "Measure; writes DIR/results.jsonl");
  c->add_option("patterns", args->patterns, "Workloads, or workload/scenario, with shell wildcards (all)");
  describe_run(*c, *args);
  c->add_flag("--large,!--no-large", args->large, "Also storms of 1,000,000 waiters (0.3 GB of memory; on)");
  for (char const* const other : {"patterns", "--large"}) c->get_option("--resume")->excludes(c->get_option(other));
  return {c, [args] { return carry_out_run(*args); }};
}

}  // namespace surewake::bench
