// The mutex over every strategy.
#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/core/semaphore/seat_synchronizer.hpp>
#include <surewake/queues/conformance/all_mutexes.test.hpp>

namespace mutex_conformance {

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;

namespace {

/// Locks by lock(), says so, and keeps the guard.
template <class Lock, class Guard> fiber keep(Lock lock, std::optional<Guard>& kept, bool& over) {
  if constexpr (requires { lock().await_resume().has_value(); }) {
    auto g = co_await lock();
    if (g) kept.emplace(std::move(*g));
  } else {
    kept.emplace(co_await lock());
  }
  over = true;
}

template <class M> struct locker {
  std::optional<typename M::guard> held;
  bool over = false;
  fiber frame;
  template <class Lock> void start(Lock lock) { frame = keep(lock, held, over); }
};

}  // namespace

EVERY_PRIMITIVE("one holder at a time, and the next one when it unlocks") {
  mutex_of<S> m;
  CHECK_FALSE(m.is_locked());
  auto held = m.lock_blocking();
  CHECK(held);
  CHECK(held.mutex() == &m);
  CHECK(m.is_locked());
  auto const refused = m.try_lock();
  CHECK_FALSE(refused);
  locker<mutex_of<S>> a, b;
  a.start([&] { return m.lock(); });
  b.start([&] { return m.lock(); });
  CHECK(m.waiters() == 2);
  held.unlock();
  CHECK_FALSE(held);
  CHECK((a.held.has_value() != b.held.has_value()));
  if constexpr (is_fifo<S>) CHECK(a.held);
  (a.held ? a : b).held.reset();
  (a.over ? b : a).held.reset();
  CHECK(a.over);
  CHECK(b.over);
  a.held.reset(), b.held.reset();
  CHECK_FALSE(m.is_locked());
  held.unlock();  // an empty one
  CHECK(m.try_lock());
}

EVERY_PRIMITIVE("a guard is moved, assigned and swapped, and unlocks once") {
  mutex_of<S> m, n;
  auto a = m.lock_blocking();
  auto b = n.lock_blocking();
  swap(a, b);
  CHECK(a.mutex() == &n);
  a = std::move(b);
  CHECK(a.mutex() == &m);
  CHECK_FALSE(n.is_locked());
  CHECK_FALSE(b);  // NOLINT: what is moved from is empty
  auto c = std::move(a);
  CHECK(m.is_locked());
  c = {};
  CHECK_FALSE(m.is_locked());
}

EVERY_PRIMITIVE("a lock is given up by a stop, by time, or by destruction, and the next one has the mutex") {
  mutex_of<S> m;
  auto held = m.lock_blocking();
  std::stop_source stop;
  locker<mutex_of<S>> stopped, late, dropped, next;
  stopped.start([&] { return m.lock(stop.get_token()); });
  dropped.start([&] { return m.lock(); });
  next.start([&] { return m.lock(); });
  stop.request_stop();
  CHECK(stopped.over);
  CHECK_FALSE(stopped.held);
  dropped.frame.reset();
  auto const in_time = [&]() -> task<> {
    CHECK_FALSE(co_await m.lock_for(3ms));
    CHECK_FALSE(co_await m.lock_until(std::chrono::system_clock::now() + 3ms));
    CHECK_FALSE(co_await m.lock_for(thread_pool::shared(), 3ms));
    CHECK_FALSE(co_await m.lock_until(thread_pool::shared(), std_platform::now() + 3ms));
  };
  sync_wait(in_time());
  auto const hasty = m.try_lock_for(3ms), hastier = m.try_lock_until(std::chrono::system_clock::now());
  CHECK_FALSE(hasty);
  CHECK_FALSE(hastier);
  CHECK(m.waiters() == 1);
  held.unlock();
  CHECK(next.held);
  next.held.reset();
  CHECK_FALSE(m.is_locked());
}

EVERY_PRIMITIVE("a lock on an executor goes on there; destroyed before it runs it passes the mutex on") {
  mutex_of<S> m;
  manual_executor ex;
  auto held = m.lock_blocking();
  locker<mutex_of<S>> dropped, next;
  dropped.start([&] { return m.lock_on(ex); });
  next.start([&] { return m.lock_on(ex); });
  held.unlock();
  CHECK_FALSE(next.over);
  dropped.frame.reset();
  ex.run();
  CHECK(next.held);
}

EVERY_PRIMITIVE("threads and coroutines are alone inside") {
  mutex_of<S> m;
  int inside = 0;  // a race, for a sanitizer, where two are
  long turns = 0;
  auto const turn = [&] {
    CHECK(++inside == 1);
    ++turns;
    --inside;
  };
  auto const coroutine = [&]() -> task<> {
    for (int i = 0; i < 500; ++i) {
      auto const g = co_await m.lock();
      turn();
    }
  };
  {
    std::vector<std::jthread> crew;
    for (int t = 0; t < 4; ++t) {
      crew.emplace_back([&, t] {
        if (t % 2 == 0) return sync_wait(coroutine());
        for (int i = 0; i < 500; ++i) {
          auto const g = m.lock_blocking();
          turn();
        }
      });
    }
  }
  CHECK(turns == 2000);
  CHECK_FALSE(m.is_locked());
}

EVERY_PRIMITIVE("100,000 waiters unlock one after the other on bounded stack") {
  constexpr int many = 100'000;
  mutex_of<S> m;
  auto held = m.lock_blocking();
  int turns = 0;
  auto const visit = [&]() -> task<> {
    auto const g = co_await m.lock();
    ++turns;
  };
  for (int i = 0; i < many; ++i) start_detached(visit());
  held.unlock();
  CHECK(turns == many);
}

TEST_CASE("a mutex has its discipline's members at run time") {
  basic_mutex<intrusive_list, std_platform, bounded_barging<>> m(bounded_barging<>{.k = 1});
  auto held = m.lock_blocking();
  manual_executor ex;
  locker<decltype(m)> waits;
  waits.start([&] { return m.lock_on(ex); });
  held.unlock();
  held = *m.try_lock();  // overtakes once
  held.unlock();
  auto const again = m.try_lock();
  CHECK_FALSE(again);
  ex.run();
  CHECK(waits.held);
  CHECK(message_of<std::invalid_argument>([] {
          basic_mutex<intrusive_list, std_platform, bounded_barging<>> bad(bounded_barging<>{.k = -1});
        }) == "surewake: bounded_barging: k = -1: 0 to 2047");
}

}  // namespace mutex_conformance
