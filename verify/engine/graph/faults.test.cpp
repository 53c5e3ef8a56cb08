#include <surewake/verify/engine/graph/data.test.hpp>
#include <surewake/verify/engine/graph/fault.hpp>

#include <doctest/doctest.h>

using namespace surewake::verify::graph;

namespace {

/// A release sequence that C++11 continued by a later store of its own thread.
std::vector<known_program> own_programs() {
  nlohmann::json const strong{{"executions", 4}, {"states", 4}};
  nlohmann::json const weak{{"executions", 5}, {"states", 5}};
  nlohmann::json const three{{"executions", 3}, {"states", 3}};
  nlohmann::json const four{{"executions", 4}, {"states", 4}};
  return {{"two light fences",
           {"W x 1 rlx;F lt;R r0 y rlx", "W y 1 rlx;F lt;R r0 x rlx"},
           {"x", "y"},
           {{"sc", three}, {"rc11", three}, {"cpp20", four}}},
          {"a look",
           {"W x 1 rlx;W y 1 rel", "R r0 y rlx;L r1 x"},
           {"x", "y"},
           {{"sc", three}, {"rc11", three}, {"cpp20", three}}},
          {"rare choices",
           {"V r0 2 rare", "V r0 2 rare"},
           {"x"},
           {{"sc", three}, {"rc11", three}, {"cpp20", three}}},
          {"release, then a relaxed store",
           {"W x 1 rlx;W y 1 rel;W y 2 rlx", "R r0 y acq;R r1 x rlx"},
           {"x", "y"},
           {{"sc", strong}, {"rc11", weak}, {"cpp20", weak}}}};
}

/// Returns whether the data show that something is wrong.
bool is_seen(std::vector<known_program> const& programs) {
  for (known_program const& p : programs) {
    try {
      if (!compare_all(p, {.most_runs = 2'000}).empty()) return true;
    } catch (std::exception const&) {
      return true;
    }
  }
  return false;
}

/// Returns the program with every fence light, or every second one heavy.
known_program asymmetric(known_program p) {
  bool heavy = false;
  for (std::string& t : p.threads) {
    for (std::size_t at = t.find("F sc"); at != std::string::npos; at = t.find("F sc")) {
      t.replace(at, 4, heavy ? "F hv" : "F lt");
      heavy = !heavy;
    }
  }
  return p;
}

}  // namespace

TEST_CASE("faults: what an engine without S visits, less what its definition forbids, is what this engine visits") {
  std::vector<known_program> programs = read_data("litmus.jsonl");
  for (known_program& p : read_data("random.jsonl")) programs.push_back(std::move(p));
  for (known_program const& known : programs) {
    for (known_program const& p : {known, asymmetric(known)}) {
      program const parsed = parse_program(p.threads, p.locations);
      seeded_fault = fault::no_total_order;
      exploration const expected = explore(parsed, memory_model::cpp20, {.states = false, .filter = true});
      seeded_fault = fault::none;
      CAPTURE(p.name);
      CHECK(explore(parsed, memory_model::cpp20, {.states = false}).executions == expected.executions);
    }
  }
}

TEST_CASE("faults: each mistake in the engine shows in the data") {
  std::vector<known_program> programs = own_programs();
  for (known_program& p : read_data("litmus.jsonl")) programs.push_back(std::move(p));
  for (known_program& p : read_data("random.jsonl")) programs.push_back(std::move(p));
  CHECK_FALSE(is_seen(programs));
  for (int f = 1; f != static_cast<int>(fault::end); ++f) {
    CAPTURE(f);
    seeded_fault = static_cast<fault>(f);
    CHECK(is_seen(programs));
    seeded_fault = fault::none;
  }
}
