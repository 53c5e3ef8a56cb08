#include <surewake/verify/engine/graph/data.test.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

using namespace surewake::verify::graph;

namespace {

/// Returns how many executions a program has; the same under each model.
std::uint64_t executions(std::vector<std::string> const& threads) {
  program const p = parse_program(threads);
  exploration const result = explore(p, memory_model::cpp20, {.states = false});
  CHECK(result.duplicates == 0);
  CHECK(explore(p, memory_model::sc, {.states = false}).executions == result.executions);
  CHECK(explore(p, memory_model::rc11, {.states = false}).executions == result.executions);
  return result.executions;
}

std::vector<std::string> several(std::size_t n, std::string const& thread) { return {n, thread}; }
std::vector<std::string> and_one(std::vector<std::string> threads, std::string thread) {
  threads.push_back(std::move(thread));
  return threads;
}

}  // namespace

TEST_CASE("litmus: the programs of the literature have the executions, states and races that are known") {
  auto const all = read_data("litmus.jsonl");
  CHECK(all.size() == 56);
  for (known_program const& p : all) CHECK(compare_all(p, {.axioms = true}) == "");
}

TEST_CASE("litmus: random programs have the number of executions and states that is known") {
  auto const all = read_data("random.jsonl");
  CHECK(all.size() == 695);
  for (known_program const& p : all) CHECK(compare_all(p) == "");
}

TEST_CASE("litmus: the order of the threads makes no difference") {
  for (known_program p : read_data("litmus.jsonl")) {
    std::reverse(p.threads.begin(), p.threads.end());
    for (auto const& [name, model] : models) {
      exploration const found = explore(parse_program(p.threads, p.locations), model);
      CHECK(found.executions == p.expect.at(name).at("executions").get<std::uint64_t>());
      CHECK(found.duplicates == 0);
    }
  }
}

TEST_CASE("litmus: families whose executions can be counted by hand") {
  std::vector<std::uint64_t> const factorial{1, 1, 2, 6, 24, 120};
  for (std::size_t n = 2; n != 6; ++n) CHECK(executions(several(n, "A r x 1 rlx")) == factorial[n]);
  for (std::size_t n = 2; n != 5; ++n) {
    CHECK(executions(several(n, "A r x 1 rlx;A s y 1 rlx")) == factorial[n] * factorial[n]);
    CHECK(executions(several(n, "R r x rlx;W x 1 rlx")) == factorial[n] * factorial[n]);
    CHECK(executions(several(n, "C r x 0 1 rlx rlx;W x 2 rlx")) == std::vector<std::uint64_t>{0, 0, 6, 66, 1200}[n]);
  }
  for (std::size_t n = 1; n != 4; ++n) {
    CHECK(executions(and_one(several(n, "A r x 1 rlx"), "W x 7 rlx")) == factorial[n + 1]);
  }
  for (std::size_t n = 1; n != 6; ++n) {
    std::vector<std::string> cas;
    std::vector<std::string> chain;
    for (std::size_t i = 1; i <= n; ++i) {
      cas.push_back("C r x 0 " + std::to_string(i) + " rlx rlx");
      chain.push_back("C r x " + std::to_string(i - 1) + " " + std::to_string(i) + " rlx rlx");
    }
    CHECK(executions(cas) == n);
    CHECK(executions(and_one(several(n, "C r x 2 3 rlx rlx"), "W x 2 rlx")) ==
          std::vector<std::uint64_t>{0, 2, 5, 13, 33, 81}[n]);
    CHECK(executions(chain) == std::vector<std::uint64_t>{0, 1, 2, 5, 14, 43}[n]);
    CHECK(executions(and_one(several(n, "R r x rlx"), "W x 1 rlx")) == std::uint64_t{1} << n);
  }
}

TEST_CASE("litmus: a light fence is ordered with heavy ones only") {
  auto const buffering = [](std::string const& a, std::string const& b) {
    program const p = parse_program({"W x 1 rlx;F " + a + ";R r y rlx", "W y 1 rlx;F " + b + ";R r x rlx"});
    return explore(p, memory_model::cpp20, {.axioms = true}).executions;
  };
  CHECK(buffering("lt", "lt") == 4);
  CHECK(buffering("lt", "sc") == 4);
  CHECK(buffering("lt", "hv") == 3);
  CHECK(buffering("sc", "hv") == 3);
  CHECK(buffering("hv", "hv") == 3);
  auto const passing = [](std::string const& a, std::string const& b) {
    program const p = parse_program({"W x 1 rlx;F " + a + ";W y 1 rlx", "R r y rlx;F " + b + ";R s x rlx"});
    return explore(p, memory_model::cpp20, {.axioms = true}).executions;
  };
  CHECK(passing("lt", "lt") == 4);
  CHECK(passing("lt", "sc") == 4);
  CHECK(passing("lt", "hv") == 3);
  CHECK(passing("hv", "lt") == 3);
  CHECK(passing("hv", "sc") == 3);
}

TEST_CASE("litmus: a look at a futex's word sees what came before, and orders nothing") {
  auto const executions = [](std::string const& look) {
    return explore(parse_program({"W x 1 rlx;W y 1 rel", "R r y rlx;" + look}), memory_model::cpp20).executions;
  };
  CHECK(executions("R s x rlx") == 4);
  CHECK(executions("L s x") == 3);
  CHECK(executions("L s z;R u x rlx") == 4);
}

TEST_CASE("litmus: choices, of which rare ones have other values than 0 once") {
  exploration const free = explore(parse_program({"V r 2", "V r 3"}), memory_model::cpp20);
  CHECK(free.executions == 6);
  CHECK(free.duplicates == 0);
  program const p = parse_program({"V r 2 rare;W x 1 rlx", "V r 3 rare;R s x rlx"});
  exploration const rare = explore(p, memory_model::cpp20);
  CHECK(rare.executions == 8);  // 1 + 1 + 2 pairs of choices, and the read has two values in each
  CHECK(rare.duplicates == 0);
}

TEST_CASE("litmus: a thread that waits is blocked where its value does not come") {
  exploration const found = explore(parse_program({"W x 1 rel;W x 2 rel", "AW r x 1 acq"}), memory_model::cpp20);
  CHECK(found.executions == 1);
  CHECK(found.blocked == 1);
}

TEST_CASE("litmus: a program that is not understood is refused") {
  CHECK_THROWS_AS(static_cast<void>(parse_program({"W x 1 strong"})), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(parse_program({"Z x"})), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(parse_program({"R r0"})), std::invalid_argument);
}
