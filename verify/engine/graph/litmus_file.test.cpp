#include <surewake/verify/engine/graph/litmus_file.hpp>

#include <doctest/doctest.h>

using namespace surewake::verify::graph;

namespace {

std::string refusal(std::string const& line) {
  try {
    static_cast<void>(read_program(line));
  } catch (bad_program const& e) {
    return e.what();
  }
  return "none";
}

known_program message_passing(std::string const& expected) {
  return read_program(R"({"name": "MP", "threads": ["W x 1 rlx;W y 1 rel", "R r0 y acq;R r1 x rlx"],)"
                      R"("locs": ["x", "y", "z"], "expect": {"rc11": )" +
                      expected + "}}");
}

std::string difference(std::string const& expected) {
  known_program const p = message_passing(expected);
  return differences(explore(p.parsed(), memory_model::rc11), p.expect.at(memory_model::rc11));
}

}  // namespace

TEST_CASE("litmus_file: a line is a program and what is known of it") {
  known_program const p = message_passing(R"({"executions": 3, "states": ["b", "a"], "race": false})");
  CHECK(p.name == "MP");
  CHECK(p.threads.size() == 2);
  CHECK(p.locations == std::vector<std::string>{"x", "y", "z"});
  CHECK(p.expect.size() == 1);
  expectation const& e = p.expect.at(memory_model::rc11);
  CHECK(e.executions == 3);
  CHECK(e.states == std::vector<std::string>{"a", "b"});
  CHECK(e.race == false);
  CHECK_FALSE(e.blocked);
  CHECK(read_program(R"({"threads": [], "weak": "x=1", "what": 7})").weak == "x=1");
}

TEST_CASE("litmus_file: plain locations are no part of final states") {
  known_program const p = read_program(R"({"threads": ["W x 1 rlx"], "locs": ["x", "d"], "plain": ["d"]})");
  exploration const found = explore(p.parsed(), memory_model::cpp20);
  REQUIRE(found.states.size() == 1);
  CHECK(found.states.begin()->first == "x=1");
}

TEST_CASE("litmus_file: what is no program is refused") {
  CHECK(refusal("{").starts_with("no JSON: parse error at line 1, column 2"));
  CHECK(refusal("[]") == "no JSON object");
  CHECK(refusal("{}") == "'threads' is missing");
  CHECK(refusal(R"({"threads": "W x 1 rlx"})") == "'threads' must be an array of texts");
  CHECK(refusal(R"({"threads": [1]})") == "'threads' must be an array of texts");
  CHECK(refusal(R"({"threads": [], "name": 1})") == "'name' must be a text");
  CHECK(refusal(R"({"threads": [], "locs": "x"})") == "'locs' must be an array of texts");
  CHECK(refusal(R"({"threads": [], "expect": 1})") == "'expect' must be an object");
  CHECK(refusal(R"({"threads": [], "expect": {"sc": 1}})") == "'sc' must be an object");
  CHECK(refusal(R"({"threads": [], "expect": {"sc": {"executions": -1}}})") == "'executions' must be a number");
  CHECK(refusal(R"({"threads": [], "expect": {"sc": {"race": 1}}})") == "'race' must be true or false");
  CHECK(refusal(R"({"threads": [], "expect": {"sc": {"states": "a"}}})") == "'states' must be an array of texts");
}

TEST_CASE("litmus_file: what differs is named") {
  CHECK(difference(R"({"executions": 3, "blocked": 0, "states": 3, "race": false})") == "");
  CHECK(difference(R"({"executions": 4})") == "3 executions instead of 4");
  CHECK(difference(R"({"blocked": 1, "states": 4})") == "0 blocked instead of 1; 3 states instead of 4");
  CHECK(difference(R"({"race": true})") == "no race");
  CHECK(difference(R"({"states": ["0", "1:r0=0 1:r1=0 x=1 y=1 z=0", "1:r0=0 1:r1=1 x=1 y=1 z=0"]})") ==
        "the unexpected state '1:r0=1 1:r1=1 x=1 y=1 z=0'; without the state '0'");
  exploration twice;
  twice.duplicates = 2;
  twice.race = true;
  CHECK(differences(twice, {.race = false}) == "2 duplicates instead of 0; a race, and none is expected");
}
