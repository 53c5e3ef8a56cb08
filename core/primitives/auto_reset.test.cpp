// The counter's arithmetic, step by step. What it results in with queues and threads is tested in queues/ and models/.
#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/primitives/auto_reset.hpp>

#include <doctest/doctest.h>

namespace auto_reset_test {

namespace {

using namespace surewake;
using counter = detail::auto_reset::counter<std_platform>;
static_assert(discipline<detail::auto_reset, std_platform>);

void check(refunded r, std::int64_t grants, std::int64_t refusals) {
  CHECK(r.grants == grants);
  CHECK(r.refusals == refusals);
}

}  // namespace

TEST_CASE("auto_reset: one signal is stored, and no second one") {
  counter c(0);
  CHECK(c.put(1) == 0);
  CHECK(c.put(1) == 0);
  CHECK(c.available() == 1);
  CHECK(c.take(1) == 0);
  CHECK(c.available() == 0);
  CHECK(c.take(1) == 1);
}

TEST_CASE("auto_reset: a set grants one of those that wait") {
  counter c(0);
  CHECK(c.take(1) == 1);
  CHECK(c.take(1) == 1);
  CHECK(c.put(1) == 1);
  CHECK(c.put(1) == 1);
  CHECK(c.put(1) == 0);
  CHECK(c.available() == 1);
}

TEST_CASE("auto_reset: try and reset take what is stored, and no debt") {
  counter c(1);
  CHECK(c.try_take(1));
  CHECK_FALSE(c.try_take(1));
  CHECK(c.put(1) == 0);
  CHECK(c.reduce(1) == 1);
  CHECK(c.reduce(1) == 0);
  CHECK(c.take(1) == 1);
  CHECK_FALSE(c.try_take(1));
  CHECK(c.reduce(1) == 0);
  CHECK(c.put(1) == 1);
}

TEST_CASE("auto_reset: a wait that is given up unpaid leaves nothing") {
  counter c(0);
  CHECK(c.take(1) == 1);
  check(c.refund(1, 1), 0, 0);
  CHECK(c.available() == 0);
  CHECK(c.put(1) == 0);
}

TEST_CASE("auto_reset: a wait that is given up after its signal was issued stores it, once") {
  counter c(0);
  CHECK(c.take(1) == 1);
  CHECK(c.put(1) == 1);
  SUBCASE("and nothing else is stored") {}
  SUBCASE("or another one is") { CHECK(c.put(1) == 0); }
  check(c.refund(1, 1), 0, 1);
  CHECK(c.available() == 1);
}

TEST_CASE("auto_reset: a signal that its wait had already goes to the next") {
  counter c(0);
  CHECK(c.take(1) == 1);
  CHECK(c.take(1) == 1);
  CHECK(c.put(1) == 1);
  check(c.refund(1, 0), 1, 0);
  check(c.refund(1, 0), 0, 0);
  CHECK(c.available() == 1);
  CHECK(c.take(1) == 0);
  CHECK(c.take(1) == 1);
  CHECK(c.pass_on(1) == 1);
  CHECK(c.pass_on(1) == 0);
}

}  // namespace auto_reset_test
