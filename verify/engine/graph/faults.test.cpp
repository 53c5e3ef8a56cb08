#include <surewake/verify/engine/graph/data.test.hpp>
#include <surewake/verify/engine/graph/fault.hpp>

#include <doctest/doctest.h>

using namespace surewake::verify::graph;

namespace {

/// A release sequence that C++11 continued by a later store of its own thread.
std::vector<known_program> own_programs() {
  nlohmann::json const strong{{"executions", 4}, {"states", 4}};
  nlohmann::json const weak{{"executions", 5}, {"states", 5}};
  return {{"release, then a relaxed store",
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

}  // namespace

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
