// The condition variable over every strategy, with a mutex of each discipline. What peers' suites ask of one (POSIX,
// libstdc++, tokio's Notify, libcoro), and what a wait may be besides: stopped, timed, on an executor, destroyed.
#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/core/semaphore/seat_synchronizer.hpp>
#include <surewake/queues/conformance/all_mutexes.test.hpp>

#include <deque>

namespace condition_variable_conformance {

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;

namespace {

/// How a wait ended.
enum class wait_end { none, notified, given_up };

/// A coroutine that locks, waits as it is told, and keeps the guard.
template <class S> struct waiting {
  using mutex = mutex_of<S>;
  using guard = typename mutex::guard;

  /// `wait(guard)` makes the awaitable.
  template <class Wait> waiting& start(mutex& m, Wait wait) {
    frame = run(*this, m, std::move(wait));
    return *this;
  }
  waiting& start(mutex& m, condition_of<S>& c) {
    return start(m, [&c](guard& g) { return c.wait(g); });
  }
  waiting& start(mutex& m, condition_of<S>& c, std::stop_token stop) {
    return start(m, [&c, stop](guard& g) { return c.wait(g, stop); });
  }

  manual_executor* lives_on = nullptr;
  wait_end end = wait_end::none;
  guard held;
  std::thread::id thread;
  fiber frame;

 private:
  template <class Wait> static fiber run(waiting& w, mutex& m, Wait wait) {
    if (w.lives_on != nullptr) {
      co_await schedule(*w.lives_on);
    }
    guard held = co_await m.lock();
    bool notified = true;
    if constexpr (std::is_void_v<decltype(wait(held).await_resume())>) {
      co_await wait(held);
    } else {
      notified = co_await wait(held);
    }
    CHECK(held.mutex() == &m);
    w.thread = std::this_thread::get_id();
    w.held = std::move(held);
    w.end = notified ? wait_end::notified : wait_end::given_up;
  }
};

template <class S> struct monitor {
  mutex_of<S> m;
  condition_of<S> c;
  [[nodiscard]] bool at_rest() const { return !m.is_locked() && m.waiters() == 0 && c.waiters() == 0; }
};

}  // namespace

EVERY_PRIMITIVE("a notification before the wait does nothing") {
  monitor<S> x;
  x.c.notify_one();
  x.c.notify_all();
  waiting<S> w;
  w.start(x.m, x.c);
  CHECK(w.end == wait_end::none);
  CHECK(x.c.waiters() == 1);
  CHECK_FALSE(x.m.is_locked());
  x.c.notify_one();
  CHECK(w.end == wait_end::notified);
  w.held.unlock();
  CHECK(x.at_rest());
}

EVERY_PRIMITIVE("notify_one notifies the first, one at a time") {
  monitor<S> x;
  std::deque<waiting<S>> all(4);
  for (auto& w : all) w.start(x.m, x.c);
  for (std::size_t n = 1; n <= all.size(); ++n) {
    x.c.notify_one();
    std::size_t notified = 0;
    for (auto& w : all) {
      notified += w.end == wait_end::notified ? 1U : 0U;
      w.held.unlock();
    }
    CHECK(notified == n);
    if constexpr (S::queue_type::first_come_first_served) CHECK(all[n - 1].end == wait_end::notified);
    CHECK(x.c.waiters() == all.size() - n);
  }
  CHECK(x.at_rest());
}

EVERY_PRIMITIVE("notify_all by a holder moves 1,000 waiters to the mutex, and resumes none before the unlock") {
  constexpr std::size_t many = 1'000;
  monitor<S> x;
  std::size_t turns = 0;
  auto const wait = [&]() -> task<> {
    auto held = co_await x.m.lock();
    co_await x.c.wait(held);
    ++turns;
  };
  for (std::size_t i = 0; i < many; ++i) start_detached(wait());
  auto held = x.m.lock_blocking();
  x.c.notify_all();
  CHECK(x.c.waiters() == 0);
  CHECK(x.m.waiters() == (hands_off<S> ? many : x.m.waiters()));
  CHECK(turns == 0);
  held.unlock();
  CHECK(turns == many);
  CHECK(x.at_rest());
}

EVERY_PRIMITIVE("100,000 are notified on bounded stack, whether the mutex is free or not") {
  constexpr int many = 100'000;
  for (bool const inside : {false, true}) {
    monitor<S> x;
    int turns = 0;
    auto const wait = [&]() -> task<> {
      auto held = co_await x.m.lock();
      co_await x.c.wait(held);
      ++turns;
    };
    for (int i = 0; i < many; ++i) start_detached(wait());
    auto held = x.m.lock_blocking();
    if (!inside) held.unlock();
    x.c.notify_all();
    held.unlock();
    CHECK(turns == many);
    CHECK(x.at_rest());
  }
}

EVERY_PRIMITIVE("each wait with a predicate ends when that holds, and not before") {
  monitor<S> x;
  int level = 0, passed = 0;
  auto const wait = [&](int at_least) -> task<> {
    auto held = co_await x.m.lock();
    co_await x.c.wait(held, [&] { return level >= at_least; });
    CHECK(held);
    CHECK(level >= at_least);
    ++passed;
  };
  for (int i = 0; i < 5; ++i) start_detached(wait(i));
  CHECK(passed == 1);
  for (level = 1; level < 5; ++level) {
    x.c.notify_all();
    CHECK(passed == level + 1);
  }
  CHECK(x.at_rest());
}

EVERY_PRIMITIVE("a predicate that throws ends the wait, with the mutex") {
  monitor<S> x;
  bool throws = false, held_then = false;
  auto const wait = [&]() -> task<> {
    auto held = co_await x.m.lock();
    try {
      co_await x.c.wait(held, [&]() -> bool {
        if (throws) throw std::runtime_error("no");
        return false;
      });
    } catch (std::runtime_error const&) {
      held_then = held.mutex() == &x.m && x.m.is_locked();
    }
  };
  start_detached(wait());
  throws = true;
  x.c.notify_one();
  CHECK(held_then);
  CHECK(x.at_rest());
}

EVERY_PRIMITIVE("a wait with an empty guard is refused by name") {
  monitor<S> x;
  typename mutex_of<S>::guard none;
  std::string const says = "surewake: a wait with a guard that holds no mutex";
  CHECK(message_of<std::invalid_argument>([&] { static_cast<void>(x.c.wait(none)); }) == says);
  CHECK(message_of<std::invalid_argument>([&] { x.c.wait_blocking(none); }) == says);
  CHECK(message_of<std::invalid_argument>([&] { x.c.wait_blocking_for(none, 1ms); }) == says);
}

EVERY_PRIMITIVE("a stop ends the wait with the mutex, and the notification goes to the next") {
  monitor<S> x;
  std::stop_source stop;
  waiting<S> stopped, next;
  stopped.start(x.m, x.c, stop.get_token());
  next.start(x.m, x.c);
  stop.request_stop();
  CHECK(stopped.end == wait_end::given_up);
  CHECK(x.m.is_locked());
  x.c.notify_one();
  CHECK(next.end == wait_end::none);
  CHECK(x.m.waiters() == 1);
  stopped.held.unlock();
  CHECK(next.end == wait_end::notified);
  next.held.unlock();
  CHECK(x.at_rest());
}

EVERY_PRIMITIVE("a wait that is stopped while another one holds the mutex ends after the unlock") {
  monitor<S> x;
  std::stop_source stop;
  waiting<S> w;
  w.start(x.m, x.c, stop.get_token());
  auto held = x.m.lock_blocking();
  stop.request_stop();
  CHECK(w.end == wait_end::none);
  CHECK(x.c.waiters() == 0);
  CHECK(x.m.waiters() == 1);
  x.c.notify_one();  // finds nobody
  held.unlock();
  CHECK(w.end == wait_end::given_up);
  w.held.unlock();
  CHECK(x.at_rest());
}

EVERY_PRIMITIVE("a stop that comes after the notification changes nothing, also in the mutex's queue") {
  monitor<S> x;
  std::stop_source stop;
  waiting<S> w, next;
  w.start(x.m, x.c, stop.get_token());
  next.start(x.m, x.c);
  auto held = x.m.lock_blocking();
  x.c.notify_one();
  stop.request_stop();
  CHECK(w.end == wait_end::none);
  CHECK(x.m.waiters() == 1);
  held.unlock();
  CHECK(w.end == wait_end::notified);
  CHECK(next.end == wait_end::none);
  w.held.unlock();
  x.c.notify_one();
  CHECK(next.end == wait_end::notified);
  next.held.unlock();
  CHECK(x.at_rest());
}

EVERY_PRIMITIVE("a token that was stopped before ends the wait at once, and a predicate is asked once more") {
  monitor<S> x;
  std::stop_source stop;
  stop.request_stop();
  waiting<S> w;
  w.start(x.m, x.c, stop.get_token());
  CHECK(w.end == wait_end::given_up);
  w.held.unlock();
  int asked = 0;
  auto const wait = [&](int enough) -> task<bool> {
    auto held = co_await x.m.lock();
    co_return co_await x.c.wait(held, stop.get_token(), [&] { return ++asked >= enough; });
  };
  CHECK(sync_wait(wait(1)));
  CHECK(asked == 1);
  CHECK(sync_wait(wait(3)));
  CHECK(asked == 3);
  CHECK_FALSE(sync_wait(wait(9)));
  CHECK(asked == 5);
  CHECK(x.at_rest());
}

EVERY_PRIMITIVE("a time limit ends the wait with the mutex, by any clock, and by timers of one's own") {
  monitor<S> x;
  auto const wait = [&]() -> task<> {
    auto held = co_await x.m.lock();
    auto const start = std_platform::now();
    CHECK_FALSE(co_await x.c.wait_for(held, 3ms));
    CHECK(std_platform::now() - start >= 3ms);
    CHECK_FALSE(co_await x.c.wait_until(held, std::chrono::system_clock::now() + 3ms));
    CHECK_FALSE(co_await x.c.wait_for(held, thread_pool::shared(), 3ms));
    CHECK_FALSE(co_await x.c.wait_until(held, thread_pool::shared(), std_platform::now()));
    CHECK_FALSE(co_await x.c.wait_for(held, 3ms, [] { return false; }));
    CHECK_FALSE(co_await x.c.wait_until(held, std_platform::now() - 1h, [] { return false; }));
    CHECK(co_await x.c.wait_for(held, thread_pool::shared(), 3ms, [] { return true; }));
    CHECK(co_await x.c.wait_until(held, thread_pool::shared(), std_platform::now(), [] { return true; }));
    CHECK(held.mutex() == &x.m);
  };
  sync_wait(wait());
  CHECK(x.at_rest());
}

EVERY_PRIMITIVE("blocking waits with a limit end with the mutex; of zero or less they do not wait") {
  monitor<S> x;
  auto held = x.m.lock_blocking();
  for (auto const limit : {0ms, -5ms, 3ms}) {
    CHECK_FALSE(x.c.wait_blocking_for(held, limit));
    CHECK_FALSE(x.c.wait_blocking_for(held, limit, [] { return false; }));
    CHECK_FALSE(x.c.wait_blocking_until(held, std::chrono::system_clock::now() + limit));
    CHECK_FALSE(x.c.wait_blocking_until(held, std_platform::now() + limit, [] { return false; }));
    CHECK(x.c.wait_blocking_for(held, limit, [] { return true; }));
    CHECK(held.mutex() == &x.m);
  }
  held.unlock();
  CHECK(x.at_rest());
}

EVERY_PRIMITIVE("a coroutine that is destroyed while it waits leaves the queue, and unlocks nothing") {
  monitor<S> x;
  waiting<S> first, second;
  std::stop_source stop;
  first.start(x.m, x.c);
  second.start(x.m, x.c, stop.get_token());
  auto held = x.m.lock_blocking();
  first.frame.reset();
  second.frame.reset();
  CHECK(x.c.waiters() == 0);
  CHECK(x.m.is_locked());
  held.unlock();
  CHECK(x.at_rest());
}

EVERY_PRIMITIVE("destroyed after its notification, before it has the mutex, it passes that on") {
  for (bool const stoppable : {false, true}) {
    monitor<S> x;
    std::stop_source stop;
    waiting<S> first, second;
    stoppable ? first.start(x.m, x.c, stop.get_token()) : first.start(x.m, x.c);
    second.start(x.m, x.c);
    auto held = x.m.lock_blocking();
    x.c.notify_one();
    first.frame.reset();
    CHECK(x.c.waiters() == 0);
    held.unlock();
    CHECK(second.end == wait_end::notified);
    second.held.unlock();
    CHECK(x.at_rest());
  }
}

EVERY_PRIMITIVE("destroyed after a stop, in the mutex's queue, it passes nothing on") {
  monitor<S> x;
  std::stop_source stop;
  waiting<S> first, second;
  first.start(x.m, x.c, stop.get_token());
  second.start(x.m, x.c);
  auto held = x.m.lock_blocking();
  stop.request_stop();
  first.frame.reset();
  held.unlock();
  CHECK(second.end == wait_end::none);
  x.c.notify_one();
  CHECK(second.end == wait_end::notified);
  second.held.unlock();
  CHECK(x.at_rest());
}

EVERY_PRIMITIVE("a wait on an executor goes on there; destroyed before it runs it unlocks, and passes on") {
  monitor<S> x;
  manual_executor ex;
  waiting<S> dropped, next;
  auto const on = [&](typename mutex_of<S>::guard& g) { return x.c.wait_on(g, ex); };
  dropped.start(x.m, on);
  next.start(x.m, on);
  x.c.notify_one();
  CHECK(x.m.is_locked());
  dropped.frame.reset();
  CHECK(next.end == wait_end::none);
  ex.run();
  CHECK(next.end == wait_end::notified);
  next.held.unlock();
  CHECK(x.at_rest());
}

EVERY_PRIMITIVE("a wait that is over and has yet to run at home unlocks, and passes on, as it is destroyed") {
  for (bool const stoppable : {false, true}) {
    monitor<S> x;
    manual_executor ex;
    std::stop_source stop;
    waiting<S> dropped, next;
    dropped.lives_on = next.lives_on = &ex;
    stoppable ? dropped.start(x.m, x.c, stop.get_token()) : dropped.start(x.m, x.c);
    next.start(x.m, x.c);
    ex.run();
    CHECK(x.c.waiters() == 2);
    x.c.notify_one();
    CHECK(dropped.end == wait_end::none);
    CHECK(x.m.is_locked());
    dropped.frame.reset();
    ex.run();
    CHECK(next.end == wait_end::notified);
    next.held.unlock();
    CHECK(x.at_rest());
  }
}

EVERY_PRIMITIVE("a wait at home goes on at home, notified, stopped, or after its time") {
  monitor<S> x;
  thread_pool pool(1);
  std::thread::id home;
  std::atomic<int> over = 0;
  std::stop_source stop;
  auto const wait = [&](int how) -> task<> {
    co_await schedule(pool);
    home = std::this_thread::get_id();
    auto held = co_await x.m.lock();
    if (how == 0) co_await x.c.wait(held);
    else if (how == 1) CHECK_FALSE(co_await x.c.wait(held, stop.get_token()));
    else CHECK_FALSE(co_await x.c.wait_for(held, 3ms));
    CHECK(std::this_thread::get_id() == home);
    ++over;
  };
  for (int how = 0; how < 3; ++how) {
    start_detached(wait(how));
    if (how < 2) REQUIRE(soon([&] { return x.c.waiters() == 1; }));
    auto held = x.m.lock_blocking();
    if (how == 0) x.c.notify_one();
    if (how == 1) stop.request_stop();
    held.unlock();
    CHECK(soon([&] { return over == how + 1; }));
  }
}

EVERY_PRIMITIVE("threads pass items through a buffer of one, some with time limits") {
  constexpr int items = 400;
  monitor<S> x;
  std::optional<int> slot;
  long sum = 0;
  int taken = 0;
  auto const empty = [&] { return !slot.has_value(); };
  auto const put = [&](int first) {
    for (int i = first; i < items; i += 2) {
      auto held = x.m.lock_blocking();
      if (i % 3 == 0) {
        while (!x.c.wait_blocking_for(held, 50us, empty)) {}
      } else {
        x.c.wait_blocking(held, empty);
      }
      slot = i;
      x.c.notify_all();
    }
  };
  auto const take = [&]() -> task<> {
    for (;;) {
      auto held = co_await x.m.lock();
      co_await x.c.wait(held, [&] { return slot.has_value() || taken == items; });
      if (taken == items) co_return;
      sum += *slot;
      slot.reset();
      if (++taken % 2 == 0) held.unlock();
      x.c.notify_all();
    }
  };
  {
    std::vector<std::jthread> crew;
    for (int t = 0; t < 2; ++t) crew.emplace_back([&, t] { put(t); });
    for (int t = 0; t < 2; ++t) crew.emplace_back([&] { sync_wait(take()); });
  }
  CHECK(taken == items);
  CHECK(sum == items * (items - 1) / 2);
  CHECK(x.at_rest());
}

EVERY_PRIMITIVE("notifications and stops meet, and each wait ends once, with the mutex") {
  monitor<S> x;
  constexpr int rounds = 200;
  for (int i = 0; i < rounds; ++i) {
    std::stop_source stop;
    std::atomic<int> over = 0;
    int inside = 0;
    auto const wait = [&]() -> task<> {
      auto held = co_await x.m.lock();
      co_await x.c.wait(held, stop.get_token());
      ++inside;
      held.unlock();
      ++over;
    };
    {
      start_detached(wait());
      std::jthread const stops([&] { stop.request_stop(); });
      std::jthread const notifies([&] {
        auto const held = x.m.lock_blocking();
        x.c.notify_one();
      });
      std::jthread const starts([&] { start_detached(wait()); });
    }
    CHECK(soon([&] { return over == 2; }));
    CHECK(inside == 2);
    CHECK(x.at_rest());
  }
}

EVERY_PRIMITIVE("no wait allocates but where the strategy says so") {
  // Those that wait in a kernel are for the real machine alone.
  using queue = typename S::queue_type;
  if constexpr (!std::same_as<queue, uring_futex<std_platform>> && !std::same_as<queue, iocp_port<std_platform>>) {
    if constexpr (std::string_view(queue::a_wait_allocates) == "nothing") {
      long const before = counting_platform::frames;
      typename beside<S>::template mutex_on<counting_platform> m;
      typename beside<S>::template condition_on<counting_platform> c;
      auto const wait = [&]() -> plain {
        auto held = co_await m.lock();
        co_await c.wait(held);
      };
      auto held = m.lock_blocking();
      plain const one = wait(), two = wait();
      held.unlock();
      CHECK(c.waiters() == 2);
      held = m.lock_blocking();
      c.notify_all();
      held.unlock();
      CHECK(one.frame.done());
      CHECK(two.frame.done());
      CHECK(counting_platform::frames == before);
    }
  }
}

TEST_CASE("a condition variable of one strategy waits with a mutex of another, where their waiters are of one kind") {
  basic_mutex<intrusive_list> m;
  basic_condition_variable<segmented_queue> c;
  auto const wait = [&]() -> task<> {
    auto held = co_await m.lock();
    co_await c.wait(held);
    CHECK(held.mutex() == &m);
  };
  auto const both = [&]() -> task<> {
    auto held = co_await m.lock();
    c.notify_all();
  };
  sync_wait(when_all(wait(), wait(), both()));
  CHECK_FALSE(m.is_locked());
}

TEST_CASE("a condition variable waits with a mutex that is fair by count") {
  basic_mutex<intrusive_list, std_platform, bounded_barging<2>> m;
  condition_variable c;
  int turns = 0;
  auto const wait = [&]() -> task<> {
    auto held = co_await m.lock();
    co_await c.wait(held);
    ++turns;
  };
  start_detached(wait());
  start_detached(wait());
  auto held = m.lock_blocking();
  c.notify_all();
  held.unlock();
  CHECK(turns == 2);
}

}  // namespace condition_variable_conformance
