// The counter of notifications, step by step.
#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/primitives/notification.hpp>

#include <doctest/doctest.h>

#include <limits>

namespace notification_test {

using namespace surewake;
using counter = detail::notification::counter<std_platform>;
static_assert(discipline<detail::notification, std_platform>);

TEST_CASE("a notification that nobody waits for is not kept") {
  counter c(0);
  CHECK(c.put(3) == 0);
  CHECK(c.take(1) == 1);
  CHECK(c.waiting() == 1);
}

TEST_CASE("as many are issued as wait, and each is issued once") {
  counter c(0);
  for (int i = 0; i < 3; ++i) CHECK(c.take(1) == 1);
  CHECK(c.put(1) == 1);
  CHECK(c.put(std::numeric_limits<std::int64_t>::max()) == 2);
  CHECK(c.put(1) == 0);
}

TEST_CASE("a waiter that leaves is no longer counted; what was issued for the last one is refused") {
  counter c(0);
  static_cast<void>(c.take(1));
  static_cast<void>(c.take(1));
  CHECK(c.put(1) == 1);
  refunded r = c.refund(1, 1);  // what was issued goes to the other one
  CHECK(r.grants == 0);
  CHECK(r.refusals == 0);
  CHECK(c.waiting() == 0);
  r = c.refund(1, 1);
  CHECK(r.grants == 0);
  CHECK(r.refusals == 1);
}

TEST_CASE("a waiter that leaves with its notification passes it on, where somebody waits") {
  counter c(0);
  static_cast<void>(c.take(1));
  static_cast<void>(c.take(1));
  CHECK(c.put(1) == 1);
  CHECK(c.refund(1, 0).grants == 1);
  CHECK(c.refund(1, 0).grants == 0);
  CHECK(c.refund(1, 0).refusals == 0);
}

}  // namespace notification_test
