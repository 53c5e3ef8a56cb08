// The three parties of a wait that may be given up, in every order in which they can meet (the table at the top of
// cancellable_awaiter.hpp): the registrant, the granter, the stopper.
#include <surewake/core/semaphore/scripted_queue.test.hpp>

#include <surewake/core/coroutine/deadline_source.hpp>
#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/core/coroutine/sync_wait.hpp>
#include <surewake/core/coroutine/task.hpp>

#include <doctest/doctest.h>

#include <thread>

namespace cancellable_awaiter_test {

using namespace surewake;
using namespace surewake::testing;

namespace {

template <class S> struct fixture {
  S s{0};
  std::stop_source stop;
  visit end = visit::waiting;
  typename S::permit p;
  int const refused_before = script::now().refused;

  [[nodiscard]] fiber wait(std::ptrdiff_t n = 1) {
    return keep([this, n] { return s.acquire(stop.get_token(), n); }, end, p);
  }
  [[nodiscard]] int refused() const { return script::now().refused - refused_before; }

  /// At rest: one permit per one that was added, held or free; nobody waits.
  void check_rest(std::ptrdiff_t added) {
    CHECK(s.waiters() == 0);
    CHECK(s.max_permits() == added);
    CHECK(s.available_permits() + p.count() == added);
    p.release();
    CHECK(s.available_permits() == added);
    if (added > 0) CHECK(s.try_acquire(added));
  }
};

}  // namespace

#define EITHER(name) TEST_CASE_TEMPLATE(name, S, scripted, scripted_barging)

EITHER("granted after it suspended: it holds") {
  fixture<S> x;
  auto const f = x.wait();
  CHECK(x.end == visit::waiting);
  x.s.add_permits(1);
  CHECK(x.end == visit::holding);
  x.stop.request_stop();
  x.check_rest(1);
}

EITHER("stopped after it suspended: it gives up") {
  fixture<S> x;
  auto const f = x.wait();
  x.stop.request_stop();
  CHECK(x.end == visit::given_up);
  x.s.add_permits(1);
  x.check_rest(1);
}

EITHER("stopped before it registers: it gives up") {
  fixture<S> x;
  at_point const point(&script::before_enqueue, [&] { x.stop.request_stop(); });
  auto const f = x.wait();
  CHECK(point.passed());
  CHECK(x.end == visit::given_up);
  x.check_rest(0);
}

EITHER("granted before it registers: it does not suspend") {
  fixture<S> x;
  at_point const point(&script::before_enqueue, [&] { x.s.add_permits(1); });
  auto const f = x.wait();
  CHECK(x.end == visit::holding);
  x.check_rest(1);
}

EITHER("granted and stopped before it registers: it holds") {
  fixture<S> x;
  at_point const point(&script::before_enqueue, [&] {
    x.s.add_permits(1);
    x.stop.request_stop();
  });
  auto const f = x.wait();
  CHECK(x.end == visit::holding);
  x.check_rest(1);
}

EITHER("granted between registration and suspension: it holds") {
  fixture<S> x;
  at_point const point(&script::after_enqueue, [&] {
    x.s.add_permits(1);
    CHECK(x.end == visit::waiting);  // the granter leaves it to the registrant
  });
  auto const f = x.wait();
  CHECK(x.end == visit::holding);
  x.check_rest(1);
}

EITHER("stopped between registration and suspension: it gives up") {
  fixture<S> x;
  at_point const point(&script::after_enqueue, [&] {
    x.stop.request_stop();
    CHECK(x.end == visit::waiting);
    CHECK(x.s.waiters() == 1);
  });
  auto const f = x.wait();
  CHECK(x.end == visit::given_up);
  x.check_rest(0);
}

EITHER("granted, then stopped between registration and suspension: it holds") {
  fixture<S> x;
  at_point const point(&script::after_enqueue, [&] {
    x.s.add_permits(1);
    x.stop.request_stop();
  });
  auto const f = x.wait();
  CHECK(x.end == visit::holding);
  x.check_rest(1);
}

EITHER("stopped, then granted between registration and suspension: it holds") {
  fixture<S> x;
  at_point const point(&script::after_enqueue, [&] {
    x.stop.request_stop();
    x.s.add_permits(1);
  });
  auto const f = x.wait();
  CHECK(x.end == visit::holding);
  x.check_rest(1);
}

EITHER("stopped before, granted while the registrant withdraws: it holds") {
  fixture<S> x;
  at_point const early(&script::after_enqueue, [&] { x.stop.request_stop(); });
  at_point const point(&script::before_withdraw, [&] { x.s.add_permits(1); });
  auto const f = x.wait();
  CHECK(point.passed());
  CHECK(x.end == visit::holding);
  x.check_rest(1);
}

EITHER("granted while the stopper withdraws: it holds, and is resumed once") {
  fixture<S> x;
  auto const f = x.wait();
  at_point const point(&script::before_withdraw, [&] {
    x.s.add_permits(1);
    CHECK(x.end == visit::waiting);  // on this thread it runs when the stopper is through (I5)
  });
  x.stop.request_stop();
  CHECK(point.passed());
  CHECK(x.end == visit::holding);
  x.check_rest(1);
}

EITHER("stopped between the release and its grant: the grant is refused, the permit free") {
  fixture<S> x;
  auto const f = x.wait();
  at_point const point(&script::before_grant, [&] {
    x.stop.request_stop();
    CHECK(x.end == visit::given_up);
    auto const mine = x.s.try_acquire();  // one permit, one holder
    CHECK(mine);
    CHECK_FALSE(x.s.try_acquire());
  });
  x.s.add_permits(1);
  CHECK(point.passed());
  CHECK(x.refused() == 1);
  x.check_rest(1);
}

EITHER("closed before it registers, between registration and suspension, after: it hears of it") {
  for (auto const point : {&script::before_enqueue, &script::after_enqueue}) {
    fixture<S> x;
    at_point const at(point, [&] { x.s.close(); });
    auto const f = x.wait(2);
    CHECK(x.end == visit::closed);
    x.s.add_permits(1);
    CHECK(x.s.available_permits() == 1);
  }
  fixture<S> x;
  auto const f = x.wait(2);
  x.s.close();
  CHECK(x.end == visit::closed);
  x.stop.request_stop();
}

EITHER("closed and stopped at once: it hears of one of them, once") {
  for (auto const point : {&script::before_close, &script::before_withdraw, &script::after_enqueue}) {
    fixture<S> x;
    bool const early = point == &script::after_enqueue;
    at_point const at(point, [&] {
      if (point != &script::before_withdraw) x.stop.request_stop();
      if (point != &script::before_close) x.s.close();
    });
    auto const f = x.wait();
    if (!early) point == &script::before_close ? x.s.close() : static_cast<void>(x.stop.request_stop());
    CHECK((x.end == visit::closed || x.end == visit::given_up));
    CHECK(x.s.waiters() == 0);
    x.s.add_permits(1);
    CHECK(x.s.available_permits() == 1);
  }
}

EITHER("destroyed with a stop or a grant half-way: what it had is passed on") {
  {
    fixture<S> x;
    {
      auto const f = x.wait();
    }
    x.stop.request_stop();
    x.s.add_permits(1);
    x.check_rest(1);
  }
  {
    fixture<S> x;
    auto f = std::make_optional(x.wait(3));
    x.s.add_permits(2);
    f.reset();
    x.check_rest(2);
  }
}

TEST_CASE("barging: a wake that finds nothing left lets the wait go on, and a stop end it") {
  fixture<scripted_barging> x;
  auto const f = x.wait();
  scripted_barging::permit thief;
  at_point const point(&script::before_grant, [&] { thief = std::move(*x.s.try_acquire()); });
  x.s.add_permits(1);
  CHECK(x.end == visit::waiting);
  CHECK(x.s.waiters() == 1);
  x.stop.request_stop();
  CHECK(x.end == visit::given_up);
  thief.release();
  x.check_rest(1);
}

TEST_CASE("barging: a stop that meets a wake which finds nothing left gives up and swallows nothing") {
  fixture<scripted_barging> x;
  auto const f = x.wait();
  scripted_barging::permit thief;
  at_point const steal(&script::before_grant, [&] { thief = std::move(*x.s.try_acquire()); });
  at_point const point(&script::before_withdraw, [&] { x.s.add_permits(1); });
  x.stop.request_stop();
  CHECK(steal.passed());
  CHECK(x.end == visit::given_up);
  visit end = visit::waiting;
  scripted_barging::permit p;
  auto const next = keep([&] { return x.s.acquire(); }, end, p);
  CHECK(end == visit::waiting);
  thief.release();
  CHECK(end == visit::holding);
  p.release();
  x.check_rest(1);
}

TEST_CASE("barging: a waiter that loses the competition before it suspended registers again") {
  fixture<scripted_barging> x;
  scripted_barging::permit thief;
  at_point const steal(&script::before_grant, [&] { thief = std::move(*x.s.try_acquire()); });
  at_point const point(&script::after_enqueue, [&] { x.s.add_permits(1); });
  auto const f = x.wait();
  CHECK(x.end == visit::waiting);
  CHECK(x.s.waiters() == 1);
  thief.release();
  CHECK(x.end == visit::holding);
  x.check_rest(1);
}

// acquire_on(executor, stop): the same three parties, and the coroutine goes on where it said.

EITHER("with an executor: however the wait ends, the coroutine goes on there, and not before it runs") {
  enum class by { grant, stop, close };
  for (by const how : {by::grant, by::stop, by::close}) {
    fixture<S> x;
    manual_executor ex;
    auto const f = keep([&] { return x.s.acquire_on(ex, x.stop.get_token(), 2); }, x.end, x.p);
    switch (how) {
      case by::grant: x.s.add_permits(2); break;
      case by::stop: x.stop.request_stop(); break;
      case by::close: x.s.close(); break;
    }
    CHECK(x.end == visit::waiting);
    CHECK(x.s.waiters() == 0);
    ex.run();
    CHECK(x.end == (how == by::grant ? visit::holding : how == by::stop ? visit::given_up : visit::closed));
    if (how != by::close) x.check_rest(how == by::grant ? 2 : 0);
  }
}

EITHER("with an executor: what is over before it suspends is answered without a change of thread") {
  fixture<S> x;
  manual_executor ex;
  x.s.add_permits(1);
  auto const free = keep([&] { return x.s.acquire_on(ex, x.stop.get_token()); }, x.end, x.p);
  CHECK(x.end == visit::holding);
  x.stop.request_stop();
  visit end = visit::waiting;
  typename S::permit none;
  auto const stopped = keep([&] { return x.s.acquire_on(ex, x.stop.get_token()); }, end, none);
  CHECK(end == visit::given_up);
  x.check_rest(1);
}

EITHER("with an executor: a coroutine that is destroyed while it waits there, or is posted, passes its grant on") {
  for (bool const granted : {false, true}) {
    fixture<S> x;
    manual_executor ex;
    {
      auto const f = keep([&] { return x.s.acquire_on(ex, x.stop.get_token()); }, x.end, x.p);
      if (granted) x.s.add_permits(1);
    }
    ex.run();
    CHECK(x.end == visit::waiting);
    x.check_rest(granted ? 1 : 0);
  }
  // One that had to unwind the stack before it suspended is in the thread's list, and not at its executor.
  fixture<S> x;
  manual_executor ex;
  x.stop.request_stop();
  int rounds = 0;
  {
    trampoline<std_platform>::scope const list;
    auto const f = [](S& s, manual_executor& on, std::stop_token stop, int& n) -> fiber {
      for (; n < 200; ++n) {
        auto const none = co_await s.acquire_on(on, stop);
        CHECK_FALSE(none);
      }
    }(x.s, ex, x.stop.get_token(), rounds);
    CHECK(rounds < 200);
  }
  x.check_rest(0);
}

EITHER("two stops are one: the first of them ends the wait, also where the other comes meanwhile") {
  using both = surewake::detail::either_stop<std::stop_token, std::stop_token>;
  for (auto const when : {&script::before_withdraw, &script::before_enqueue, &script::after_enqueue}) {
    for (bool const first : {false, true}) {
      fixture<S> x;
      std::stop_source other;
      at_point const point(when, [&] { (first ? other : x.stop).request_stop(); });
      auto const f = keep([&] { return x.s.acquire(both{x.stop.get_token(), other.get_token()}); }, x.end, x.p);
      (first ? x.stop : other).request_stop();
      CHECK(point.passed());
      CHECK(x.end == visit::given_up);
      (first ? other : x.stop).request_stop();
      auto const late = keep([&] { return x.s.acquire(both{x.stop.get_token(), other.get_token()}); }, x.end, x.p);
      CHECK(x.end == visit::given_up);
      x.check_rest(0);
    }
  }
}

EITHER("a stop, a limit and an executor in one call: what comes first ends the wait, on the executor") {
  using namespace std::chrono_literals;
  S s(0);
  thread_pool pool(1);
  std::stop_source stop;
  std::thread::id on{};
  auto const try_it = [&](auto limit, std::ptrdiff_t n) -> task<std::ptrdiff_t> {
    auto const p = co_await s.acquire_on(pool, stop.get_token(), limit, n);
    on = std::this_thread::get_id();
    co_return p ? p->count() : 0;
  };
  auto const worker = sync_wait([&]() -> task<std::thread::id> {
    co_await pool.schedule();
    co_return std::this_thread::get_id();
  }());
  auto const start = std_platform::now();
  // Long enough that the limits are not over before the wait begins, on the caller's thread, as where an emulator
  // translates this for the first time.
  CHECK(sync_wait(try_it(50ms, 1)) == 0);
  CHECK(std_platform::now() - start >= 50ms);
  CHECK(on == worker);
  on = {};
  CHECK(sync_wait(try_it(std::chrono::system_clock::now() + 50ms, 2)) == 0);
  CHECK(on == worker);
  on = {};
  s.add_permits(3);
  CHECK(sync_wait(try_it(1h, 3)) == 3);
  CHECK(on == std::this_thread::get_id());  // they were free
  s.reduce_permits(3);
  {
    std::thread stops([&] {  // at whatever step of the wait
      std::this_thread::sleep_for(1ms);
      stop.request_stop();
    });
    CHECK(sync_wait(try_it(1h, 1)) == 0);
    stops.join();
  }
  auto const without_executor = [&]() -> task<bool> {
    auto const p = co_await s.acquire(std::stop_token(), 1ms, 2);
    co_return p.has_value();
  };
  CHECK_FALSE(sync_wait(without_executor()));
  CHECK(s.waiters() == 0);
  CHECK_THROWS_AS(static_cast<void>(s.acquire_on(pool, stop.get_token(), 1ms, 0)), std::invalid_argument);
}

}  // namespace cancellable_awaiter_test
