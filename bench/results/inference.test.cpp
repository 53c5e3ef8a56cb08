#include <surewake/bench/results/inference.hpp>
#include <surewake/bench/results/statistics.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

namespace inference_test {

using namespace surewake::bench;

namespace {

/// Repeats of an operation of `ns`: noise on one side, as timings have it, and a clock that drifts from repeat to
/// repeat. From bits alone, so that every standard library draws the same.
std::vector<double> repeats(double ns, unsigned n, std::mt19937_64& random) {
  auto const uniform = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  std::vector<double> all;
  for (unsigned i = 0; i < n; ++i) all.push_back(ns * (1 + 0.05 * uniform() + 0.02 * -std::log1p(-uniform())));
  return all;
}

}  // namespace

TEST_CASE("the median absolute deviation does not see one value far out") {
  CHECK(median_absolute_deviation(std::array{1.0, 1.0, 2.0, 2.0, 4.0, 6.0, 9.0}) == 1.0);
  CHECK(median_absolute_deviation(std::array{5.0, 5.0, 5.0, 900.0}) == 0.0);
  CHECK(std::isnan(median_absolute_deviation({})));
}

TEST_CASE("a bootstrap interval holds the median, is the same for the same seed, and shrinks with more values") {
  std::mt19937_64 random(1);
  auto const few = repeats(100, 10, random);
  auto const many = repeats(100, 400, random);
  interval const a = bootstrap_median(few, 7);
  interval const b = bootstrap_median(many, 7);
  CHECK(a.contains(median(few)));
  CHECK(b.contains(median(many)));
  CHECK(b.high - b.low < (a.high - a.low) / 2);
  CHECK(bootstrap_median(few, 7).low == a.low);
  CHECK(bootstrap_median(std::array{3.0}, 1).low == 3.0);
  CHECK(bootstrap_median(std::array{3.0}, 1).high == 3.0);
  CHECK(std::isnan(bootstrap_median({}, 1).low));
}

TEST_CASE("a bootstrap interval covers the true median in about 95 of 100 samples") {
  std::mt19937_64 random(2);
  double const truth = median(repeats(100, 100'000, random));
  int covered = 0;
  for (unsigned i = 0; i < 200; ++i) covered += bootstrap_median(repeats(100, 25, random), i, 300).contains(truth);
  CHECK(covered >= 180);
  CHECK(covered <= 199);
}

TEST_CASE("the interval of a ratio holds the ratio that the values were made with") {
  std::mt19937_64 random(3);
  interval const slower = bootstrap_ratio(repeats(120, 40, random), repeats(100, 40, random), 1);
  CHECK(slower.contains(1.2));
  CHECK(slower.low > 1.15);
  CHECK(std::isnan(bootstrap_ratio({}, std::array{1.0}, 1).low));
}

TEST_CASE("the rank test gives the probabilities of the published tables") {
  // Without ties, exactly: of 3 and 3 values there are 20 orders, of 4 and 5 126.
  CHECK(mann_whitney(std::array{1.0, 2.0, 3.0}, std::array{4.0, 5.0, 6.0}) == doctest::Approx(2 / 20.0));
  CHECK(mann_whitney(std::array{1.0, 2.0, 3.0, 5.0}, std::array{4.0, 6.0, 7.0, 8.0, 9.0}) ==
        doctest::Approx(2 * 2 / 126.0));
  // With ties, U = 3.5, three and two equal: z = (3.5 - 12.5 + 0.5) / sqrt(25 / 12 * (11 - 30 / 90)) = -1.803.
  double const p = mann_whitney(std::array{1.0, 2.0, 2.0, 3.0, 4.0}, std::array{2.0, 4.0, 5.0, 6.0, 7.0});
  CHECK(p == doctest::Approx(0.0714).epsilon(0.001));
  CHECK(mann_whitney(std::array{1.0, 1.0}, std::array{1.0, 1.0}) == 1);
  CHECK(mann_whitney({}, std::array{1.0}) == 1);
}

TEST_CASE("the exact probability and the approximation meet where one takes over from the other") {
  std::mt19937_64 random(4);
  auto a = repeats(100, 20, random);
  auto b = repeats(103, 20, random);
  double const exact = mann_whitney(a, b);
  a.push_back(*std::ranges::max_element(a) * 1.001);  // 41 values
  CHECK(mann_whitney(a, b) == doctest::Approx(exact).epsilon(0.5));
}

TEST_CASE("probabilities are adjusted as in the papers") {
  std::vector<double> const p{0.01, 0.04, 0.03, 0.005};
  auto const h = holm(p);
  CHECK(h[0] == doctest::Approx(0.03));
  CHECK(h[1] == doctest::Approx(0.06));
  CHECK(h[2] == doctest::Approx(0.06));
  CHECK(h[3] == doctest::Approx(0.02));
  auto const b = benjamini_hochberg(p);
  CHECK(b[0] == doctest::Approx(0.02));
  CHECK(b[1] == doctest::Approx(0.04));
  CHECK(b[2] == doctest::Approx(0.04));
  CHECK(b[3] == doctest::Approx(0.02));
  CHECK(holm({}).empty());
}

TEST_CASE("one strategy under two names differs in at most 10 of 100 runs; one that is 20 % slower in all") {
  unsigned same = 0;
  unsigned slower = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    std::mt19937_64 random(seed);
    auto const first = repeats(100, 20, random);
    same += mann_whitney(first, repeats(100, 20, random)) < 0.05;
    slower += mann_whitney(first, repeats(120, 20, random)) < 0.05;
  }
  CHECK(same <= 10);
  CHECK(slower == 100);
}

}  // namespace inference_test
