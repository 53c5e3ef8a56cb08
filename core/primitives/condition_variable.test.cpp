// What is the condition variable's own; the ways to wait are tested over every strategy
// (queues/conformance/condition_variable.test.cpp), and one wait step by step in mutex_wait.test.cpp.
#include <surewake/core/coroutine/deadline_source.hpp>
#include <surewake/core/coroutine/sync_wait.hpp>
#include <surewake/core/primitives/condition_variable.hpp>
#include <surewake/core/semaphore/scripted_queue.test.hpp>

#include <doctest/doctest.h>

#include <thread>

namespace condition_variable_test {

using namespace surewake;
using namespace surewake::testing;
using mutex = basic_mutex<scripted_queue>;
using condition = basic_condition_variable<scripted_queue>;

static_assert(!std::is_copy_constructible_v<condition> && !std::is_move_constructible_v<condition>);
static_assert(noexcept(std::declval<condition&>().notify_one()) && noexcept(std::declval<condition&>().notify_all()));
static_assert(std::is_void_v<await_result_t<decltype(std::declval<condition&>().wait(std::declval<mutex::guard&>()))>>);

namespace {

fiber wait_once(mutex& m, condition& c, int& woken) {
  auto held = co_await m.lock();
  co_await c.wait(held);
  ++woken;
}

}  // namespace

TEST_CASE("a notification reaches those that wait, and no later ones") {
  mutex m;
  condition c;
  int woken = 0;
  c.notify_all();
  auto const a = wait_once(m, c, woken), b = wait_once(m, c, woken);
  CHECK(c.waiters() == 2);
  c.notify_one();
  CHECK(woken == 1);
  c.notify_all();
  CHECK(woken == 2);
  c.notify_one();
  auto const late = wait_once(m, c, woken);
  CHECK(woken == 2);
  c.notify_one();
  CHECK(woken == 3);
}

TEST_CASE("a notified waiter may destroy the condition variable, and the mutex after its unlock") {
  auto m = std::make_unique<mutex>();
  auto c = std::make_unique<condition>();
  auto const ends = [&]() -> fiber {
    {
      auto held = co_await m->lock();
      co_await c->wait(held);
      c.reset();
    }
    m.reset();
  };
  auto const f = ends();
  c->notify_one();
  CHECK(m == nullptr);
}

TEST_CASE("a predicate that holds at once is no wait, and a limit that has passed asks once more") {
  mutex m;
  condition c;
  auto held = m.lock_blocking();
  int asked = 0;
  c.wait_blocking(held, [&] { return ++asked == 1; });
  CHECK(asked == 1);
  CHECK_FALSE(c.wait_blocking_for(held, std::chrono::milliseconds(0), [&] { return ++asked == 9; }));
  CHECK(asked == 3);
  CHECK(c.wait_blocking_until(held, std_platform::now(), [&] { return ++asked == 5; }));
}

}  // namespace condition_variable_test
