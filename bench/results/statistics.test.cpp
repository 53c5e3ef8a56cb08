#include <surewake/bench/measure/workload.hpp>
#include <surewake/bench/results/statistics.hpp>

#include <doctest/doctest.h>

#include <array>

namespace statistics_test {

using namespace surewake::bench;

TEST_CASE("the median is the middle one, or half-way between the two in the middle") {
  CHECK(median(std::array{3.0, 1.0, 2.0}) == 2.0);
  CHECK(median(std::array{4.0, 1.0, 2.0, 3.0}) == 2.5);
  CHECK(median(std::array{7.0}) == 7.0);
}

TEST_CASE("no values have no median") { CHECK(std::isnan(median({}))); }

TEST_CASE("a summary holds the extremes and the quartiles") {
  summary const s = summarise(std::array{5.0, 1.0, 4.0, 2.0, 3.0});
  CHECK(s.count == 5);
  CHECK(s.low == 1.0);
  CHECK(s.quarter == 2.0);
  CHECK(s.median == 3.0);
  CHECK(s.three_quarters == 4.0);
  CHECK(s.high == 5.0);
}

TEST_CASE("Jain's index is 1 for equal shares and 1/n when one takes all") {
  CHECK(jain_index(std::array{5.0, 5.0, 5.0, 5.0}) == doctest::Approx(1.0));
  CHECK(jain_index(std::array{8.0, 0.0, 0.0, 0.0}) == doctest::Approx(0.25));
  CHECK(jain_index(std::array{2.0, 1.0}) == doctest::Approx(0.9));
  CHECK(std::isnan(jain_index(std::array{0.0, 0.0})));
}

TEST_CASE("a linear strategy is left out of large withdrawals, unless it finds the oldest first") {
  using surewake::withdrawal_cost;
  CHECK(!leaves_too_slowly(withdrawal_cost::linear, true, 100'000, true));
  CHECK(leaves_too_slowly(withdrawal_cost::linear, true, 100'000, false));
  CHECK(leaves_too_slowly(withdrawal_cost::linear, false, 100'000, true));
  CHECK(!leaves_too_slowly(withdrawal_cost::linear, false, 10'000, true));
  CHECK(!leaves_too_slowly(withdrawal_cost::constant, false, 100'000, false));
}

}  // namespace statistics_test
