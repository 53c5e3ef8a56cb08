// The counter's arithmetic, step by step. What it results in with queues and threads is tested in queues/ and models/.
#include <surewake/core/semaphore/barging.hpp>
#include <surewake/core/platform/std_platform.hpp>

#include <doctest/doctest.h>

namespace barging_test {

namespace {

using namespace surewake;
using counter = barging::counter<std_platform>;

}  // namespace

TEST_CASE("free permits are taken; who lacks any is owed one wake, and takes nothing") {
  counter w(3);
  CHECK(w.take(2) == 0);
  CHECK(w.take(2) == 1);
  CHECK(w.available() == 1);
  CHECK(w.take(1) == 0);
  CHECK(w.available() == 0);
}

TEST_CASE("a release frees its permits, and wakes no more than can use them") {
  counter w(0);
  for (int i = 0; i < 3; ++i) CHECK(w.take(1) == 1);
  CHECK(w.put(2) == 2);
  CHECK(w.available() == 2);
  CHECK(w.put(2) == 1);  // one was left to wake
  CHECK(w.put(1) == 0);
  CHECK(w.available() == 5);
}

TEST_CASE("while somebody may want several, a release wakes all") {
  counter w(0);
  CHECK(w.take(1) == 1);
  CHECK(w.take(3) == 1);
  CHECK(w.take(1) == 1);
  CHECK(w.put(1) == 3);
  CHECK(w.retake(3) == 1);
  CHECK(w.retake(1) == 0);
  CHECK(w.retake(1) == 1);
  CHECK(w.put(1) == 2);
  CHECK(w.retake(1) == 0);
  CHECK(w.retake(3) == 1);
  CHECK(w.put(3) == 1);
}

TEST_CASE("once all are woken, several is forgotten") {
  counter w(0);
  CHECK(w.take(2) == 1);
  CHECK(w.put(2) == 1);
  CHECK(w.retake(2) == 0);
  CHECK(w.take(1) == 1);
  CHECK(w.take(1) == 1);
  CHECK(w.put(1) == 1);
}

TEST_CASE("newcomers may take what was released before the woken do") {
  counter w(0);
  CHECK(w.take(1) == 1);
  CHECK(w.put(1) == 1);
  CHECK(w.try_take(1));
  CHECK(w.retake(1) == 1);
  CHECK_FALSE(w.take_granted(1));
}

TEST_CASE("a wait that ends before its wake leaves the count; one that ends after has its wake refused") {
  counter w(0);
  CHECK(w.take(1) == 1);
  auto r = w.refund(1, 1);
  CHECK(r.refusals == 0);
  CHECK(w.put(1) == 0);
  CHECK(w.take(2) == 1);
  CHECK(w.put(1) == 1);  // the wake is on its way
  r = w.refund(2, 1);
  CHECK(r.refusals == 1);
  CHECK(r.grants == 0);
  CHECK(w.available() == 2);
}

TEST_CASE("a wake that came to nobody is passed on while there is something to compete for") {
  counter w(0);
  CHECK(w.take(1) == 1);
  CHECK(w.take(1) == 1);
  CHECK(w.put(1) == 1);
  CHECK(w.pass_on(1) == 1);
  CHECK(w.try_take(1));
  CHECK(w.take(1) == 1);
  CHECK(w.pass_on(1) == 0);  // nothing is free: its holder will wake somebody
}

TEST_CASE("reduce takes what is free, and try_take all or nothing") {
  counter w(4);
  CHECK_FALSE(w.try_take(5));
  CHECK(w.reduce(1) == 1);
  CHECK(w.reduce(9) == 3);
  CHECK(w.reduce(1) == 0);
  CHECK_FALSE(w.try_take(1));
}

TEST_CASE("a closed word answers closed, and keeps count") {
  counter w(2);
  CHECK(w.take(1) == 0);
  CHECK(w.take(3) == 1);
  w.close();
  w.close();
  CHECK(w.is_closed());
  CHECK(w.take(1) == barging::closed);
  CHECK(w.retake(3) == barging::closed);
  CHECK_FALSE(w.try_take(1));
  CHECK(w.put(1) == 0);
  w.abandon(3);
  CHECK(w.available() == 2);
  CHECK(w.reduce(1) == 1);
  CHECK(w.reduce(9) == 1);
  CHECK(w.available() == 0);
  CHECK(w.is_closed());
}

TEST_CASE("the most permits and many waiters keep apart") {
  constexpr std::int64_t most = 0x7fff'ffff;
  counter w(most);
  CHECK(w.take(most) == 0);
  for (int i = 0; i < 1000; ++i) CHECK(w.take(1) == 1);
  CHECK(w.put(most) == 1000);
  CHECK(w.available() == most);
}

TEST_CASE("a wake on its way is refused when its waiter leaves, but none of a closed semaphore: it may be gone") {
  counter w(0);
  for (int i = 0; i < 2; ++i) CHECK(w.take(1) == 1);
  CHECK(w.put(2) == 2);
  CHECK(w.refund(1, 1).refusals == 1);
  w.close();
  CHECK(w.refund(1, 1).refusals == 0);
}

}  // namespace barging_test
