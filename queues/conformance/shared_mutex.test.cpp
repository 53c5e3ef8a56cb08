// The shared mutex over every strategy that serves in the order of registration.
#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/core/primitives/shared_mutex.hpp>
#include <surewake/queues/conformance/all_mutexes.test.hpp>

namespace shared_mutex_conformance {

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;

namespace {

template <class S> struct shared_beside;
template <template <class> class Queue, class P, class Discipline>
struct shared_beside<basic_semaphore<Queue, P, Discipline>> {
  using type = basic_shared_mutex<Queue, P>;
  using condition = basic_condition_variable<Queue, P>;
};
template <class S> using mutex_of = typename shared_beside<S>::type;

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

template <class Guard> struct locker {
  std::optional<Guard> held;
  bool over = false;
  fiber frame;
  template <class Lock> void start(Lock lock) { frame = keep(lock, held, over); }
};

/// Writers and readers of a shared mutex.
template <class S> struct crew {
  using mutex = mutex_of<S>;
  using writer = locker<typename mutex::guard>;
  using reader = locker<typename mutex::shared_guard>;
  explicit crew(std::ptrdiff_t n = mutex::usual()) : m(n) {}
  void starts(writer& w) {
    w.start([this] { return m.lock(); });
  }
  void starts(reader& r) {
    r.start([this] { return m.lock_shared(); });
  }
  mutex m;
};

}  // namespace

#define EVERY_SHARED_MUTEX(name)                                              \
  SUREWAKE_TEST_OVER("every shared mutex: " name, ::surewake::testing::fifo_semaphores, \
                     DOCTEST_ANONYMOUS(SUREWAKE_TEST_))

EVERY_SHARED_MUTEX("readers share it, a writer is alone") {
  mutex_of<S> m;
  CHECK_FALSE(m.is_locked());
  {
    auto const a = m.lock_shared_blocking(), b = m.lock_shared_blocking();
    CHECK(b.mutex() == &m);
    CHECK(m.is_locked());
    auto const c = m.try_lock_shared();
    CHECK(c);
    auto const refused = m.try_lock();
    CHECK_FALSE(refused);
  }
  CHECK_FALSE(m.is_locked());
  {
    auto const a = m.lock_blocking();
    auto const writer = m.try_lock();
    auto const reader = m.try_lock_shared();
    CHECK_FALSE(writer);
    CHECK_FALSE(reader);
  }
  auto const again = m.try_lock();
  CHECK(again);
}

EVERY_SHARED_MUTEX("as many readers share it as it was made for") {
  mutex_of<S> m(2);
  auto a = m.lock_shared_blocking();
  auto const b = m.lock_shared_blocking();
  auto const refused = m.try_lock_shared();
  CHECK_FALSE(refused);
  a.unlock();
  auto const c = m.try_lock_shared();
  CHECK(c);
}

EVERY_SHARED_MUTEX("a writer that leaves lets in all readers up to the next writer, and they that one") {
  crew<S> c;
  std::deque<typename crew<S>::reader> first(5), second(3);
  typename crew<S>::writer next;
  auto held = c.m.lock_blocking();
  for (auto& r : first) c.starts(r);
  c.starts(next);
  for (auto& r : second) c.starts(r);
  CHECK(c.m.waiters() == 9);
  held.unlock();
  for (auto& r : first) CHECK(r.held);
  CHECK_FALSE(next.held);
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK_FALSE(next.held);
    first[i].held.reset();
  }
  CHECK(next.held);
  for (auto& r : second) CHECK_FALSE(r.held);
  next.held.reset();
  for (auto& r : second) CHECK(r.held);
}

EVERY_SHARED_MUTEX("the last reader that leaves lets one writer in") {
  crew<S> c;
  typename crew<S>::writer a, b;
  auto held = c.m.lock_shared_blocking();
  auto other = c.m.lock_shared_blocking();
  c.starts(a), c.starts(b);
  held.unlock();
  CHECK_FALSE(a.held);
  other.unlock();
  CHECK(a.held);
  CHECK_FALSE(b.held);
  a.held.reset();
  CHECK(b.held);
}

EVERY_SHARED_MUTEX("no reader overtakes a writer that waits, though readers are inside") {
  crew<S> c;
  typename crew<S>::writer w;
  typename crew<S>::reader late;
  auto inside = c.m.lock_shared_blocking();
  c.starts(w);
  auto const refused = c.m.try_lock_shared();
  CHECK_FALSE(refused);
  c.starts(late);
  CHECK_FALSE(late.held);
  inside.unlock();
  CHECK(w.held);
  CHECK_FALSE(late.held);
  w.held.reset();
  CHECK(late.held);
}

EVERY_SHARED_MUTEX("a writer that gives up, by a stop, by time or by destruction, lets in the readers behind it") {
  crew<S> c;
  auto const inside = c.m.lock_shared_blocking();
  std::stop_source stop;
  typename crew<S>::writer stopped, dropped;
  typename crew<S>::reader behind_stopped, behind_dropped, behind_late;
  stopped.start([&] { return c.m.lock(stop.get_token()); });
  c.starts(behind_stopped);
  stop.request_stop();
  CHECK(stopped.over);
  CHECK_FALSE(stopped.held);
  CHECK(behind_stopped.held);
  c.starts(dropped);
  c.starts(behind_dropped);
  dropped.frame.reset();
  CHECK(behind_dropped.held);
  {
    std::jthread const late([&] {
      auto const g = c.m.try_lock_for(20ms);
      CHECK_FALSE(g);
    });
    REQUIRE(soon([&] { return c.m.waiters() == 1; }));
    c.starts(behind_late);
  }
  CHECK(behind_late.held);
}

EVERY_SHARED_MUTEX("a writer that gives up leaves those behind it, writers and readers, in their order") {
  crew<S> c;
  auto inside = c.m.lock_shared_blocking();
  typename crew<S>::writer dropped, next;
  typename crew<S>::reader behind;
  c.starts(dropped), c.starts(next), c.starts(behind);
  dropped.frame.reset();
  CHECK_FALSE(next.held);
  CHECK_FALSE(behind.held);
  inside.unlock();
  CHECK(next.held);
  CHECK_FALSE(behind.held);
}

EVERY_SHARED_MUTEX("a lock is given up in every way, and nothing is left of it") {
  mutex_of<S> m;
  auto held = m.lock_blocking();
  std::stop_source stop;
  locker<typename mutex_of<S>::shared_guard> stopped, dropped;
  stopped.start([&] { return m.lock_shared(stop.get_token()); });
  dropped.start([&] { return m.lock_shared(); });
  stop.request_stop();
  CHECK(stopped.over);
  CHECK_FALSE(stopped.held);
  dropped.frame.reset();
  auto const in_time = [&]() -> task<> {
    CHECK_FALSE(co_await m.lock_shared_for(3ms));
    CHECK_FALSE(co_await m.lock_shared_until(std::chrono::system_clock::now() + 3ms));
    CHECK_FALSE(co_await m.lock_shared_for(thread_pool::shared(), 3ms));
    CHECK_FALSE(co_await m.lock_shared_until(thread_pool::shared(), std_platform::now() + 3ms));
    CHECK_FALSE(co_await m.lock_for(3ms));
  };
  sync_wait(in_time());
  auto const hasty = m.try_lock_shared_for(3ms), hastier = m.try_lock_shared_until(std::chrono::system_clock::now());
  CHECK_FALSE(hasty);
  CHECK_FALSE(hastier);
  CHECK(m.waiters() == 0);
  held.unlock();
  CHECK_FALSE(m.is_locked());
  auto const in_vain = m.try_lock_shared_for(3ms);
  CHECK(in_vain);
}

EVERY_SHARED_MUTEX("a lock on an executor goes on there; destroyed before it runs it passes its place on") {
  mutex_of<S> m;
  manual_executor ex;
  auto held = m.lock_blocking();
  locker<typename mutex_of<S>::guard> dropped;
  locker<typename mutex_of<S>::shared_guard> next;
  dropped.start([&] { return m.lock_on(ex); });
  next.start([&] { return m.lock_shared_on(ex); });
  held.unlock();
  CHECK_FALSE(next.over);
  dropped.frame.reset();
  ex.run();
  CHECK(next.held);
}

EVERY_SHARED_MUTEX("a writer that becomes a reader lets readers in, and keeps writers out until it leaves") {
  crew<S> c;
  typename crew<S>::reader beside, after_writer;
  typename crew<S>::writer next;
  auto held = c.m.lock_blocking();
  c.starts(beside), c.starts(next), c.starts(after_writer);
  auto reads = mutex_of<S>::downgrade(std::move(held));
  CHECK(reads.mutex() == &c.m);
  CHECK_FALSE(held);  // NOLINT: what is downgraded is empty
  CHECK(beside.held);
  CHECK_FALSE(next.held);
  beside.held.reset();
  CHECK_FALSE(next.held);
  reads.unlock();
  CHECK(next.held);
  next.held.reset();
  CHECK(after_writer.held);
  after_writer.held.reset();
  CHECK_FALSE(c.m.is_locked());
}

EVERY_SHARED_MUTEX("a condition variable goes with a writer's guard") {
  mutex_of<S> m;
  typename shared_beside<S>::condition changed;
  bool ready = false;
  bool seen = false;
  auto const waits = [&]() -> task<> {
    auto held = co_await m.lock();
    co_await changed.wait(held, [&] { return ready; });
    auto const alone = m.try_lock_shared();
    seen = !alone;
  };
  start_detached(waits());
  auto held = m.lock_blocking();  // the wait has unlocked all of it
  ready = true;
  changed.notify_one();
  held.unlock();
  CHECK(seen);
  CHECK_FALSE(m.is_locked());
}

EVERY_SHARED_MUTEX("writers are alone among threads and coroutines, and readers see no half of what they write") {
  mutex_of<S> m;
  long one = 0, other = 0;  // a race, for a sanitizer, where a writer is not alone
  auto const writes = [&] {
    ++one;
    ++other;
  };
  std::atomic<long> torn{0};
  auto const reads = [&] {
    if (one != other) torn.fetch_add(1);
  };
  auto const coroutine = [&]() -> task<> {
    for (int i = 0; i < 300; ++i) {
      {
        auto const g = co_await m.lock_shared();
        reads();
      }
      auto g = co_await m.lock();
      writes();
      auto const r = mutex_of<S>::downgrade(std::move(g));
      reads();
    }
  };
  {
    std::vector<std::jthread> crew;
    for (int t = 0; t < 4; ++t) {
      crew.emplace_back([&, t] {
        if (t % 2 == 0) return sync_wait(coroutine());
        for (int i = 0; i < 300; ++i) {
          {
            auto const g = m.lock_blocking();
            writes();
          }
          auto const g = m.lock_shared_blocking();
          reads();
        }
      });
    }
  }
  CHECK(one == 1200);
  CHECK(torn == 0);
  CHECK_FALSE(m.is_locked());
}

EVERY_SHARED_MUTEX("100,000 readers and writers unlock one after the other on bounded stack") {
  constexpr int many = 100'000;
  mutex_of<S> m;
  auto held = m.lock_blocking();
  int turns = 0;
  auto const reads = [&]() -> task<> {
    auto const g = co_await m.lock_shared();
    ++turns;
  };
  auto const writes = [&]() -> task<> {
    auto const g = co_await m.lock();
    ++turns;
  };
  for (int i = 0; i < many; ++i) {
    if (i % 100 == 0) start_detached(writes());
    else start_detached(reads());
  }
  held.unlock();
  CHECK(turns == many);
}

}  // namespace shared_mutex_conformance
