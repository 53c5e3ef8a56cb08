#include <surewake/bench/commands/command.hpp>
#include <surewake/bench/results/scaling.hpp>
#include <surewake/bench/workloads/scale.hpp>

#include <memory>

namespace surewake::bench {
namespace {

int scale(run_arguments& args) {
  args.patterns = {std::string(scale_workload)};
  int const status = carry_out_run(args);
  if (status == program::as_expected) {
    program::out().write(written(scaling_of(results(read_results(args.out))), table_format::text));
  }
  return status;
}

}  // namespace

command add_scaling(CLI::App& app) {
  auto const args = std::make_shared<run_arguments>();
  args->seconds = "60";
  CLI::App* const c =
      app.add_subcommand("scale", "Measure contended semaphores on 1 … all processors, and fit how they scale");
  describe_run(*c, *args);
  return {c, [args] { return scale(*args); }};
}

}  // namespace surewake::bench
