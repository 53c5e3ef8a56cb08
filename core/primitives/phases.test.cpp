// The counter's arithmetic, step by step. What it results in with queues and threads is tested in queues/ and models/.
#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/primitives/phases.hpp>

#include <doctest/doctest.h>

namespace phases_test {

namespace {

using namespace surewake;
using counter = detail::phases::counter<std_platform>;
static_assert(discipline<detail::phases, std_platform>);

void check(refunded r, std::int64_t refusals) {
  CHECK(r.grants == 0);
  CHECK(r.refusals == refusals);
}

}  // namespace

TEST_CASE("phases: the end of a phase wakes all that are counted, once") {
  counter c(0);
  CHECK(c.take(0) == 1);
  CHECK(c.take(0) == 1);
  CHECK_FALSE(c.try_take(0));
  CHECK(c.put(0) == 2);
  CHECK(c.put(0) == 0);  // it is over
  CHECK(c.available() == 1);
  CHECK(c.try_take(0));
  CHECK(c.take(0) == 0);
  CHECK(c.retake(0) == 0);
}

TEST_CASE("phases: a wake of the phase before is no end of this one") {
  counter c(0);
  CHECK(c.take(0) == 1);
  CHECK(c.put(0) == 1);
  CHECK(c.take(1) == 1);
  CHECK(c.retake(1) == 1);
  CHECK_FALSE(c.take_granted(1));
  CHECK(c.put(1) == 2);
}

TEST_CASE("phases: a look before the sleep takes a wait off that another one has counted for") {
  counter c(0);
  CHECK(c.take(0) == 1);
  CHECK(c.look_again(0) < 0);
  CHECK(c.put(0) == 1);
  CHECK(c.look_again(0) < 0);  // a wake is on its way to it
  CHECK(c.take(1) == 1);
  CHECK(c.look_again(1) < 0);
  CHECK(c.look_again(0) == 0);
  CHECK(c.put(1) == 0);
}

TEST_CASE("phases: a wait that is given up is counted no more, or its wake is refused") {
  counter c(0);
  CHECK(c.take(0) == 1);
  check(c.refund(0, 1), 0);
  CHECK(c.put(0) == 0);
  CHECK(c.take(1) == 1);
  CHECK(c.put(1) == 1);
  check(c.refund(1, 1), 1);
  check(c.refund(1, 0), 0);  // its wake had come
}

TEST_CASE("phases: reduce ends the present phase, and no other") {
  counter c(1);
  CHECK(c.reduce(0) == 0);
  CHECK(c.reduce(1) == 1);
  CHECK(c.reduce(1) == 0);
  CHECK(c.available() == 2);
}

TEST_CASE("phases: after the last one comes the first") {
  constexpr std::int64_t last = 0x7fff'ffff;
  counter c(last);
  CHECK(c.take(last) == 1);
  CHECK(c.put(last) == 1);
  CHECK(c.available() == 0);
  CHECK(c.take(last) == 0);
  CHECK(c.take(0) == 1);
}

}  // namespace phases_test
