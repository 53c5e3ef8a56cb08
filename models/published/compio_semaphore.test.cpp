// The published semaphore on the real machine: what is right without a race, and what is wrong without one.
#include <surewake/core/platform/std_platform.hpp>
#include <surewake/models/published/compio_dropped.hpp>
#include <surewake/models/published/compio_pass_along.hpp>
#include <surewake/models/published/compio_polled_again.hpp>
#include <surewake/models/published/compio_window.hpp>

#include <doctest/doctest.h>

#include <thread>
#include <vector>

namespace compio_semaphore_test {

namespace {

using namespace surewake::models::published;
using surewake::std_platform;

template <repairs R> struct fixture {
  using semaphore = compio_semaphore<std_platform, R>;
  semaphore limit{0};
  std::array<task<std_platform, R>, 2> tasks;
  typename semaphore::acquiring first{limit};
  typename semaphore::acquiring second{limit};
};

template <repairs R> struct form {
  static constexpr repairs fixed = R;
};

/// Runs each thread of a model once, on threads of the machine.
template <class Model> void run_once() {
  Model m;
  std::vector<std::jthread> running;
  for (unsigned i = 0; i < Model::threads; ++i) running.emplace_back([&m, i] { m.thread(i); });
  running.clear();
  m.after();
}

}  // namespace

TEST_CASE_TEMPLATE("a permit that is free is taken at the first poll", F, form<second_version>, form<all_repairs>) {
  fixture<F::fixed> s;
  s.limit.release();
  CHECK(s.first.poll(s.tasks[0]));
  CHECK(s.limit.available() == 0);
}

TEST_CASE_TEMPLATE("a release wakes who waits, first come first woken", F, form<second_version>, form<all_repairs>) {
  fixture<F::fixed> s;
  REQUIRE(!s.first.poll(s.tasks[0]));
  REQUIRE(!s.second.poll(s.tasks[1]));
  s.limit.release();
  CHECK(s.tasks[0].notified());
  CHECK(!s.tasks[1].notified());
  CHECK(s.first.poll(s.tasks[0]));
}

TEST_CASE("as published, a dropped waiter swallows the wake of the next") {
  fixture<second_version> s;
  REQUIRE(!s.first.poll(s.tasks[0]));
  REQUIRE(!s.second.poll(s.tasks[1]));
  s.first.drop();
  s.limit.release();
  CHECK(!s.tasks[1].notified());
  CHECK(s.limit.available() == 1);
}

TEST_CASE("as published, a waiter that is dropped after its wake keeps the wake") {
  fixture<second_version> s;
  REQUIRE(!s.first.poll(s.tasks[0]));
  REQUIRE(!s.second.poll(s.tasks[1]));
  s.limit.release();
  s.first.drop();
  CHECK(!s.tasks[1].notified());
  CHECK(s.limit.available() == 1);
}

TEST_CASE("repaired, the wake goes to the next waiter") {
  fixture<all_repairs> s;
  REQUIRE(!s.first.poll(s.tasks[0]));
  REQUIRE(!s.second.poll(s.tasks[1]));
  SUBCASE("when the first one is dropped before") {
    s.first.drop();
    s.limit.release();
  }
  SUBCASE("when the first one is dropped after") {
    s.limit.release();
    s.first.drop();
  }
  CHECK(s.tasks[1].notified());
  CHECK(s.second.poll(s.tasks[1]));
}

TEST_CASE("as published, a second poll leaves a registration behind that swallows a wake") {
  fixture<second_version> s;
  REQUIRE(!s.first.poll(s.tasks[0]));
  REQUIRE(!s.first.poll(s.tasks[0]));
  REQUIRE(!s.second.poll(s.tasks[1]));
  s.limit.release();
  REQUIRE(s.first.poll(s.tasks[0]));
  s.limit.release();
  CHECK(!s.tasks[1].notified());
}

TEST_CASE("repaired, a poll that no wake caused changes nothing") {
  fixture<all_repairs> s;
  REQUIRE(!s.first.poll(s.tasks[0]));
  REQUIRE(!s.first.poll(s.tasks[0]));
  REQUIRE(!s.second.poll(s.tasks[1]));
  s.limit.release();
  REQUIRE(s.first.poll(s.tasks[0]));
  s.limit.release();
  CHECK(s.tasks[1].notified());
}

TEST_CASE("the repaired form ends in every scenario, on real threads") {
  for (int round = 0; round < 50; ++round) {
    run_once<compio_window<std_platform, all_repairs>>();
    run_once<compio_pass_along<std_platform, all_repairs>>();
    run_once<compio_pass_along<std_platform, all_repairs, pass_along_shape{.used_before = true, .to_all = true}>>();
    run_once<compio_dropped<std_platform, all_repairs>>();
    run_once<compio_dropped_late<std_platform, all_repairs>>();
    run_once<compio_polled_again<std_platform, all_repairs>>();
  }
}

}  // namespace compio_semaphore_test
