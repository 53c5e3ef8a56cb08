#include <surewake/bench/measure/histogram.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace histogram_test {

using namespace surewake::bench;

/// Times between 20 ns and a second or so, log-uniform, with a far outlier.
std::vector<double> times(std::size_t n) {
  std::mt19937_64 random(7);
  std::vector<double> all;
  for (std::size_t i = 0; i < n; ++i) all.push_back(20 * std::exp(static_cast<double>(random() % 18'000) / 1'000));
  all.back() = 5e9;
  return all;
}

TEST_CASE("percentiles are those of the sorted times, within a half per cent") {
  std::vector<double> all = times(200'000);
  latency_histogram h;
  for (double const t : all) h.add(t);
  std::ranges::sort(all);
  for (double const q : {0.5, 0.9, 0.99, 0.999, 0.9999}) {
    double const exact = all[static_cast<std::size_t>(std::ceil(q * static_cast<double>(all.size()))) - 1];
    CHECK(h.percentile(q) == doctest::Approx(exact).epsilon(0.0051));
  }
  CHECK(h.largest() == 5e9);
}

TEST_CASE("a percentile with fewer than ten times beyond it is not told") {
  latency_histogram h;
  for (int i = 0; i < 999; ++i) h.add(100);
  CHECK(std::isnan(h.percentile(0.99)));
  h.add(100);
  CHECK(h.percentile(0.99) == doctest::Approx(100).epsilon(0.0051));
  CHECK(std::isnan(h.percentile(0.999)));
  CHECK(std::isnan(latency_histogram().percentile(0.5)));
}

TEST_CASE("what is below the least bin or above the last one is counted all the same") {
  latency_histogram h;
  for (int i = 0; i < 50; ++i) h.add(-3);
  for (int i = 0; i < 50; ++i) h.add(1e15);
  CHECK(h.percentile(0.25) == doctest::Approx(1).epsilon(0.02));
  CHECK(h.percentile(0.75) == 1e15);
  CHECK(h.count() == 100);
}

TEST_CASE("two histograms together are that of all times") {
  latency_histogram low;
  latency_histogram high;
  for (int i = 0; i < 20; ++i) low.add(10);
  for (int i = 0; i < 80; ++i) high.add(1'000);
  low.add(high);
  CHECK(low.count() == 100);
  CHECK(low.percentile(0.1) == doctest::Approx(10).epsilon(0.0051));
  CHECK(low.percentile(0.9) == doctest::Approx(1'000).epsilon(0.0051));
}

TEST_CASE("a sample's percentiles are its own, and those that it has too few times for are of all samples so far") {
  latency_histogram mine;
  latency_histogram so_far;
  for (int i = 0; i < 100; ++i) mine.add(100);
  for (int i = 0; i < 10'000; ++i) so_far.add(200);
  metrics m;
  set_percentiles(m, "wake", mine, so_far);
  CHECK(m.get("wake_p50_ns") == doctest::Approx(100).epsilon(0.0051));
  CHECK(m.get("wake_p90_ns") == doctest::Approx(100).epsilon(0.0051));
  CHECK(m.get("wake_p999_ns") == doctest::Approx(200).epsilon(0.0051));
  CHECK(std::isnan(m.get("wake_p9999_ns")));
  CHECK(m.get("wake_max_ns") == 100);
}

TEST_CASE("an operation is worth a stamp where it takes 20 times the reading of the clock") {
  CHECK(timer_ns() > 0);
  CHECK(worth_a_stamp(20 * timer_ns()));
  CHECK(!worth_a_stamp(19 * timer_ns()));
}

TEST_CASE("the bins that are not empty hold every time once") {
  latency_histogram h;
  for (double const ns : {100.4, 100.6, 5'000.0}) h.add(ns);
  latency_bins const all = h.bins("wake");
  CHECK(all.what == "wake");
  REQUIRE(all.bins.size() == 2);
  CHECK(all.bins[0].count == 2);
  CHECK(all.bins[0].low_ns <= 100.4);
  CHECK(all.bins[0].high_ns > 100.6);
  CHECK(all.bins[1].count == 1);
  CHECK(all.bins[1].high_ns / all.bins[1].low_ns == doctest::Approx(1.01).epsilon(0.001));
}

}  // namespace histogram_test
