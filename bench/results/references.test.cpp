#include <surewake/bench/results/references.hpp>
#include <surewake/queues/strategies.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace references_test {

using namespace surewake::bench;

namespace {

row of(char const* contestant) {
  row r;
  r.workload = "w";
  r.scenario = "s";
  r.contestant = contestant;
  r.kind = "strategy";
  return r;
}

}  // namespace

TEST_CASE("every strategy has a source") {
  surewake::strategies::for_each([]<class S>(S) {
    if constexpr (surewake::included<S>) {
      CHECK_MESSAGE(!sources_of(std::string(S::native::name) + "/hand_off").empty(), S::native::name);
    }
  });
  CHECK(!sources_of("uring_futex_per_waiter").empty());
}

TEST_CASE("a family is what stands before the first slash, blank or colon") {
  CHECK(sources_of("segmented_queue/barging").front().key == "cqs2023");
  CHECK(sources_of("std::counting_semaphore").front().key == "iso14882");
  CHECK(sources_of("moodycamel::LightweightSemaphore").front().key == "moodycamel");
  CHECK(sources_of("tokio 1.24").front().key == "tokio");
  CHECK(sources_of("locked RMW pair").empty());
}

TEST_CASE("a run cites each source once, and the statistics that its tables use") {
  results const r({of("segmented_queue/hand_off"), of("segmented_queue/barging"), of("sem_t"), of("bare")});
  std::vector<std::string> keys;
  for (source const& s : sources_of(r)) keys.push_back(s.key);
  CHECK(keys ==
        std::vector<std::string>{"cqs2023", "michael1996", "michael2004", "posix2017", "efron1979", "jain1984"});
}

}  // namespace references_test
