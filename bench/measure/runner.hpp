// surewake/bench/measure/runner.hpp: runs scenarios in randomised complete blocks and records every sample.
//
//   for each scenario: size the batches, warm up, count, then one block after the other {
//                        draw the order of the contestants; for each: unit, sample, unit, row }
//
// Contestants alternate within milliseconds, so that a drifting clock or a noisy neighbour meets all of them, and a
// ratio within a block is free of it. A run that was interrupted goes on with the blocks that are missing.
#pragma once

#include <surewake/bench/measure/workload.hpp>
#include <surewake/bench/results/file.hpp>

#include <functional>

namespace surewake::bench {

struct run_options {
  double seconds = 240;   // for all scenarios together
  unsigned repeats = 60;  // at most, per contestant
  effort how{};
  std::function<double()> clock{};  // seconds, from anywhere; empty: the steady clock. Of the budget, not of samples
  bool quiet = false;               // shows no progress
};

struct run_report {
  bool interrupted = false;                  // by a signal: what was measured is recorded
  std::vector<std::string> failures{};       // wrong results of strategies: "storm / n = 1,000 / x: why"
  std::vector<std::string> peer_failures{};  // the same of peers: a finding, no failure of ours
  unsigned rows = 0;
};

/// Measures all of `what`, in order; what a scenario holds is freed when it is over. `before`: what an interrupted run
/// has recorded, which is not measured again; its blocks are counted on, and its failures stay out.
[[nodiscard]] run_report run(scenarios what, run_options const& options, result_writer& out,
                             recorded_run const& before = {});

}  // namespace surewake::bench
