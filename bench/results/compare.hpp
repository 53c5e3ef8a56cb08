// surewake/bench/results/compare.hpp: two runs, row by row: what became slower, what faster, and how sure that is.
//
// A timing differs if its samples do, by the rank test of Mann and Whitney after the correction for the number of rows,
// and if the ratio of the medians is beyond the threshold and its interval does not hold 1. What is counted exactly
// (steps by the counting platform, allocations, bytes of a frame) differs if it is beyond the threshold. Strategies
// decide; floors and peers are the same code in both runs, so that where they differ the machine did: by what nine in
// ten of them moved at most, a strategy must differ too.
#pragma once

#include <surewake/bench/results/grid.hpp>
#include <surewake/bench/results/results.hpp>

#include <string>
#include <vector>

namespace surewake::bench {

/// What a time is measured in.
enum class yardstick {
  floor,  // the time of the floor in the same block; a row without one: units
  units,  // the unit that was measured beside each sample
  ns,
};
enum class correction { benjamini_hochberg, holm, none };

struct compare_options {
  double threshold = 0.05;  // of a ratio, beyond 1
  double alpha = 0.05;
  yardstick by = yardstick::floor;
  bool one_machine = true;  // otherwise a row without a floor is not compared
  correction adjust = correction::benjamini_hochberg;
  bool all = false;  // rows that do not differ are shown too, with their intervals
};

enum class verdict { same, slower, faster };

struct compared_row {
  std::string workload, scenario, contestant, kind;
  std::string quantity;  // "time by floor", "time in units", "time in ns", or the name of what is counted
  bool exact = false;
  std::size_t n_before = 0, n_after = 0;
  double before = row::none, after = row::none;  // medians
  double ratio = row::none;                      // after by before: above 1 is slower
  interval sure{};  // where it was asked for, or the rank test is significant before the correction
  double p = 1;         // of the rank test
  double adjusted = 1;  // the same after the correction
  verdict is = verdict::same;
};

struct comparison {
  std::vector<compared_row> rows;
  std::vector<std::string> only_before, only_after;  // "workload / scenario / contestant"
  double noise = 0;  // by how much nine in ten of the timings of floors and peers moved at most; 0: there are too few
  std::size_t too_few = 0;                           // timings of which one side has fewer than four samples

  /// Counts the rows of our strategies, or of all others, that have the verdict.
  [[nodiscard]] std::size_t count(verdict v, bool ours) const;
};

[[nodiscard]] comparison compare(results const& before, results const& after, compare_options const& options);

/// Writes the rows that differ, or all, the slowest first, and below them what they mean.
[[nodiscard]] grid grid_of(comparison const& c, compare_options const& options);

}  // namespace surewake::bench
