// surewake/bench/main.cpp: surewake-bench: measures, tabulates, draws, compares; measuring is a command of its own, so
// that everything else can be done again without it, on another machine too. Exit statuses: verify/shared/program.hpp.
#include <surewake/bench/commands/command.hpp>

namespace surewake::bench {
namespace {

int main_of(int argc, char** argv) {
  CLI::App app{"Measures surewake's waiter-queue strategies beside their peers and the limits of this machine.",
               "surewake-bench"};
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.footer(program::exit_status_help(
      "a workload gave a wrong result, a row became slower, or the machine spoils measurements",
      "the environment: a build that is not fit to be timed, files"));
  app.set_version_flag("--version", [] { return program::version_text(); });

  std::vector<command> commands;
  for (auto* const add : {&add_list, &add_run, &add_table, &add_report, &add_figure, &add_compare, &add_scaling,
                          &add_cite, &add_doctor, &add_selftest, &add_counts, &add_conformance}) {
    commands.push_back(add(app));
    commands.back().app->footer(app.get_footer());
  }
  if (auto const status = program::read_arguments(app, argc, argv)) return *status;

  try {
    for (command const& c : commands) {
      if (c.app->parsed()) return c.carry_out();
    }
    return program::wrong_usage;  // not reached: a command is required
  } catch (program::usage_error const& e) {
    return program::wrong(e.what(), program::wrong_usage);
  } catch (std::exception const& e) {
    return program::wrong(e.what(), program::could_not);
  }
}

}  // namespace
}  // namespace surewake::bench

int main(int argc, char** argv) {
  surewake::program::prepare("surewake-bench", argc, argv);
  return surewake::program::out().finish(surewake::bench::main_of(argc, argv));
}
