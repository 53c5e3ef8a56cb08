#include <surewake/verify/engine/graph/token.hpp>
#include <surewake/verify/engine/seed.hpp>

#include <doctest/doctest.h>

#include <stdexcept>
#include <utility>

namespace seed_test {

using namespace surewake::verify;

TEST_CASE("a random schedule is named by its number") {
  CHECK(to_seed({.search = scheduler::random, .state = "17 "}) == "17");
  schedule_name const s = parse_seed("17");
  CHECK(s.search == scheduler::random);
  CHECK(s.model == memory::cxx);
  CHECK(s.state == "17");
}

TEST_CASE("a schedule of a tree search is named by its choices, and runs first when it is taken up") {
  std::string const seed =
      to_seed({.search = scheduler::bound, .context_bound = 2, .state = "82 3 3 0 0 2 1 1 2 0 4 "});
  CHECK(seed == "b2.s30l21u20");
  schedule_name const s = parse_seed(seed);
  CHECK(s.search == scheduler::bound);
  CHECK(s.context_bound == 2);
  CHECK(s.state == "1 3 3 0 0 2 1 1 2 0 4");
  CHECK(parse_seed("f.s31").search == scheduler::full);
}

TEST_CASE("the memory model is part of the name") {
  CHECK(to_seed({.model = memory::sequential, .state = "5"}) == "sc.5");
  CHECK(parse_seed("sc.5").model == memory::sequential);
  CHECK(parse_seed("sc.f.s31").search == scheduler::full);
}

TEST_CASE("a token of the graph engine names its engine and its memory model") {
  namespace graph = surewake::verify::graph;
  for (auto const& [of_graph, of_case] : {std::pair(graph::memory_model::cpp20, memory::cxx),
                                          std::pair(graph::memory_model::sc, memory::sequential),
                                          std::pair(graph::memory_model::rc11, memory::rc11)}) {
    schedule_name const s = parse_seed(graph::to_text({of_graph, 1, 3, 2, {{0, 0}, {1, 2}}}));
    CHECK(s.search == scheduler::graph);
    CHECK(s.model == of_case);
  }
  CHECK_THROWS_AS(static_cast<void>(parse_seed("graph.AQ")), std::invalid_argument);
}

TEST_CASE("what names no schedule is refused") {
  for (char const* const wrong :
       {"", "0", "-1", "7x", "b.", "b2", "b2.", "b2.s3", "f.s33", "f.q31", "bx.s31", "sc.", "g.s31"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(static_cast<void>(parse_seed(wrong)), std::invalid_argument);
  }
}

}  // namespace seed_test
