// surewake/bench/measure/runner.hpp: runs scenarios in interleaved repeats and records every sample.
//
//   for each scenario: size the batches, warm up, then repeat { shuffle the contestants;
//                      for each: unit, sample, unit, row }
//
// Contestants alternate within milliseconds, so that a drifting clock or a noisy neighbour meets all of them; the order
// is drawn anew for each repeat from the recorded seed.
#pragma once

#include <surewake/bench/results/results.hpp>

#include <functional>

namespace surewake::bench {

struct run_options {
  double seconds = 240;   // for all scenarios together
  unsigned repeats = 60;  // at most, per contestant
  effort how{};
};

struct run_report {
  bool interrupted = false;                  // by a signal: what was measured is recorded
  std::vector<std::string> failures{};       // wrong results of strategies: "storm / n = 1,000 / x: why"
  std::vector<std::string> peer_failures{};  // the same of peers: a finding, no failure of ours
  unsigned rows = 0;
};

/// Measures all of `what`, in order; what a scenario holds is freed when it is over.
[[nodiscard]] run_report run(scenarios what, run_options const& options, csv_writer& out);

}  // namespace surewake::bench
