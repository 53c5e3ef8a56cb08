#include <surewake/verify/engine/graph/bench.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

using namespace surewake::verify::graph;

namespace {

std::vector<bench_result> measure(bench_options const& options) {
  std::vector<bench_result> all;
  bench(options, [&](bench_result const& r) { all.push_back(r); });
  return all;
}

}  // namespace

TEST_CASE("bench: each subject has executions, a rate within its range, and a name of its own") {
  std::vector<bench_result> const all = measure({.rounds = 1, .seconds = 0, .runs = 100});
  CHECK(all.size() == 22);
  std::set<std::string> names;
  for (bench_result const& r : all) {
    CAPTURE(r.name);
    CHECK(names.insert(r.name).second);
    CHECK(r.executions > 0);
    CHECK(r.executions + r.blocked <= 100);
    CHECK(r.least <= r.executions_per_second);
    CHECK(r.executions_per_second <= r.most);
    CHECK(r.executions_per_second > 0);
  }
}

TEST_CASE("bench: a search that ends has the executions that are known, one that is cut says so") {
  bench_result const whole = measure({.rounds = 1, .seconds = 0, .only = "exchange_then_store"}).at(0);
  CHECK(whole.finished);
  CHECK(whole.executions == 32'880);
  CHECK(bench_line(whole).find("32880 ") != std::string::npos);
  bench_result const cut = measure({.rounds = 1, .seconds = 0, .runs = 32'879, .only = "exchange_then_store"}).at(0);
  CHECK_FALSE(cut.finished);
  CHECK(bench_line(cut).find("32879+") != std::string::npos);
}

TEST_CASE("bench: two processes visit what one does") {
  std::vector<processes_result> all;
  bench_processes({.rounds = 1, .only = "four_counters"}, [&](processes_result const& r) { all.push_back(r); });
  REQUIRE(all.size() == 1);
  CHECK(all[0].executions == 24 * 24 * 24 * 24);
  CHECK(all[0].one > 0);
  CHECK(all[0].two > 0);
  CHECK(all[0].times() == all[0].one / all[0].two);
}

TEST_CASE("bench: what is stopped tells nothing") {
  bench_options const stopped{.rounds = 1, .stop = [] { return true; }};
  CHECK(measure(stopped).empty());
  bench_processes(stopped, [](processes_result const&) { CHECK(false); });
}

TEST_CASE("bench: the median is the middle one, or the upper of two") {
  CHECK(median({3, 1, 2}) == 2);
  CHECK(median({1, 4, 2, 3}) == 3);
}
