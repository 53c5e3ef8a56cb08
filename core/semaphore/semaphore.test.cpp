// The front end against a queue in which the test steps between any two steps: what no schedule of threads can be made
// to show every time. Its calls and errors are tested over every strategy in queues/conformance/semaphore.test.cpp.
#include <surewake/core/semaphore/scripted_queue.test.hpp>

#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/core/coroutine/start_detached.hpp>

#include <doctest/doctest.h>

namespace semaphore_test {

using namespace surewake;
using namespace surewake::testing;

#define EITHER(name) TEST_CASE_TEMPLATE(name, S, scripted, scripted_barging)

EITHER("a release between a failed acquire and its registration is not lost") {
  for (int way = 0; way < 3; ++way) {
    S s(0);
    visit end = visit::waiting;
    typename S::permit p;
    manual_executor ex;
    at_point const window(&script::before_enqueue, [&] { s.add_permits(1); });
    switch (way) {
      case 0: {
        auto const f = keep([&] { return s.acquire(); }, end, p);
        CHECK(end == visit::holding);
        break;
      }
      case 1: {
        auto const f = keep([&] { return s.acquire_on(ex); }, end, p);
        CHECK(end == visit::holding);
        CHECK(ex.empty());
        break;
      }
      default: p = s.acquire_blocking();
    }
    CHECK(window.passed());
    CHECK(p.count() == 1);
    CHECK(s.available_permits() == 0);
    CHECK(s.waiters() == 0);
  }
}

EITHER("part of a release in that window is kept for the waiter, or free") {
  S s(0);
  visit end = visit::waiting;
  typename S::permit p;
  at_point const window(&script::before_enqueue, [&] { s.add_permits(2); });
  auto const f = keep([&] { return s.acquire(3); }, end, p);
  CHECK(end == visit::waiting);
  s.add_permits(1);
  CHECK(end == visit::holding);
  CHECK(s.available_permits() == 0);
}

EITHER("two requests for several permits that register in the other order do not sit on a part each") {
  S s(3);
  auto held = s.acquire_blocking(2);
  visit first = visit::waiting, second = visit::waiting;
  typename S::permit p, q;
  std::optional<fiber> overtaker;
  // The first one finds one of its three permits, and before it registers another one comes that wants three.
  at_point const window(&script::before_enqueue,
                        [&] { overtaker.emplace(keep([&] { return s.acquire(3); }, second, q)); });
  auto const f = keep([&] { return s.acquire(3); }, first, p);
  held.release();
  CHECK((first == visit::holding) != (second == visit::holding));
  (first == visit::holding ? p : q).release();
  CHECK((first == visit::holding && second == visit::holding));
  p.release();
  q.release();
  CHECK(s.available_permits() == 3);
}

EITHER("close between a failed acquire and its registration ends it") {
  S s(2);
  visit end = visit::waiting;
  typename S::permit p;
  at_point const window(&script::before_enqueue, [&] { s.close(); });
  auto const f = keep([&] { return s.acquire(3); }, end, p);
  CHECK(end == visit::closed);
  CHECK(s.available_permits() == 2);

  S blocked(0);
  at_point const again(&script::before_enqueue, [&] { blocked.close(); });
  CHECK_THROWS_AS(static_cast<void>(blocked.acquire_blocking()), closed_error);
}

EITHER("close between a release and its grant: the permit is free again, and given to nobody") {
  S s(0);
  visit end = visit::waiting;
  typename S::permit p;
  auto const f = keep([&] { return s.acquire(); }, end, p);
  at_point const window(&script::before_grant, [&] { s.close(); });
  s.add_permits(1);
  CHECK(end == visit::closed);
  CHECK(s.available_permits() == 1);
}

EITHER("a coroutine that is destroyed between a release and its grant lets the permit go free once") {
  S s(0);
  visit end = visit::waiting;
  typename S::permit p;
  int const before = script::now().refused;
  auto f = std::make_optional(keep([&] { return s.acquire(); }, end, p));
  at_point const window(&script::before_grant, [&] { f.reset(); });
  s.add_permits(1);
  CHECK(script::now().refused == before + 1);
  auto const mine = s.try_acquire();
  CHECK(mine);
  CHECK_FALSE(s.try_acquire());
}

EITHER("who waits behind the one that left gets the grant that was on its way") {
  S s(0);
  visit first = visit::waiting, second = visit::waiting;
  typename S::permit p, q;
  auto f = std::make_optional(keep([&] { return s.acquire(); }, first, p));
  auto const g = keep([&] { return s.acquire(); }, second, q);
  at_point const window(&script::before_grant, [&] { f.reset(); });
  s.add_permits(1);
  CHECK(second == visit::holding);
  CHECK(s.available_permits() == 0);
}

EITHER("a blocking acquire whose time is over while its grant comes takes it") {
  S s(0);
  at_point const window(&script::before_withdraw, [&] { s.add_permits(1); });
  auto const p = s.try_acquire_for(std::chrono::nanoseconds(1), 1, {.spin = std::chrono::nanoseconds(0)});
  CHECK(window.passed());
  CHECK(p);
  CHECK(s.available_permits() == 0);
}

EITHER("a blocking acquire whose time is over while the semaphore closes hears of it") {
  S s(0);
  at_point const window(&script::before_withdraw, [&] { s.close(); });
  CHECK_THROWS_AS(static_cast<void>(s.try_acquire_for(std::chrono::nanoseconds(1))), closed_error);
  CHECK(s.waiters() == 0);
}

TEST_CASE("barging: a wake that finds nothing left when the time is over gives up and swallows nothing") {
  scripted_barging s(0);
  scripted_barging::permit thief;
  at_point const steal(&script::before_grant, [&] { thief = std::move(*s.try_acquire()); });
  at_point const window(&script::before_withdraw, [&] { s.add_permits(1); });
  CHECK_FALSE(s.try_acquire_for(std::chrono::nanoseconds(1)));
  CHECK(s.waiters() == 0);
  thief.release();
  CHECK(s.try_acquire());
}

TEST_CASE("barging: a permit that was stolen before the wake came is waited for again, on the executor too") {
  scripted_barging s(0);
  manual_executor ex;
  visit end = visit::waiting;
  scripted_barging::permit p, thief;
  auto const f = keep([&] { return s.acquire_on(ex); }, end, p);
  at_point const steal(&script::before_grant, [&] { thief = std::move(*s.try_acquire()); });
  s.add_permits(1);
  CHECK(ex.run() == 1);
  CHECK(end == visit::waiting);
  CHECK(s.waiters() == 1);
  thief.release();
  CHECK(ex.run() == 1);
  CHECK(end == visit::holding);
}

TEST_CASE("a snapshot in the middle of anything is not negative") {
  scripted s(1);
  visit end = visit::waiting;
  scripted::permit p;
  auto const check = [&] {
    CHECK(s.available_permits() >= 0);
    CHECK(s.in_use() >= 0);
    CHECK(s.max_permits() >= 0);
  };
  at_point const a(&script::before_enqueue, check), b(&script::after_enqueue, check), c(&script::before_grant, check);
  auto const f = keep([&] { return s.acquire(4); }, end, p);
  s.add_permits(3);
  CHECK(end == visit::holding);
  CHECK(s.in_use() == 4);
  p.forget();
  check();
}

// What core/semaphore/permit.hpp warns of: the price of resuming in the destructor, and how not to pay it.
TEST_CASE("a waiter resumed by a permit that dies during unwinding sees that exception, on an executor it does not") {
  scripted s(1);
  manual_executor ex;
  for (bool const on_executor : {false, true}) {
    int seen = -1;
    auto const waits = [&]() -> task<> {
      if (on_executor) {
        auto const p = co_await s.acquire_on(ex);
        seen = std::uncaught_exceptions();
      } else {
        auto const p = co_await s.acquire();
        seen = std::uncaught_exceptions();
      }
    };
    try {
      auto const p = s.acquire_blocking();
      start_detached(waits());
      throw std::runtime_error("the holder fails");
    } catch (std::runtime_error const&) {
    }
    ex.run();
    CHECK(seen == (on_executor ? 0 : 1));
    CHECK(s.available_permits() == 1);
  }
}

}  // namespace semaphore_test
