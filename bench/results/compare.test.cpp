#include <surewake/bench/results/compare.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <random>

namespace compare_test {

using namespace surewake::bench;

namespace {

/// A run of some scenarios, 20 blocks each, whose times are noisy on one side and drift together with their floors. Of
/// bits alone, so that every standard library draws the same. The strategy takes `factor` times as long as it should.
std::unique_ptr<results> a_run(std::uint64_t seed, double factor, unsigned scenarios = 1, double machine = 1,
                               double peers = 1) {
  std::mt19937_64 random(seed);
  auto const noise = [&] { return 1 + 0.05 * static_cast<double>(random() >> 11) * 0x1p-53; };
  std::vector<row> rows;
  for (unsigned s = 0; s < scenarios; ++s) {
    for (unsigned block = 0; block < 20; ++block) {
      double const drift = machine * (1 + 0.3 * noise());
      for (auto const& [name, kind, ns] :
           {std::tuple("floor", "floor", 10.0), std::tuple("ours", "strategy", 15 * factor),
            std::tuple("theirs", "peer", 20 * peers)}) {
        row r;
        r.workload = "w";
        r.scenario = "s" + std::to_string(s);
        r.contestant = name;
        r.kind = kind;
        r.measures = "time";
        r.threads = 1;
        r.repeat = block;
        r.time_ns_per_operation = ns * drift * noise();
        r.ratio_units = r.time_ns_per_operation / (4 * drift);
        rows.push_back(r);
      }
    }
  }
  return std::make_unique<results>(std::move(rows));
}

std::size_t slower(std::uint64_t seed, double factor, compare_options const& options = {}, unsigned scenarios = 1) {
  return compare(*a_run(seed, 1, scenarios), *a_run(seed + 1'000, factor, scenarios), options)
      .count(verdict::slower, true);
}

row counts(double rmws, double allocations) {
  row r;
  r.workload = "w";
  r.scenario = "s";
  r.contestant = "ours";
  r.kind = "strategy";
  r.measures = "counts";
  r.metrics.keep("rmws", rmws);
  r.allocations_per_operation = allocations;
  r.threads = 1;
  return r;
}

}  // namespace

TEST_CASE("a strategy that is 20 % slower is seen, whatever the yardstick, and one that is faster is no complaint") {
  for (yardstick const by : {yardstick::units, yardstick::ns, yardstick::floor}) {
    CHECK(slower(1, 1.2, {.by = by}) == 1);
    CHECK(slower(1, 1, {.by = by}) == 0);
    CHECK(slower(1, 0.8, {.by = by}) == 0);
  }
  auto const c = compare(*a_run(1, 1), *a_run(2, 0.8), {});
  CHECK(c.count(verdict::faster, true) == 1);
  REQUIRE(c.rows.size() == 2);  // a floor is no row by floors
  CHECK(c.rows[0].ratio == doctest::Approx(0.8).epsilon(0.02));
  CHECK(c.rows[0].sure.contains(c.rows[0].ratio));
  CHECK(c.rows[0].quantity == "time by floor");
}

TEST_CASE("what is significant and small is below the threshold") {
  CHECK(slower(1, 1.04) == 0);
  CHECK(slower(1, 1.04, {.threshold = 0.01}) == 1);
}

TEST_CASE("two runs of one program differ in at most 10 of 100 pairs, of 8 rows each, with no threshold") {
  unsigned alarms = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    alarms += slower(seed, 1, {.threshold = 0, .adjust = correction::holm}, 8) > 0;
  }
  CHECK(alarms <= 10);
  auto const significant = [](correction adjust) {
    auto const c = compare(*a_run(3, 1, 100), *a_run(4, 1, 100), {.by = yardstick::units, .adjust = adjust});
    return std::ranges::count_if(c.rows, [](compared_row const& r) { return r.adjusted < 0.05; });
  };
  CHECK(significant(correction::none) > 5);  // one in twenty of 300 is: what the correction is for
  CHECK(significant(correction::holm) <= 1);
}

TEST_CASE("on a machine of another speed floors tell what nanoseconds do not") {
  auto const before = a_run(1, 1);
  auto const after = a_run(2, 1, 1, 1.5);
  CHECK(compare(*before, *after, {.by = yardstick::ns}).count(verdict::slower, true) == 1);
  CHECK(compare(*before, *after, {.by = yardstick::ns}).count(verdict::slower, false) == 2);
  CHECK(compare(*before, *after, {.by = yardstick::floor}).count(verdict::slower, true) == 0);
}

TEST_CASE("where peers have moved, which are the same code, a strategy must have moved further") {
  auto const before = a_run(1, 1, 6);
  CHECK(compare(*before, *a_run(2, 1.2, 6), {}).count(verdict::slower, true) == 6);
  comparison const restless = compare(*before, *a_run(2, 1.2, 6, 1, 1.3), {});
  CHECK(restless.noise == doctest::Approx(0.3).epsilon(0.1));
  CHECK(restless.count(verdict::slower, true) == 0);
  CHECK(grid_of(restless, {}).notes[1].starts_with("Nine in ten floors and peers moved by up to "));
  CHECK(compare(*before, *a_run(2, 1.5, 6, 1, 1.3), {}).count(verdict::slower, true) == 6);
}

TEST_CASE("a row without a floor is compared in units, on one machine") {
  auto const without_floor = [](std::uint64_t seed, double factor) {
    std::vector<row> rows = a_run(seed, factor)->rows();
    std::erase_if(rows, [](row const& r) { return r.kind == "floor"; });
    return std::make_unique<results>(std::move(rows));
  };
  auto const before = without_floor(1, 1);
  auto const after = without_floor(2, 1.2);
  auto const c = compare(*before, *after, {});
  CHECK(c.count(verdict::slower, true) == 1);
  CHECK(c.rows[0].quantity == "time in units");
  CHECK(compare(*before, *after, {.one_machine = false}).rows.empty());
}

TEST_CASE("what is counted differs as soon as it does, and without a test") {
  auto const changed = [](row const& a, row const& b) {
    return compare(results({a}), results({b}), {}).count(verdict::slower, true);
  };
  CHECK(changed(counts(2, 0), counts(2, 0)) == 0);
  CHECK(changed(counts(2, 0), counts(3, 0)) == 1);
  CHECK(changed(counts(2, 0), counts(1, 0)) == 0);
  CHECK(changed(counts(2, 0), counts(2, 1)) == 1);  // from none
}

TEST_CASE("a table has the rows that differ, the slowest first, and says what it could not compare") {
  auto const before = a_run(1, 1, 2);
  auto const after = a_run(2, 1.5);
  comparison const c = compare(*before, *after, {.all = true});
  CHECK(c.only_before.size() == 3);
  CHECK(c.only_after.empty());
  grid const g = grid_of(c, {});
  REQUIRE(g.lines.size() == 1);
  CHECK(g.lines[0][0] == "w / s0 / ours");
  CHECK(g.lines[0].back() == "SLOWER");
  CHECK(grid_of(c, {.all = true}).lines.size() == 2);
  CHECK(g.notes.back() == "3 contestants are only in the first run: w / s1 / floor, …");
}

}  // namespace compare_test
