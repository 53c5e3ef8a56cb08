// surewake/bench/results/inference.hpp: how sure a median is, and whether two sets of repeats differ.
//
// Everything here is deterministic: what is drawn at random comes from a seed that the caller names.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace surewake::bench {

/// Returns the median distance from the median; NaN for no values.
[[nodiscard]] double median_absolute_deviation(std::span<double const> values);

struct interval {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();

  [[nodiscard]] bool contains(double x) const noexcept { return low <= x && x <= high; }
};

/// Returns the interval between the 2.5th and the 97.5th percentile of the medians of `rounds` samples that are drawn
/// from `values` with replacement; NaN for no values, and without width for a single one.
/// Source  Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7(1), 1979.
[[nodiscard]] interval bootstrap_median(std::span<double const> values, std::uint64_t seed, unsigned rounds = 1'000);

/// The same of the ratio of two medians, median of `above` by median of `below`, whose values are no pairs.
[[nodiscard]] interval bootstrap_ratio(std::span<double const> above, std::span<double const> below,
                                       std::uint64_t seed, unsigned rounds = 1'000);

/// Returns the two-sided probability that two samples of one distribution differ in rank as much as these do: exact for
/// up to 40 values without ties, by the normal approximation with the correction for ties and for continuity otherwise.
/// 1 where one of them is empty.
/// Source  Mann, Whitney, "On a test of whether one of two random variables is stochastically larger than the other",
///         Annals of Mathematical Statistics 18(1), 1947.
[[nodiscard]] double mann_whitney(std::span<double const> a, std::span<double const> b);

/// Adjusts the probabilities of several tests, so that comparing each with α keeps, of all that are true, the
/// probability of any false alarm below α.
/// Source  Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979.
[[nodiscard]] std::vector<double> holm(std::vector<double> const& p);

/// Adjusts them so that comparing each with α keeps the share of false ones among the alarms below α.
/// Source  Benjamini, Hochberg, "Controlling the false discovery rate", Journal of the Royal Statistical Society B 57,
///         1995.
[[nodiscard]] std::vector<double> benjamini_hochberg(std::vector<double> const& p);

}  // namespace surewake::bench
