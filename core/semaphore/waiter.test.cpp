#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/semaphore/waiter.hpp>

#include <doctest/doctest.h>

namespace waiter_test {

using namespace surewake;
using W = waiter<std_platform>;

namespace {
int handed_over = 0;
void count(work<std_platform>&) noexcept { ++handed_over; }
}  // namespace

TEST_CASE("a waiter counts the grants that it still lacks, and takes no more than those") {
  W w(&count);
  CHECK(w.state() == waiter_state::complete);
  w.missing(3);
  CHECK(w.state() == waiter_state::lacking);
  CHECK(w.registered());
  CHECK(w.assign(2) == 2);
  CHECK(w.missing() == 1);
  CHECK(w.assign(5) == 1);
  CHECK(w.state() == waiter_state::complete);
  CHECK_FALSE(w.registered());
}

TEST_CASE("closed keeps what was missing, and ends the registration") {
  W w(&count);
  w.missing(4);
  w.set_closed();
  CHECK(w.state() == waiter_state::closed);
  CHECK(w.closed());
  CHECK(w.missing() == 4);
  CHECK_FALSE(w.registered());
}

TEST_CASE("an unset waiter does what it begins with") {
  W w(typename work<std_platform>::unset{});
  w.begin(&count, 2);
  CHECK(w.missing() == 2);
  CHECK_FALSE(w.closed());
  int const before = handed_over;
  w.hand_over();
  CHECK(handed_over == before + 1);
}

TEST_CASE("a placed waiter has room for the strategy") {
  placed_waiter<std_platform> w(&count);
  CHECK(w.strategy_link().load(std_platform::relaxed) == nullptr);
  w.strategy_word(7);
  CHECK(w.strategy_word() == 7);
  CHECK(sizeof(w) == sizeof(W) + 2 * sizeof(void*));
}

}  // namespace waiter_test
