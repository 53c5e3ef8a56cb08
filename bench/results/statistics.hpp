// surewake/bench/results/statistics.hpp: what the tables and figures say about a set of repeats.
//
// Only order statistics: timings have long tails on one side, so a mean says more about the neighbours than about the
// code. Nothing here is used while measuring.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace surewake::bench {

/// Returns the value below which the share `q` (0 … 1) of `values` lies, linear between neighbours; NaN when there are
/// none.
[[nodiscard]] inline double quantile(std::span<double const> values, double q) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  double const at = q * static_cast<double>(sorted.size() - 1);
  auto const below = static_cast<std::size_t>(at);
  std::size_t const above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

[[nodiscard]] inline double median(std::span<double const> values) { return quantile(values, 0.5); }

/// Keeps median, extremes and quartiles of one column of repeats.
struct summary {
  std::size_t count = 0;
  double median = std::numeric_limits<double>::quiet_NaN();
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
  double quarter = std::numeric_limits<double>::quiet_NaN();
  double three_quarters = std::numeric_limits<double>::quiet_NaN();
};

[[nodiscard]] inline summary summarise(std::span<double const> values) {
  return {.count = values.size(),
          .median = median(values),
          .low = quantile(values, 0),
          .high = quantile(values, 1),
          .quarter = quantile(values, 0.25),
          .three_quarters = quantile(values, 0.75)};
}

/// Returns Jain's fairness index of what each of n participants got: 1 when all got the same, 1/n when one got
/// everything.
/// Source  Jain, Chiu, Hawe, "A quantitative measure of fairness", 1984.
[[nodiscard]] inline double jain_index(std::span<double const> shares) {
  double sum = 0;
  double squares = 0;
  for (double const x : shares) {
    sum += x;
    squares += x * x;
  }
  if (squares == 0) return std::numeric_limits<double>::quiet_NaN();
  return sum * sum / (static_cast<double>(shares.size()) * squares);
}

}  // namespace surewake::bench
