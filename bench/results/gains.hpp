// surewake/bench/results/gains.hpp: how much faster than mutex_deque each strategy is, beside what was published for
// it.
//
// A gain is the baseline's median over the strategy's, of the same interleaved run, less one: +25 % is 1.25 times as
// many operations in a time; negative where the baseline wins.
#pragma once

#include <surewake/bench/results/results.hpp>

namespace surewake::bench {

/// One line of the comparison: a scenario, and the gain of each strategy in it.
struct gains {
  std::string scenario;           // "storm, at once, n = 1000"
  std::vector<double> measured;   // a fraction for each strategy of the comparison; none: not measured
};

/// The strategies under one discipline against mutex_deque under the same.
struct gain_comparison {
  std::string discipline;
  std::vector<std::string> strategies;
  std::vector<std::string> published;  // for each of them: "+20–30 %"; empty where nothing was
  std::vector<gains> lines;
};

/// Compares registration, waking and withdrawal of 1,000 waiters and more, for each discipline that was measured.
[[nodiscard]] std::vector<gain_comparison> gains_of(results const& r);

/// Writes a gain as "+25 %", "−8 %", "14 ×" from ten times on; "–" where it was not measured.
[[nodiscard]] std::string brief_gain(double fraction);

}  // namespace surewake::bench
