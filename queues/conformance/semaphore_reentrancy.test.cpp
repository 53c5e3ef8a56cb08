// Where and on how much stack a waiter is resumed, who may use and who may destroy the semaphore meanwhile, and what it
// costs (semaphore.hpp, laws 4 and 5).
#include <surewake/core/platform/sanitizers.test.hpp>
#include <surewake/queues/conformance/all_semaphores.test.hpp>

#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <thread>

namespace {

std::atomic<bool> counting = false;
std::atomic<long> allocations = 0;

#if defined(_WIN32)  // has no aligned_alloc, and its free() takes no aligned memory
void* aligned(std::size_t n, std::size_t align) { return ::_aligned_malloc(n, align); }
void give_back(void* p) noexcept { ::_aligned_free(p); }
#else
void* aligned(std::size_t n, std::size_t align) { return std::aligned_alloc(align, (n / align + 1) * align); }
void give_back(void* p) noexcept { std::free(p); }
#endif

void* counted(std::size_t n, std::size_t align) {
  if (counting) ++allocations;
  if (void* const p = aligned(n, align)) return p;
  throw std::bad_alloc();
}

}  // namespace

// Not inlined: g++ 12 would see a malloc that meets a delete.
[[gnu::noinline]] void* operator new(std::size_t n) {
  return counted(n, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
[[gnu::noinline]] void* operator new(std::size_t n, std::align_val_t a) {
  return counted(n, static_cast<std::size_t>(a));
}
[[gnu::noinline]] void operator delete(void* p) noexcept { give_back(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { give_back(p); }
[[gnu::noinline]] void operator delete(void* p, std::align_val_t) noexcept { give_back(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept { give_back(p); }

namespace semaphore_reentrancy_test {

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;

namespace {

#if defined(__OPTIMIZE__)
constexpr bool optimised = true;
#else
constexpr bool optimised = false;
#endif
// Nested frames would take far more than 8 MiB of any. (Those of a sanitizer are larger.)
constexpr int long_chain = asan || tsan ? 20'000 : optimised ? 1'000'000 : 100'000;

/// Runs `f` on a thread with a stack of 8 MiB, whatever the limits of this process are.
template <class F> void on_default_stack(F f) {
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstacksize(&attributes, std::size_t{8} << 20) == 0);
  pthread_t thread;
  auto const run = [](void* p) -> void* {
    (*static_cast<F*>(p))();
    return nullptr;
  };
  REQUIRE(pthread_create(&thread, &attributes, run, &f) == 0);
  pthread_attr_destroy(&attributes);
  pthread_join(thread, nullptr);
}

/// One link of a chain: acquires, counts, releases, ends.
template <class S> task<> link(S& s, int& count) {
  auto const p = co_await s.acquire();
  ++count;
}
template <class S> task<> stoppable_link(S& s, std::stop_token stop, int& count) {
  auto const p = co_await s.acquire(stop);
  ++count;
}

/// A coroutine that belongs to nobody and owns itself.
struct loose {
  struct promise_type {
    loose get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};
template <class S> loose loose_link(S& s, int& count) {
  auto const p = co_await s.acquire();
  ++count;
}

}  // namespace

EVERY_SEMAPHORE("a chain of 1,000,000 waiters, each of whom releases the next, runs in 8 MiB of stack") {
  on_default_stack([] {
    S s(1);
    int count = 0;
    auto p = s.acquire_blocking();
    for (int i = 0; i < long_chain; ++i) start_detached(link(s, count));
    REQUIRE(s.waiters() == static_cast<std::size_t>(long_chain));
    p.release();
    CHECK(count == long_chain);
    CHECK(look(s) == snapshot{1, 1, 0, 0, false});
  });
}

EVERY_SEMAPHORE("so does a chain of coroutines that know nothing of surewake") {
  on_default_stack([] {
    S s(1);
    int count = 0;
    auto p = s.acquire_blocking();
    for (int i = 0; i < long_chain; ++i) loose_link(s, count);
    p.release();
    CHECK(count == long_chain);
  });
}

EVERY_SEMAPHORE("so do stoppable waiters, a release of all at once, a stop of all at once, and close") {
  on_default_stack([] {
    constexpr int n = long_chain / 10;
    S s(0);
    int count = 0;
    std::stop_source stop;
    for (int i = 0; i < n; ++i) start_detached(stoppable_link(s, stop.get_token(), count));
    s.add_permits(1);
    CHECK(count == n);
    auto one = s.acquire_blocking();
    for (int i = 0; i < n; ++i) start_detached(link(s, count));
    s.add_permits(n);
    CHECK(count == 2 * n);
    auto all = s.acquire_blocking(n);
    auto const wait = [](S& limit, std::stop_token token, int& done) -> task<> {
      static_cast<void>(co_await limit.acquire(token));
      ++done;
    };
    constexpr int few = 500;  // a std::stop_callback each: its list is searched, and mutex_deque's too
    for (int i = 0; i < few; ++i) start_detached(wait(s, stop.get_token(), count));
    stop.request_stop();
    CHECK(count == 2 * n + few);
    auto const closed = [](S& limit, int& done) -> task<> {
      try {
        static_cast<void>(co_await limit.acquire());
      } catch (closed_error const&) {
        ++done;
      }
    };
    for (int i = 0; i < n; ++i) start_detached(closed(s, count));
    s.close();
    CHECK(count == 3 * n + few);
    CHECK(s.waiters() == 0);
  });
}

EVERY_SEMAPHORE("two coroutines that hand one permit to and fro take bounded stack") {
  on_default_stack([] {
    S ping(1), pong(0);
    int turns = 0;
    auto const player = [](S& mine, S& other, int& t) -> task<> {
      while (t < long_chain) {
        auto p = co_await mine.acquire();
        ++t;
        p.forget();
        other.add_permits(1);
      }
    };
    sync_wait(when_all(player(ping, pong, turns), player(pong, ping, turns)));
    CHECK(turns >= long_chain);
  });
}

EVERY_SEMAPHORE("acquire in a loop of a free permit takes bounded stack") {
  on_default_stack([] {
    S s(1);
    sync_wait([](S& limit) -> task<> {
      for (int i = 0; i < long_chain; ++i) {
        auto const p = co_await limit.acquire();
        auto const q = co_await limit.acquire_for(0s);
        if (q) std::abort();
        if (i % 64 != 0) i += 63;  // a time-out is a change of thread: few of them do
      }
    }(s));
    CHECK(s.available_permits() == 1);
  });
}

EVERY_SEMAPHORE("a release outside of any coroutine resumes the waiter before it returns") {
  S s(0);
  visitor<S> v;
  std::thread::id resumed_on;
  v.on_end = [&] { resumed_on = std::this_thread::get_id(); };
  v.acquire(s);
  std::thread t([&] {
    s.add_permits(1);
    CHECK(v.state == visit::holding);
    CHECK(resumed_on == std::this_thread::get_id());
  });
  t.join();
}

EVERY_SEMAPHORE("a release inside a coroutine resumes the waiter when that coroutine suspends or ends") {
  S s(0);
  visitor<S> v;
  v.acquire(s);
  visit during = visit::closed, after_suspension = visit::closed;
  S other(0);
  start_detached([](S& limit, S& later, visitor<S>& next, visit& before, visit& after) -> task<> {
    limit.add_permits(1);
    before = next.state;
    auto const p = co_await later.acquire();
    after = next.state;
    next.held.release();
    next.acquire(limit, 2);
    limit.add_permits(1);
    before = next.state;
  }(s, other, v, during, after_suspension));
  CHECK(during == visit::waiting);
  CHECK(v.state == visit::holding);
  during = visit::closed;
  other.add_permits(1);
  CHECK(after_suspension == visit::holding);
  CHECK(during == visit::waiting);
  CHECK(v.state == visit::holding);
}

EVERY_SEMAPHORE("who suspends transfers to the one it released, however the waiter waits") {
  for (int kind = 0; kind < 4; ++kind) {
    S s(1), never(0);
    inline_executor in_place;
    visitor<S> holder, next;
    auto p = s.acquire_blocking();
    holder.start([&] { return s.acquire(); });  // resumed by surewake below, so that it runs in a scope
    holder.destroy();
    auto const body = [&]() -> task<> {
      p.release();
      CHECK(next.state == visit::waiting);
      try {
        static_cast<void>(co_await never.acquire());
      } catch (closed_error const&) {
      }
    };
    switch (kind) {
      case 0: next.start([&] { return s.acquire(); }); break;
      case 1: next.start([&] { return s.acquire(std::stop_token()); }); break;
      case 2: next.start([&] { return s.acquire_for(1h); }); break;
      default: next.start([&] { return s.acquire_on(in_place); });
    }
    start_detached(body());
    CHECK_MESSAGE(next.state == visit::holding, "kind ", kind);
    never.close();
  }
}

EVERY_SEMAPHORE("a resumed waiter may use the semaphore in every way") {
  S s(0);
  visitor<S> a, b, c, d;
  std::stop_source stop;
  a.on_end = [&] {
    b.acquire(s, stop.get_token());
    c.acquire(s);
    a.held.release();
    CHECK_FALSE(s.try_acquire_for(0s, 9));
    s.add_permits(2);
    CHECK(s.reduce_permits(5) >= 0);
    stop.request_stop();
    d.acquire(s, 2);
  };
  a.acquire(s);
  s.add_permits(1);
  CHECK(a.state == visit::holding);
  CHECK(c.state == visit::holding);
  b.held.release();
  c.held.release();
  d.held.release();
  if (s.waiters() != 0) s.add_permits(2);
  d.held.release();
  CHECK(s.waiters() == 0);
  CHECK(s.in_use() == 0);
}

EVERY_SEMAPHORE("a thread that blocks runs first what is ready on it, which may hold the permit it waits for") {
  S s(0), turn(0);
  visitor<S> v;
  v.on_end = [&] { s.add_permits(1); };
  v.acquire(turn);
  sync_wait([](S& limit, S& other) -> task<> {
    other.add_permits(1);                 // v is ready, on this thread
    limit.acquire_blocking().release();    // and v must run for us to go on
    co_return;
  }(s, turn));
  CHECK(v.state == visit::holding);
}

EVERY_SEMAPHORE("acquire_on resumes on the executor, and takes what is free without it") {
  S s(1);
  manual_executor ex;
  visitor<S> first, second;
  first.start([&] { return s.acquire_on(ex); });
  CHECK(first.state == visit::holding);
  second.start([&] { return s.acquire_on(ex); });
  first.held.release();
  CHECK(second.state == visit::waiting);
  CHECK_FALSE(ex.empty());
  CHECK(ex.run() == 1);
  CHECK(second.state == visit::holding);

  thread_pool pool(2);
  visitor<S> third;
  std::thread::id resumed_on;
  third.on_end = [&] { resumed_on = std::this_thread::get_id(); };
  third.start([&] { return s.acquire_on(pool); });
  second.held.release();
  while (!third.over) std::this_thread::yield();
  CHECK(resumed_on != std::this_thread::get_id());
  CHECK(third.held.count() == 1);
}

EVERY_SEMAPHORE("acquire_on a pool that is contended serves everybody") {
  thread_pool pool(3);
  S s(2);
  long inside = 0, served = 0;
  S guard(1);
  auto const work = [&]() -> task<> {
    co_await pool.schedule();
    for (int i = 0; i < 50; ++i) {
      auto const p = co_await s.acquire_on(pool, 1 + i % 2);
      auto const g = co_await guard.acquire_on(pool);
      ++served;
      ++inside;
      CHECK(inside == 1);
      --inside;
    }
  };
  std::vector<task<>> tasks;
  for (int i = 0; i < 8; ++i) tasks.push_back(work());
  sync_wait(when_all(std::move(tasks)));
  CHECK(served == 400);
  CHECK(look(s) == snapshot{2, 2, 0, 0, false});
}

EVERY_SEMAPHORE("any coroutine type may await, also inside a task") {
  S s(2);
  auto const inner = [](S& limit) -> task<int> {
    auto const p = co_await limit.acquire();
    co_return static_cast<int>(p.count());
  };
  int seen = 0;
  auto const outer = [&]() -> fiber {
    auto const p = co_await s.acquire();
    seen = co_await inner(s);
  };
  fiber const f = outer();
  CHECK(f.done());
  CHECK(seen == 1);
}

EVERY_SEMAPHORE("two acquires of one when_all wait for each other's semaphores") {
  S a(0), b(0);
  bool both = false;
  start_detached([](S& x, S& y, bool& done) -> task<> {
    auto const permits = co_await when_all(x.acquire(), y.acquire(2));
    done = std::get<0>(permits).count() == 1 && std::get<1>(permits).count() == 2;
  }(a, b, both));
  b.add_permits(2);
  CHECK_FALSE(both);
  a.add_permits(1);
  CHECK(both);
}

EVERY_SEMAPHORE("the thread that gets the only permit may destroy the semaphore at once") {
  for (int i = 0; i < (asan ? 100 : tsan ? 500 : 2'000); ++i) {  // clang's AddressSanitizer: milliseconds a thread
    std::thread t;
    {
      auto const s = std::make_unique<S>(0);
      t = std::thread([&limit = *s] { limit.add_permits(1); });
      if (i % 3 == 0) {
        s->acquire_blocking().forget();
      } else if (i % 3 == 1) {
        s->acquire_blocking(1, {.spin = 0ns}).forget();
      } else {
        sync_wait(s->acquire()).forget();
      }
    }
    t.join();
  }
}

EVERY_SEMAPHORE("so may the coroutine that gets it, inside the release") {
  auto s = std::make_unique<S>(1);
  auto p = s->acquire_blocking();
  bool ended = false;
  start_detached([](std::unique_ptr<S>& limit, bool& done) -> task<> {
    typename S::permit mine = co_await limit->acquire();
    mine.forget();
    limit.reset();
    done = true;
  }(s, ended));
  p.release();
  CHECK(ended);
  CHECK_FALSE(s);
}

FIFO_SEMAPHORE("so may the last of those who share a release of several permits") {
  auto s = std::make_unique<S>(3);
  auto two = s->acquire_blocking(2), one = s->acquire_blocking();
  int left = 3;
  auto const last = [&] {
    if (--left == 0) s.reset();
  };
  auto const late = [&]() -> task<> {
    typename S::permit p = co_await s->acquire();
    p.forget();
    last();
  };
  auto const first = [&]() -> task<> {
    typename S::permit p = co_await s->acquire();
    start_detached(late());
    one.release();
    p.forget();
    last();
  };
  start_detached(first());
  start_detached(late());
  two.release();  // first gets one, and hands out another while the second one of ours is on its way
  CHECK(left == 0);
}

FIFO_SEMAPHORE("so may a thread that got it after it had given up before") {
  std::atomic<S*> slot = nullptr;
  std::atomic<bool> end = false;
  std::thread releaser([&] {
    while (!end) {
      if (S* const s = slot.exchange(nullptr)) s->add_permits(1);
    }
  });
  auto const until = std::chrono::steady_clock::now() + 150ms;
  while (std::chrono::steady_clock::now() < until) {
    auto const s = std::make_unique<S>(0);
    slot = s.get();
    std::optional<typename S::permit> p;
    while (!p) p = s->try_acquire_for(0ns, 1, {.spin = 0ns});
    p->forget();
  }
  end = true;
  releaser.join();
}

FIFO_SEMAPHORE("a coroutine that is granted by a withdrawal may destroy the coroutine that gave up") {
  S s(1);
  std::stop_source stop;
  visitor<S> large, small;
  large.acquire(s, stop.get_token(), 2);
  small.on_end = [&large] { large.destroy(); };
  small.acquire(s);
  CHECK(small.state == visit::waiting);
  stop.request_stop();
  CHECK(small.state == visit::holding);
  CHECK(large.state == visit::waiting);
  small.held.release();
  CHECK(look(s) == snapshot{1, 1, 0, 0, false});
}

TEST_CASE("no acquire of the default semaphore allocates, whether it waits, is stopped, times out or is closed") {
  using S = semaphore;
  S s(1), closing(0);
  manual_executor ex;
  std::stop_source stop, unused;
  auto const timers = thread_pool::shared().threads();  // started before we count
  CHECK(timers > 0);
  std::atomic<int> ended = 0;
  auto p = s.acquire_blocking();
  visitor<S> plain, stopped, kept, timed, late, on_executor, closed;
  for (auto* const v : {&plain, &stopped, &kept, &timed, &late, &on_executor, &closed}) {
    v->on_end = [&ended] { ++ended; };
  }
  // The frames of the coroutines are allocated by us, the seven of them, and nothing else is.
  allocations = 0;
  counting = true;
  plain.acquire(s);
  stopped.acquire(s, stop.get_token());
  kept.acquire(s, unused.get_token());
  timed.start([&] { return s.acquire_for(2ms); });
  late.start([&] { return s.acquire_for(1h); });
  on_executor.start([&] { return s.acquire_on(ex); });
  closed.acquire(closing, 3);
  stop.request_stop();
  while (!timed.over) std::this_thread::yield();
  p.release();
  plain.held.release();
  kept.held.release();
  late.held.release();
  ex.run();
  on_executor.held.release();
  closing.close();
  static_cast<void>(closing.try_acquire());
  static_cast<void>(s.try_acquire());
  s.acquire_blocking().release();
  p = s.acquire_blocking();
  static_cast<void>(s.try_acquire_for(1ms));
  p.release();
  counting = false;
  CHECK(ended == 7);
  // closed_error allocates as it is thrown: the object, and its message.
  CHECK(allocations <= 7 + 2);
  CHECK(look(s) == snapshot{1, 1, 0, 0, false});
}

}  // namespace semaphore_reentrancy_test
