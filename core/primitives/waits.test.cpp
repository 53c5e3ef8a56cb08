// The ways to wait, step by step: what another thread does between two steps of a wait. What holds over every strategy
// is in queues/conformance/.
#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/core/primitives/event.hpp>
#include <surewake/core/semaphore/scripted_queue.test.hpp>

#include <doctest/doctest.h>

namespace waits_test {

namespace {

using namespace surewake;
using namespace surewake::testing;
using auto_event = basic_auto_reset_event<scripted_queue>;
using manual_event = basic_manual_reset_event<scripted_queue>;

template <class Wait> fiber hear(Wait wait, int& heard) {
  if constexpr (std::is_void_v<decltype(wait().await_resume())>) {
    co_await wait();
    ++heard;
  } else {
    bool const yes = co_await wait();
    heard += yes ? 1 : 100;
  }
}

}  // namespace

TEST_CASE("waits: a wait is no larger than an acquire, and a stopped one yields bool") {
  auto_event e;
  basic_semaphore<scripted_queue> s(0);
  static_assert(sizeof(decltype(e.wait())) == sizeof(decltype(s.acquire())));
  static_assert(std::is_void_v<decltype(e.wait().await_resume())>);
  static_assert(std::same_as<decltype(e.wait(std::stop_token()).await_resume()), bool>);
}

TEST_CASE("waits: a set between the count and the registration ends the wait") {
  auto_event a;
  manual_event m;
  int heard = 0;
  {
    at_point const set(&script::before_enqueue, [&] { a.set(); });
    fiber const f = hear([&] { return a.wait(); }, heard);
    CHECK(heard == 1);
    CHECK_FALSE(a.is_set());
  }
  at_point const set(&script::before_enqueue, [&] { m.set(), m.reset(); });
  fiber const f = hear([&] { return m.wait(); }, heard);
  CHECK(heard == 2);
}

TEST_CASE("waits: one that is called after a reset registers first, and gets the wake of one that was called before") {
  manual_event m;
  int early = 0, late = 0;
  std::optional<fiber> other;
  at_point const set(&script::before_enqueue, [&] {
    m.set();
    m.reset();
    other.emplace(hear([&] { return m.wait(); }, late));
  });
  fiber const f = hear([&] { return m.wait(); }, early);
  CHECK(early == 1);
  CHECK(late == 0);
  CHECK(m.waiters() == 1);
  m.set();
  CHECK(late == 1);
}

TEST_CASE("waits: a wait that is given up as its signal is on the way stores it") {
  auto_event e;
  std::stop_source stop;
  int heard = 0;
  fiber const f = hear([&] { return e.wait(stop.get_token()); }, heard);
  script::now().refused = 0;
  at_point const gives_up(&script::before_grant, [&] { stop.request_stop(); });
  e.set();
  CHECK(heard == 100);
  CHECK(script::now().refused == 1);
  CHECK(e.is_set());
}

TEST_CASE("waits: a coroutine that is destroyed between its signal and its run passes it on") {
  auto_event e;
  manual_event m;
  manual_executor ex;
  int heard = 0;
  {
    fiber const one = hear([&] { return e.wait_on(ex); }, heard);
    fiber const all = hear([&] { return m.wait_on(ex); }, heard);
    e.set();
    m.set();
    m.reset();
  }
  ex.run();
  CHECK(heard == 0);
  CHECK(e.is_set());
  CHECK_FALSE(m.is_set());
}

}  // namespace waits_test
