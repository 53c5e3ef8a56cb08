#include <surewake/bench/measure/topology.hpp>

#include <doctest/doctest.h>
#include <sched.h>

namespace topology_test {

using namespace surewake::bench;

TEST_CASE("a processor is on its own core, and a processor that is not there is nowhere") {
  int const here = ::sched_getcpu();
  std::string const near = distance_of(here, here);
  CHECK((near == "same core" || near == "unknown"));  // a kernel may keep its topology to itself
  CHECK(distance_of(here, 1'000'000) == "unknown");
}

TEST_CASE("the topology says by what it was found") { CHECK_FALSE(topology().at("by").get<std::string>().empty()); }

}  // namespace topology_test
