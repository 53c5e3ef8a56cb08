#include <surewake/bench/results/scaling.hpp>

#include <doctest/doctest.h>

#include <cmath>

namespace scaling_test {

using namespace surewake::bench;

namespace {

std::vector<scaling_point> law(double lambda, double sigma, double kappa, std::vector<double> const& threads) {
  std::vector<scaling_point> points;
  for (double const n : threads) {
    points.push_back({n, lambda * n / (1 + sigma * (n - 1) + kappa * n * (n - 1))});
  }
  return points;
}

}  // namespace

TEST_CASE("a fit finds the terms that the points were made with") {
  scaling_fit const f = fit_scaling(law(1e6, 0.05, 0.001, {1, 2, 4, 8, 16, 32}));
  CHECK(f.lambda == doctest::Approx(1e6));
  CHECK(f.sigma == doctest::Approx(0.05));
  CHECK(f.kappa == doctest::Approx(0.001));
  CHECK(f.peak() == doctest::Approx(std::sqrt(0.95 / 0.001)));
  CHECK(f.worst < 1e-9);
}

TEST_CASE("noise of some percent moves the terms by little") {
  auto points = law(1e6, 0.1, 0.01, {1, 2, 3, 4, 6, 8, 12, 16});
  for (std::size_t i = 0; i < points.size(); ++i) points[i].throughput *= i % 2 == 0 ? 1.03 : 0.97;
  scaling_fit const f = fit_scaling(points);
  CHECK(f.sigma == doctest::Approx(0.1).epsilon(0.4));
  CHECK(f.kappa == doctest::Approx(0.01).epsilon(0.2));
  CHECK(f.worst < 0.06);
}

TEST_CASE("linear growth has neither contention nor coherence, and no peak") {
  scaling_fit const f = fit_scaling(law(5, 0, 0, {1, 2, 4, 8}));
  CHECK(f.sigma == doctest::Approx(0));
  CHECK(f.kappa == doctest::Approx(0));
  CHECK(std::isinf(f.peak()));
}

TEST_CASE("growth that is more than linear is no negative contention") {
  scaling_fit const f = fit_scaling(std::vector<scaling_point>{{1, 1}, {2, 2.2}, {4, 4.8}, {8, 10}});
  CHECK(f.sigma >= 0);
  CHECK(f.kappa >= 0);
}

TEST_CASE("what a lock serialises altogether is contention 1, and best with one thread") {
  scaling_fit const f = fit_scaling(law(7, 1, 0, {1, 2, 4, 8}));
  CHECK(f.sigma == doctest::Approx(1));
  CHECK(f.peak() == 1);
}

TEST_CASE("two numbers of threads determine contention alone, and one nothing but speed") {
  CHECK(fit_scaling(law(1e6, 0.5, 0, {1, 2})).sigma == doctest::Approx(0.5));
  CHECK(fit_scaling(law(1e6, 0.5, 0.1, {1, 2})).kappa == 0);
  CHECK(fit_scaling(law(1e6, 0.5, 0.1, {1})).lambda == doctest::Approx(1e6));
  CHECK(fit_scaling({}).counts == 0);
}

TEST_CASE("the table has a family a grid, and a line a contestant") {
  std::vector<row> rows;
  for (auto const& [n, x] : law(1e6, 0.2, 0.01, {1, 2, 4})) {
    row r;
    r.workload = "scale";
    r.scenario = std::to_string(static_cast<int>(n)) + (n == 1 ? " thread" : " threads") + ", 1 permit";
    r.contestant = "a/hand_off";
    r.kind = "strategy";
    r.threads = n;
    r.throughput_operations_per_s = x;
    rows.push_back(r);
  }
  auto const all = scaling_of(results(rows));
  REQUIRE(all.size() == 1);
  CHECK(all[0].title.starts_with("scaling, 1 permit: "));
  REQUIRE(all[0].lines.size() == 1);
  CHECK(all[0].lines[0] ==
        std::vector<std::string>{"a/hand_off", "1,000,000", "1,639,344", "2,325,581", "0.20", "0.01", "8.94", "–"});
}

}  // namespace scaling_test
