// The counter's arithmetic, step by step. What it results in with queues and threads is tested in queues/ and models/.
#include <surewake/core/semaphore/hand_off.hpp>
#include <surewake/core/platform/std_platform.hpp>

#include <doctest/doctest.h>

namespace hand_off_test {

namespace {

using namespace surewake;
using counter = hand_off::counter<std_platform>;

}  // namespace

TEST_CASE("free permits are taken; what lacks is owed") {
  counter w(3);
  CHECK(w.take(2) == 0);
  CHECK(w.available() == 1);
  CHECK(w.take(3) == 2);  // had one of three
  CHECK(w.available() == 0);
  CHECK(w.take(1) == 1);
}

TEST_CASE("a release pays debts first, and grants no more than it paid") {
  counter w(0);
  CHECK(w.take(2) == 2);
  CHECK(w.put(1) == 1);
  CHECK(w.put(3) == 1);
  CHECK(w.available() == 2);
  CHECK(w.put(1) == 0);
  CHECK(w.available() == 3);
}

TEST_CASE("try_take takes all or nothing, and never a debt") {
  counter w(2);
  CHECK_FALSE(w.try_take(3));
  CHECK(w.try_take(2));
  CHECK_FALSE(w.try_take(1));
  CHECK(w.take(1) == 1);
  CHECK(w.put(1) == 1);
  CHECK_FALSE(w.try_take(1));
}

TEST_CASE("reduce takes what is free") {
  counter w(5);
  CHECK(w.reduce(2) == 2);
  CHECK(w.reduce(9) == 3);
  CHECK(w.reduce(1) == 0);
  CHECK(w.take(1) == 1);
  CHECK(w.reduce(1) == 0);
}

TEST_CASE("a wait that ends unpaid cancels its debt") {
  counter w(0);
  CHECK(w.take(3) == 3);
  auto const r = w.refund(3, 3);
  CHECK(r.grants == 0);
  CHECK(r.refusals == 0);
  CHECK(w.available() == 0);
  CHECK(w.put(1) == 0);
}

TEST_CASE("a wait that ends when its debt was paid leaves that grant to be refused") {
  counter w(0);
  CHECK(w.take(1) == 1);
  CHECK(w.put(1) == 1);  // the grant is on its way
  auto const r = w.refund(1, 1);
  CHECK(r.grants == 0);
  CHECK(r.refusals == 1);
  CHECK(w.available() == 1);
}

TEST_CASE("a wait that ends with part in hand passes that part on to the debts that are left, and frees the rest") {
  counter w(2);
  CHECK(w.take(4) == 2);  // has 2
  CHECK(w.put(1) == 1);   // and gets 1 more
  CHECK(w.take(2) == 2);  // another waits
  auto const r = w.refund(4, 1);
  CHECK(r.grants == 2);
  CHECK(r.refusals == 0);
  CHECK(w.available() == 1);
}

TEST_CASE("a wait that ends half paid refuses what is on its way for it, and no more") {
  counter w(0);
  CHECK(w.take(3) == 3);
  CHECK(w.put(2) == 2);  // both on their way: it still lacks 3
  auto const r = w.refund(3, 3);
  CHECK(r.grants == 0);
  CHECK(r.refusals == 2);
  CHECK(w.available() == 2);
}

TEST_CASE("a closed word answers closed, and keeps count") {
  counter w(3);
  CHECK(w.take(1) == 0);
  CHECK(w.take(4) == 2);  // has two of four when it closes
  w.close();
  w.close();
  CHECK(w.is_closed());
  CHECK(w.available() == 0);
  CHECK(w.take(1) == hand_off::closed);
  CHECK_FALSE(w.try_take(1));
  CHECK(w.reduce(1) == 0);
  w.abandon(4);
  CHECK(w.available() == 2);
  CHECK(w.put(1) == 0);
  CHECK(w.available() == 3);
  CHECK(w.reduce(2) == 2);
  CHECK(w.reduce(9) == 1);
  CHECK(w.available() == 0);
  CHECK(w.is_closed());
}

TEST_CASE("many waiters for many permits do not look like closed") {
  constexpr std::int64_t most = 0x7fff'ffff;
  counter w(most);
  CHECK(w.take(most) == 0);
  for (int i = 0; i < 1000; ++i) CHECK(w.take(most) == most);
  CHECK_FALSE(w.is_closed());
  CHECK(w.put(most) == most);
}

}  // namespace hand_off_test
