// The counter's arithmetic, step by step. What it results in with queues and threads is tested in queues/ and models/.
#include <surewake/core/semaphore/bounded_barging.hpp>
#include <surewake/core/platform/std_platform.hpp>

#include <doctest/doctest.h>

#include <string>

namespace bounded_barging_test {

namespace {

using namespace surewake;
using two = bounded_barging<2>;
using counter = two::counter<std_platform>;

}  // namespace

TEST_CASE("free permits are taken; the first that lacks some is first, and the others line up") {
  counter c(3, {});
  CHECK(c.take(2) == 0);
  CHECK(c.take(2) == two::first);
  CHECK(c.take(2) == 1);
  CHECK(c.available() == 1);
  CHECK_FALSE(c.is_seated());
}

TEST_CASE("a first waiter is overtaken twice, and then what is free is set aside for it") {
  counter c(0, {});
  CHECK(c.take(1) == two::first);
  CHECK(c.put(1) == 0);  // it is on its way
  CHECK(c.take(1) == 0);
  CHECK(c.put(1) == 0);
  CHECK(c.try_take(1));
  CHECK(c.put(1) == 0);
  CHECK(c.available() == 0);
  CHECK_FALSE(c.try_take(1));
  CHECK(c.reduce(1) == 0);
  CHECK(c.take(1) == 1);
  CHECK(c.sit(1) == 0);
}

TEST_CASE("the next waiter is first when permits are there, and its count begins anew") {
  counter c(0, {});
  CHECK(c.take(1) == two::first);
  CHECK(c.take(1) == 1);
  for (int i = 0; i < 2; ++i) {
    CHECK(c.put(1) == 0);
    CHECK(c.take(1) == 0);
  }
  CHECK(c.put(1) == 0);
  CHECK(c.sit(1) == 0);   // the second one is not woken, as nothing is free
  CHECK(c.put(1) == 1);
  CHECK(c.take(1) == 0);
  CHECK(c.put(2) == 0);
  CHECK(c.take(1) == 0);
  CHECK(c.take(1) == 1);  // overtaken twice
  CHECK(c.sit(1) == 0);   // the third waits, and nothing is free any more
  CHECK(c.put(1) == 1);
}

TEST_CASE("a first waiter that has its permits wakes the next one, where more are free") {
  counter c(0, {});
  CHECK(c.take(1) == two::first);
  CHECK(c.take(1) == 1);
  CHECK(c.put(2) == 0);
  CHECK(c.sit(1) == 1);
  CHECK(c.sit(1) == 0);
}

TEST_CASE("a seated waiter is woken by the release that completes what it wants") {
  counter c(0, {});
  CHECK(c.take(3) == two::first);
  CHECK(c.sit(3) == two::seated);
  CHECK(c.put(1) == two::seated);
  CHECK_FALSE(c.put_to_seated(1, 3));
  CHECK(c.is_seated());
  CHECK(c.take(1) == 0);  // overtakes
  CHECK_FALSE(c.put_to_seated(2, 3));
  CHECK(c.put_to_seated(1, 3));
  CHECK_FALSE(c.is_seated());
  CHECK(c.sit(3) == 0);
}

TEST_CASE("a waiter that leaves the line changes nothing for the first one; a wake that is on its way is refused") {
  counter c(0, {});
  CHECK(c.take(1) == two::first);
  CHECK(c.take(1) == 1);
  for (int i = 0; i < 2; ++i) {
    CHECK(c.put(1) == 0);
    CHECK(c.take(1) == 0);
  }
  refunded const left = c.refund(1, 1);
  CHECK(left.refusals == 0);
  CHECK(c.put(1) == 0);
  CHECK_FALSE(c.try_take(1));
  CHECK(c.take(1) == 1);
  CHECK(c.sit(1) == 0);
  CHECK(c.put(1) == 1);
  refunded const woken = c.refund(1, 1);
  CHECK(woken.refusals == 1);
  CHECK(woken.grants == 0);
  CHECK(c.available() == 1);
  CHECK(c.take(1) == 0);
}

TEST_CASE("a first waiter that leaves passes its place on, with a count that begins anew") {
  counter c(0, {});
  CHECK(c.take(2) == two::first);
  CHECK(c.take(1) == 1);
  CHECK(c.put(1) == 0);
  CHECK(c.sit(2) == two::seated);
  CHECK(c.leave(0).grants == 1);
  for (int i = 0; i < 2; ++i) {
    CHECK(c.take(1) == 0);
    CHECK(c.put(1) == 0);
  }
  CHECK(c.leave(1).has_permits);
  CHECK(c.available() == 0);
}

TEST_CASE("once closed nobody gets in, what was set aside is free, and no wake is refused") {
  bounded_barging<0>::counter<std_platform> c(0, {});
  CHECK(c.take(1) == two::first);
  CHECK(c.take(1) == 1);
  CHECK(c.put(1) == 0);
  CHECK(c.available() == 0);
  CHECK(c.close());
  CHECK(c.is_closed());
  CHECK(c.take(1) == two::closed);
  CHECK_FALSE(c.try_take(1));
  CHECK(c.sit(1) == two::closed);
  CHECK_FALSE(c.leave(1).has_permits);
  CHECK(c.put(1) == 0);
  CHECK(c.available() == 2);
  CHECK(c.refund(1, 1).refusals == 0);
  CHECK(c.reduce(5) == 2);
}

TEST_CASE("the bound is said at run time, and out of range it is refused by name") {
  bounded_barging<>::counter<std_platform> c(1, {.k = 1});
  CHECK(c.take(1) == 0);
  CHECK(c.take(1) == two::first);
  CHECK(c.put(1) == 0);
  CHECK(c.try_take(1));
  CHECK(c.put(1) == 0);
  CHECK_FALSE(c.try_take(1));
  CHECK_NOTHROW((bounded_barging<>{.k = 2047}.check()));
  CHECK_THROWS_WITH((bounded_barging<>{.k = 2048}.check()), "surewake: bounded_barging: k = 2048: 0 to 2047");
  CHECK_THROWS_WITH((bounded_barging<>{.k = -1}.check()), "surewake: bounded_barging: k = -1: 0 to 2047");
  CHECK_THROWS_WITH((bounded_barging<4>{.k = 5}.check()), "surewake: bounded_barging: k = 5: 4");
}

TEST_CASE("names and words") {
  CHECK(std::string(bounded_barging<0>::name) == "bounded_barging_0");
  CHECK(std::string(bounded_barging<1024>::name) == "bounded_barging_1024");
  CHECK(std::string(bounded_barging<>::name) == "bounded_barging");
  using w = detail::bounded_word;
  CHECK(counter::text_of(1) == "1 free");
  CHECK(counter::text_of(w::seated + 2 * w::one_overtaking + w::one_in_line) ==
        "0 free, first seated, overtaken 2, 1 in line");
  CHECK(counter::text_of(w::closed_bit + w::woken + 3) == "closed, 3 free, first woken");
}

}  // namespace bounded_barging_test
