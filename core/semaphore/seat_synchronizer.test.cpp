// The seat and a queue, on one thread: what is handed over, in which order, and what a step between two steps can do.
#include <surewake/core/semaphore/seat_synchronizer.hpp>

#include <surewake/core/semaphore/scripted_queue.test.hpp>

#include <doctest/doctest.h>

namespace seat_synchronizer_test {

using namespace surewake;
using namespace surewake::detail;
using namespace surewake::testing;

namespace {

using P = std_platform;
using seats = seat_synchronizer<scripted_queue, P, bounded_barging<1>>;
static_assert(synchronizer<seats>);

/// Wants one permit, and competes when it is told to.
struct guest : seats::waiter_type {
  guest() : seats::waiter_type([](work<P>& w) noexcept { ++static_cast<guest&>(w).handed; }) {}
  enqueued comes(seats& s) {
    take_result const taken = s.take(1);
    return taken.is_granted() ? enqueued::granted : s.wait(*this, 1, taken);
  }
  int handed = 0;
};

}  // namespace

TEST_CASE("the first waiter is in the seat, the others are in the queue, and each is handed over in turn") {
  seats s(0);
  guest first, second;
  CHECK(first.comes(s) == enqueued::waiting);
  CHECK(second.comes(s) == enqueued::waiting);
  CHECK(s.waiters() == 2);
  s.give_back(1);
  CHECK((first.handed == 1 && second.handed == 0));
  CHECK(s.after_grant(first, 1, then::wait) == enqueued::granted);
  CHECK(second.handed == 0);
  s.give_back(1);
  CHECK(second.handed == 1);
  CHECK(s.after_grant(second, 1, then::wait) == enqueued::granted);
}

TEST_CASE("a waiter that was overtaken sits down again, and keeps its place and its count") {
  seats s(0);
  guest first, second;
  CHECK(first.comes(s) == enqueued::waiting);
  CHECK(second.comes(s) == enqueued::waiting);
  s.give_back(1);
  CHECK(s.try_take(1));
  CHECK(s.after_grant(first, 1, then::wait) == enqueued::waiting);
  s.give_back(1);
  CHECK_FALSE(s.try_take(1));
  CHECK((first.handed == 2 && second.handed == 0));
  CHECK(s.after_grant(first, 1, then::wait) == enqueued::granted);
}

TEST_CASE("a waiter leaves the seat; one that was handed over cannot, and passes its place on") {
  seats s(0);
  guest first, second, third;
  CHECK(first.comes(s) == enqueued::waiting);
  CHECK(second.comes(s) == enqueued::waiting);
  CHECK(third.comes(s) == enqueued::waiting);
  CHECK(s.withdraw(first, 1));
  CHECK(first.handed == 0);
  s.give_back(1);
  CHECK(second.handed == 1);
  CHECK_FALSE(s.withdraw(second, 1));
  CHECK(s.after_grant(second, 1, then::decline) == enqueued::waiting);
  CHECK(third.handed == 1);
  CHECK(s.after_grant(third, 1, then::leave) == enqueued::granted);
  CHECK(s.waiters() == 0);
}

TEST_CASE("a wake that is on its way to a waiter that leaves is refused") {
  seats s(1);
  guest first, second;
  CHECK(first.comes(s) == enqueued::granted);
  CHECK(first.comes(s) == enqueued::waiting);
  CHECK(second.comes(s) == enqueued::waiting);
  s.give_back(1);
  CHECK(s.after_grant(first, 1, then::wait) == enqueued::granted);
  at_point const leaves(&script::before_grant, [&] { CHECK(s.withdraw(second, 1)); });
  int const refused = script::now().refused;
  s.give_back(1);
  CHECK(leaves.passed());
  CHECK(script::now().refused == refused + 1);
  CHECK(second.handed == 0);
  CHECK(s.available() == 1);
}

TEST_CASE("close() turns away the seat and the queue") {
  seats s(0);
  guest first, second;
  CHECK(first.comes(s) == enqueued::waiting);
  CHECK(second.comes(s) == enqueued::waiting);
  s.close();
  CHECK((first.closed() && second.closed()));
  CHECK(s.after_grant(first, 1, then::wait) == enqueued::closed);
  CHECK(s.waiters() == 0);
  CHECK(s.take(1).is_closed());
}

}  // namespace seat_synchronizer_test
