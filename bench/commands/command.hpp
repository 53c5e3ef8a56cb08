// surewake/bench/commands/command.hpp: the commands of surewake-bench, a file each.
//
// To add a command: a function `add_…` in a file of its own, declared here and listed in main.cpp. It describes the
// command's arguments to CLI11, and returns what carries the command out once they are read.
#pragma once

#include <surewake/bench/measure/workload.hpp>
#include <surewake/verify/shared/command_line.hpp>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace surewake::bench {

struct command {
  CLI::App* app;
  std::function<int()> carry_out;  // Returns the exit status
};

command add_list(CLI::App& app);
command add_run(CLI::App& app);
command add_table(CLI::App& app);
command add_report(CLI::App& app);
command add_figure(CLI::App& app);
command add_compare(CLI::App& app);
command add_doctor(CLI::App& app);
command add_scaling(CLI::App& app);
command add_cite(CLI::App& app);
command add_selftest(CLI::App& app);
command add_counts(CLI::App& app);
command add_conformance(CLI::App& app);

using option = std::optional<std::string>;  // its text, which may be empty; nullopt: it was not given

/// What the command line of `run` says, or of another command that measures.
struct run_arguments {
  std::vector<std::string> patterns{};
  std::string out{};
  option seconds{};
  option repeats{};
  option seed{};
  bool smoke = false;
  bool large = true;
  bool any_build = false;
  bool force = false;
  bool resume = false;
};

/// Describes them to CLI11, but for patterns and size.
void describe_run(CLI::App& app, run_arguments& args);

/// Measures into a folder.   Returns  the exit status.   Errors  usage_error, bad_results.
[[nodiscard]] int carry_out_run(run_arguments& args);

/// Selects scenarios by patterns, each a workload, or workload/scenario, with shell wildcards; none: all but `scale`.
///
/// Errors  usage_error for a pattern that selects nothing: a run of nothing is a mistake, not a success.
[[nodiscard]] scenarios selected(std::vector<std::string> const& patterns, effort const& e);

}  // namespace surewake::bench
