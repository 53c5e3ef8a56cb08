// One wait on a condition variable, in every order in which its parties can meet: the waiting coroutine or thread, the
// notifier, the stopper, and the holder of the mutex.
#include <surewake/core/primitives/condition_variable.hpp>
#include <surewake/core/semaphore/scripted_queue.test.hpp>

#include <doctest/doctest.h>

namespace mutex_wait_test {

using namespace surewake;
using namespace surewake::testing;

namespace {

template <class M> struct fixture {
  M m;
  basic_condition_variable<scripted_queue> c;
  std::stop_source stop;
  int ended = 0;
  bool notified = false;
  typename M::guard kept;
  int const refused_before = script::now().refused;

  [[nodiscard]] fiber wait() {
    auto held = co_await m.lock();
    notified = co_await c.wait(held, stop.get_token());
    CHECK(held.mutex() == &m);
    kept = std::move(held);
    ++ended;
  }
  [[nodiscard]] fiber wait_to_end() {
    auto held = co_await m.lock();
    co_await c.wait(held);
    notified = true;
    kept = std::move(held);
    ++ended;
  }
  [[nodiscard]] int refused() const { return script::now().refused - refused_before; }
  void check_rest() {
    CHECK(ended == 1);
    CHECK(m.is_locked());
    kept.unlock();
    CHECK_FALSE(m.is_locked());
    CHECK(m.waiters() == 0);
    CHECK(c.waiters() == 0);
  }
};

using fair = basic_mutex<scripted_queue>;
using unfair = basic_mutex<scripted_queue, std_platform, barging>;

}  // namespace

#define EITHER(name) TEST_CASE_TEMPLATE(name, M, fair, unfair)

EITHER("notified between its count and its registration: the mutex is released and had again") {
  fixture<M> x;
  bool locked = false;
  at_point const notifies(&script::before_enqueue, [&] {
    locked = x.m.is_locked();
    x.c.notify_one();
  });
  auto const f = x.wait_to_end();
  CHECK(notifies.passed());
  CHECK(locked);
  x.check_rest();
}

EITHER("notified between its registration and its unlock: it has the mutex after that") {
  fixture<M> x;
  at_point const notifies(&script::after_enqueue, [&] { x.c.notify_one(); });
  auto const f = x.wait();
  CHECK(notifies.passed());
  CHECK(x.notified);
  x.check_rest();
}

EITHER("stopped before its registration, in between, and after it") {
  for (auto const point : {&script::before_enqueue, &script::after_enqueue}) {
    fixture<M> x;
    at_point const stops(point, [&] { x.stop.request_stop(); });
    auto const f = x.wait();
    CHECK(stops.passed());
    CHECK_FALSE(x.notified);
    x.check_rest();
  }
  fixture<M> x;
  auto const f = x.wait();
  CHECK(x.ended == 0);
  x.stop.request_stop();
  CHECK_FALSE(x.notified);
  x.check_rest();
}

EITHER("stopped as its notification is about to be handed over: it is notified") {
  for (bool const mutex_is_held : {false, true}) {
    fixture<M> x;
    auto const f = x.wait();
    typename M::guard held;
    if (mutex_is_held) held = x.m.lock_blocking();
    at_point const stops(&script::before_hand_over, [&] { x.stop.request_stop(); });
    x.c.notify_one();
    CHECK(stops.passed());
    CHECK(x.ended == (mutex_is_held ? 0 : 1));
    held.unlock();
    CHECK(x.notified);
    x.check_rest();
  }
}

EITHER("notified as its stopper is about to leave the queue for it: the stopper goes on, and it is notified") {
  for (bool const mutex_is_held : {false, true}) {
    fixture<M> x;
    auto const f = x.wait();
    typename M::guard held;
    if (mutex_is_held) held = x.m.lock_blocking();
    at_point const notifies(&script::before_withdraw, [&] {
      x.c.notify_one();
      CHECK(x.ended == 0);  // left to the stopper
    });
    x.stop.request_stop();
    CHECK(notifies.passed());
    CHECK(x.ended == (mutex_is_held ? 0 : 1));
    held.unlock();
    CHECK(x.notified);
    x.check_rest();
  }
}

EITHER("a notification whose waiter left before it was delivered is refused, where no other waits") {
  fixture<M> x;
  auto const f = x.wait();
  at_point const stops(&script::before_grant, [&] { x.stop.request_stop(); });
  x.c.notify_one();
  CHECK(stops.passed());
  CHECK(x.refused() == 1);
  CHECK_FALSE(x.notified);
  x.check_rest();
}

EITHER("a notification whose waiter left before it was delivered goes to the next") {
  fixture<M> x, y;
  auto const f = x.wait();
  typename M::guard held;
  bool next = false;
  auto const wait_too = [](fixture<M>& a, bool& over) -> fiber {
    auto g = co_await a.m.lock();
    co_await a.c.wait(g);
    over = true;
  };
  auto const second = wait_too(x, next);
  at_point const stops(&script::before_grant, [&] {
    x.stop.request_stop();
    x.kept.unlock();
  });
  x.c.notify_one();
  CHECK(stops.passed());
  CHECK(next);
  CHECK(x.refused() == 0);
  CHECK_FALSE(x.notified);
}

EITHER("a thread is notified between its count and its registration, and after it") {
  for (auto const point : {&script::before_enqueue, &script::after_enqueue}) {
    fixture<M> x;
    auto held = x.m.lock_blocking();
    at_point const notifies(point, [&] { x.c.notify_one(); });
    x.c.wait_blocking(held);
    CHECK(notifies.passed());
    CHECK(held.mutex() == &x.m);
  }
}

EITHER("a thread is notified as it gives up: it is notified") {
  fixture<M> x;
  auto held = x.m.lock_blocking();
  at_point const notifies(&script::before_withdraw, [&] { x.c.notify_one(); });
  CHECK(x.c.wait_blocking_for(held, std::chrono::milliseconds(1)));
  CHECK(notifies.passed());
  CHECK(held.mutex() == &x.m);
}

TEST_CASE("a thread that gives up waits for the mutex, however long") {
  fixture<fair> x;
  fair::guard other, next;
  auto held = x.m.lock_blocking();
  auto const f = [](fixture<fair>& a, fair::guard& g) -> fiber { g = co_await a.m.lock(); }(x, other);
  at_point const unlocks(&script::before_withdraw, [&] {
    CHECK(other);  // it was handed over as the wait began
    script::now().after_enqueue = [&] { other.unlock(); };  // the thread has registered for the mutex
  });
  CHECK_FALSE(x.c.wait_blocking_for(held, std::chrono::milliseconds(1)));
  CHECK(unlocks.passed());
  CHECK(held.mutex() == &x.m);
}

TEST_CASE("a wait may be moved until it is awaited") {
  fixture<fair> x;
  auto const moves = [](fixture<fair>& a) -> fiber {
    auto held = co_await a.m.lock();
    auto one = a.c.wait(held);
    auto two = std::move(one);
    co_await std::move(two);
    auto three = a.c.wait(held, a.stop.get_token());
    auto four = std::move(three);
    a.notified = co_await std::move(four);
    a.kept = std::move(held);
    ++a.ended;
  };
  auto const f = moves(x);
  x.c.notify_one();
  CHECK(x.ended == 0);
  x.c.notify_one();
  CHECK(x.notified);
  x.check_rest();
}

}  // namespace mutex_wait_test
