#include <surewake/bench/measure/runner.hpp>
#include <surewake/bench/results/results.hpp>

#include <surewake/bench/results/scratch.test.hpp>

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <set>

namespace runner_test {

using namespace surewake::bench;
using surewake::bench::testing::scratch;

namespace {

/// A contestant of `ns` an operation on a clock that only it moves.
contestant of(std::string name, double ns, double* clock_s, kind what = kind::strategy) {
  return {std::move(name), what, [=](std::uint64_t n) {
            auto const operations = static_cast<double>(n);
            *clock_s += operations * ns * 1e-9;
            return sample{.operations = operations, .elapsed_ns = operations * ns};
          }};
}

scenario three(double* clock_s) {
  scenario s{.workload = "w", .name = "s"};
  s.contestants = {of("floor", 10, clock_s, kind::floor), of("a", 20, clock_s), of("b", 30, clock_s, kind::peer)};
  return s;
}

scenarios one(scenario s) {
  scenarios all;
  all.push_back(std::move(s));
  return all;
}

/// Counts timed samples, disturbed ones too.
std::ptrdiff_t samples_of(results const& r, std::string_view contestant) {
  return std::ranges::count_if(r.rows(),
                               [&](row const& x) { return x.contestant == contestant && x.measures == "time"; });
}

}  // namespace

TEST_CASE("each block holds every contestant once, a ratio is of one block, and a row names the floor of its shape") {
  scratch const at;
  double clock_s = 0;
  run_options const options{.seconds = 1e6, .repeats = 8, .clock = [&] { return clock_s; }, .quiet = true};
  {
    result_writer out(at.file(), {{"seed", 1}});
    CHECK(run(one(three(&clock_s)), options, out).failures.empty());
  }
  results const r(read_results(at.file()));
  std::set<std::pair<double, std::string>> seen;
  for (row const& x : r.rows()) {
    if (x.measures == "time") CHECK(seen.emplace(x.repeat, x.contestant).second);
  }
  CHECK(seen.size() == 3 * 8);
  CHECK(r.floor_of("w", "s", "a") == "floor");
  CHECK(r.ratio_of("w", "s", "a", "floor").median == doctest::Approx(2.0));
  CHECK(r.ratio_of("w", "s", "a", "floor").n == 8);
  CHECK(r.ratio_of("w", "s", "a", "b").sure.high == doctest::Approx(2 / 3.0));
}

TEST_CASE("a batch takes as long as a sample should, and the budget ends the scenario after three blocks at least") {
  scratch const at;
  double clock_s = 0;
  run_options options{.seconds = 0.001, .repeats = 1'000, .clock = [&] { return clock_s; }, .quiet = true};
  {
    result_writer out(at.file(), {});
    static_cast<void>(run(one(three(&clock_s)), options, out));
  }
  results const few(read_results(at.file()));
  CHECK(samples_of(few, "a") == 3);
  CHECK(median(few.column("w", "s", "a", &row::elapsed_ns)) >= options.how.sample_ns);
  options.seconds = 0.5;
  {
    result_writer out(at.file(), {});
    static_cast<void>(run(one(three(&clock_s)), options, out));
  }
  CHECK(samples_of(results(read_results(at.file())), "a") > 30);
}

TEST_CASE("a contestant that drops every 1,000th wake fails, and none of its rows counts") {
  scratch const at;
  double clock_s = 0;
  auto const woken = std::make_shared<std::uint64_t>(0);
  auto const drops = [woken](std::uint64_t n) {
    std::uint64_t arrived = 0;
    for (std::uint64_t i = 0; i < n; ++i) arrived += ++*woken % 1'000 != 0 ? 1 : 0;
    expect(arrived == n, "each waiter is woken once");
    return sample{.operations = static_cast<double>(n), .elapsed_ns = static_cast<double>(n)};
  };
  for (kind const what : {kind::strategy, kind::peer}) {
    *woken = 0;
    scenario s = three(&clock_s);
    s.operations = 100;
    s.contestants.push_back({"drops", what, drops});
    run_report report;
    {
      result_writer out(at.file(), {});
      report = run(one(std::move(s)), {.repeats = 20, .clock = [&] { return clock_s; }, .quiet = true}, out);
    }
    CHECK(report.failures.size() == (what == kind::strategy ? 1 : 0));
    CHECK(report.peer_failures.size() == (what == kind::peer ? 1 : 0));
    results const r(read_results(at.file()));
    REQUIRE(r.failures().size() == 1);
    CHECK(r.failures()[0].contestant == "drops");
    CHECK(r.failures()[0].why.find("each waiter is woken once") != std::string::npos);
    CHECK(r.contestants("w", "s") == std::vector<std::string>{"floor", "a", "b"});
    CHECK(samples_of(r, "a") == 20);
  }
}

TEST_CASE("a run that was broken off goes on with the blocks and scenarios that are missing") {
  scratch const at;
  double clock_s = 0;
  run_options const options{.seconds = 1e6, .repeats = 6, .clock = [&] { return clock_s; }, .quiet = true};
  scenario other = three(&clock_s);
  other.name = "t";
  {
    result_writer out(at.file(), {});
    out.add(measured_scenario{"w", "t", 1, true});
    for (double block = 0; block < 4; ++block) {
      row x;
      x.workload = "w", x.scenario = "s", x.contestant = "a", x.kind = "strategy", x.measures = "time";
      x.repeat = block;
      x.time_ns_per_operation = 21;
      out.add(x);
    }
    out.add(failure{"w", "s", "b", "peer", "it hung"});
  }
  {
    recorded_run const before = read_results(at.file());
    result_writer out(before, at.file());
    scenarios all = one(three(&clock_s));
    all.push_back(std::move(other));
    static_cast<void>(run(std::move(all), options, out, before));
  }
  results const r(read_results(at.file()));
  CHECK(r.scenarios("w") == std::vector<std::string>{"s"});  // t was complete
  CHECK(samples_of(r, "a") == 6);
  CHECK(samples_of(r, "floor") == 2);
  CHECK(r.contestants("w", "s") == std::vector<std::string>{"floor", "a"});
}

TEST_CASE("what a contestant counts apart is a row of its own") {
  scratch const at;
  double clock_s = 0;
  scenario s = three(&clock_s);
  s.contestants[1].count = [](std::uint64_t) {
    metrics m;
    m.set("cpu_ns", 4);
    return m;
  };
  {
    result_writer out(at.file(), {});
    static_cast<void>(run(one(std::move(s)), {.repeats = 3, .clock = [&] { return clock_s; }, .quiet = true}, out));
  }
  results const r(read_results(at.file()));
  auto const counted = std::ranges::count_if(r.rows(), [](row const& x) { return x.measures == "counts"; });
  CHECK(counted == 1);
  CHECK(r.column("w", "s", "a", "cpu_ns") == std::vector<double>{4});
}

TEST_CASE("latencies are asked for once a scenario, and a run that is shown is its record and no row") {
  scratch const at;
  double clock_s = 0;
  scenario s = three(&clock_s);
  s.contestants[1].latencies = [] { return std::vector{latency_bins{"wake", {{1, 2, 3}}}}; };
  scenario shown{.workload = "swimlane", .name = "t", .operations = 1, .max_repeats = 1};
  shown.contestants.push_back(
      {"x", kind::strategy, [](std::uint64_t) { return sample{.lanes = swimlane{.contestant = "x"}}; }});
  {
    result_writer out(at.file(), {});
    scenarios all = one(std::move(s));
    all.push_back(std::move(shown));
    CHECK(run(std::move(all), {.repeats = 3, .clock = [&] { return clock_s; }, .quiet = true}, out).failures.empty());
  }
  recorded_run const all = read_results(at.file());
  REQUIRE(all.latencies.size() == 1);
  CHECK(all.latencies[0].workload == "w");
  CHECK(all.latencies[0].contestant == "a");
  REQUIRE(all.swimlanes.size() == 1);
  CHECK(all.swimlanes[0].contestant == "x");
  CHECK(std::ranges::none_of(all.rows, [](row const& x) { return x.workload == "swimlane"; }));
}

}  // namespace runner_test
