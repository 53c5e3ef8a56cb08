#include <surewake/core/semaphore/barging.hpp>
#include <surewake/core/platform/child.test.hpp>
#include <surewake/core/semaphore/semaphore.hpp>
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/core/primitives/condition_variable.hpp>
#include <surewake/queues/mutex_deque.hpp>
#include <surewake/queues/uring_futex.hpp>

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <latch>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

namespace uring_futex_test {

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;

namespace {

bool const no_futex = !uring_support::probe().futex;

using per_ring = basic_semaphore<uring_futex>;
using per_waiter = basic_semaphore<uring_futex_per_waiter>;
using per_ring_barging = basic_semaphore<uring_futex, std_platform, barging>;
using per_waiter_barging = basic_semaphore<uring_futex_per_waiter, std_platform, barging>;
#define ON_RINGS(name) \
  TEST_CASE_TEMPLATE("on a ring: " name * doctest::skip(no_futex), S, per_ring, per_waiter, per_ring_barging, \
                     per_waiter_barging)

using loop_type = uring_loop;
#define ON_A_LOOP ON_RINGS

}  // namespace

#include <surewake/queues/conformance/on_a_loop.test.hpp>

TEST_CASE("a semaphore says which strategy it has, and why") {
  CHECK(basic_semaphore<intrusive_list>::backend() == "intrusive_list");
  CHECK(basic_semaphore<mutex_deque>::backend() == "mutex_deque");
  if (no_futex) {
    CHECK(per_ring::backend() == "intrusive_list: " + uring_support::probe().why);
  } else {
    CHECK(per_ring::backend() == "io_uring (per ring)");
    CHECK(per_waiter::backend() == "io_uring (per waiter)");
  }
}

TEST_CASE("where only the futex2 calls are forbidden a thread without a ring wakes by the older call" *
          doctest::skip(no_futex)) {
  CHECK(in_a_child([] {
          forbid(EPERM, {uring_abi::sys_futex_wake, uring_abi::sys_futex_wait, uring_abi::sys_futex_requeue});
          uring_loop loop;
          per_ring s(1);
          std::thread::id where{};
          per_ring::permit kept;
          auto held = s.try_acquire();
          start_detached(visit(s, where, kept));
          std::thread granter([&] {
            std::this_thread::sleep_for(20ms);
            held.reset();
          });
          loop.run();
          granter.join();
          return s.backend() + (where == std::this_thread::get_id() && kept ? ", works" : ", fails");
        }) == "io_uring (per ring), works");
}

ON_RINGS("a release on the waiter's own ring makes no system call") {
  uring_loop loop;
  S s(1);
  bool ended = false;
  loop.block_on([](uring_loop& l, S& sem, bool& e) -> task<> {
    auto held = co_await sem.acquire();
    std::thread::id where{};
    typename S::permit kept;
    start_detached(visit(sem, where, kept));
    co_await l.sleep_for(1ms);  // the wait is armed
    auto const before = l.counters().enters;
    held.release();
    CHECK(l.counters().enters == before);
    while (!kept) co_await l.nop();
    e = true;
  }(loop, s, ended));
  CHECK(ended);
}

ON_RINGS("a waiter that was granted when its loop goes is run by it, one that is granted later by the granter") {
  S s(2);
  auto first = s.try_acquire();
  auto second = s.try_acquire();
  std::array<std::thread::id, 2> where{};
  std::array<typename S::permit, 2> kept;
  std::thread::id theirs{};
  std::latch wait(1);
  std::latch granted(1);
  std::thread other([&] {
    theirs = std::this_thread::get_id();
    uring_loop loop;
    for (std::size_t i = 0; i != 2; ++i) start_detached(visit(s, where[i], kept[i]));
    loop.poll();
    wait.count_down();
    granted.wait();
  });
  wait.wait();
  first.reset();
  granted.count_down();
  other.join();
  CHECK(where[0] == theirs);
  second.reset();
  CHECK(where[1] == std::this_thread::get_id());
  CHECK(kept[1]);
}

ON_RINGS("a thread that blocks on its ring is woken by the system call, and lets its wakes out first") {
  S there(1);
  S back(1);
  auto mine = there.try_acquire();
  std::latch waits(1);
  std::thread other([&, answer = back.try_acquire()]() mutable {
    uring_loop loop;
    start_detached([](S& first, auto& a) -> task<> {
      auto const p = co_await first.acquire();
      a.reset();
    }(there, answer));
    waits.count_down();
    loop.run();
  });
  waits.wait();
  uring_loop loop;
  mine.reset();  // kept back for the next submit
  auto const p = back.acquire_blocking();
  CHECK(p);
  other.join();
}

ON_RINGS("close() reaches waiters of several rings, each on its own thread") {
  S s(1);
  auto held = s.try_acquire();
  std::latch wait(2);
  std::atomic<int> refused{0};
  std::vector<std::jthread> crew;
  for (int t = 0; t != 2; ++t) {
    crew.emplace_back([&] {
      uring_loop loop;
      for (int i = 0; i != 5; ++i) {
        start_detached([](S& sem, std::atomic<int>& n) -> task<> {
          auto const here = std::this_thread::get_id();
          try {
            static_cast<void>(co_await sem.acquire());
          } catch (closed_error const&) {
            if (here == std::this_thread::get_id()) ++n;
          }
        }(s, refused));
      }
      wait.count_down();
      loop.run();
    });
  }
  wait.wait();
  s.close();
  crew.clear();
  CHECK(refused == 10);
}

namespace {

/// Waits on a thread_local loop that ends with its thread, before or after what the strategy keeps for the thread.
template <class S> void wait_on_a_loop_of_the_thread(S& s, bool knows_the_strategy_before, int& granted) {
  auto const service = [](S& sem, int& n) -> task<> {
    auto const p = co_await sem.acquire();
    ++n;
  };
  std::thread([&] {
    auto const use = [&](uring_loop& loop) {
      S own(0);
      std::thread::id where{};
      typename S::permit kept;
      start_detached(visit(own, where, kept));
      loop.poll();
      own.add_permits(1);
      while (!kept) loop.poll();
      kept.release();
    };
    if (knows_the_strategy_before) {
      uring_loop loop;
      use(loop);
    }
    thread_local std::optional<uring_loop> loop;
    loop.emplace();
    use(*loop);
    for (int i = 0; i != 3; ++i) start_detached(service(s, granted));
    loop->poll();
    start_detached(service(s, granted));  // not submitted yet
  }).join();
}

}  // namespace

ON_RINGS("a thread_local loop may end after what the strategy keeps for its thread") {
  for (bool const knows_the_strategy_before : {false, true}) {
    S s(0);
    int granted = 0;
    wait_on_a_loop_of_the_thread(s, knows_the_strategy_before, granted);
    CHECK(s.waiters() == 4);
    s.add_permits(1);
    CHECK(granted == 4);
    CHECK(s.waiters() == 0);
  }
}

ON_RINGS("in a forked child the parent's loop has left: its waiters are run by the granter, others on their loop") {
  CHECK(in_a_child([] {
          uring_loop loop;
          S s(0);
          std::thread::id first{}, second{};
          typename S::permit kept, childs;
          start_detached(visit(s, first, kept));
          loop.poll();
          std::string const child = in_a_child([&] {
            uring_loop own;
            start_detached(visit(s, second, childs));
            own.poll();
            std::thread::id granter{};
            std::thread([&] {
              granter = std::this_thread::get_id();
              s.add_permits(2);
            }).join();
            own.run();
            return std::string(first == granter ? "by the granter" : "lost") +
                   (second == std::this_thread::get_id() ? ", on its own loop" : ", lost");
          });
          std::thread([&] { s.add_permits(1); }).join();
          loop.run();
          return child + (first == std::this_thread::get_id() ? "; the parent's goes on" : "; the parent's is lost");
        }) == "by the granter, on its own loop; the parent's goes on");
}

ON_RINGS("waiters of one ring run in the order of their grants, wherever those come from") {
  for (int elsewhere = 0; elsewhere != 4; ++elsewhere) {
    uring_loop loop;
    S s(0);
    std::vector<int> order;
    auto const note = [&](int i) -> task<> {
      auto p = co_await s.acquire();
      order.push_back(i);
      p.forget();
    };
    for (int i = 0; i != 3; ++i) start_detached(note(i));
    loop.poll();
    std::thread([&] {
      for (int i = 0; i != elsewhere; ++i) s.add_permits(1);
    }).join();
    for (int i = elsewhere; i != 3; ++i) s.add_permits(1);
    loop.run();
    CHECK(order == std::vector{0, 1, 2});
  }
}

template <template <class> class Queue> struct monitor {
  basic_mutex<Queue> m;
  basic_condition_variable<Queue> c;
};

TEST_CASE_TEMPLATE("on a ring: coroutines of two loops take turns by a condition variable, each on its own thread" *
                       doctest::skip(no_futex),
                   M, monitor<uring_futex>, monitor<uring_futex_per_waiter>) {
  constexpr int turns = 200;
  M x;
  int turn = 0;
  auto const play = [&](int me) -> task<> {
    auto const here = std::this_thread::get_id();
    for (int i = me; i < turns; i += 2) {
      auto held = co_await x.m.lock();
      co_await x.c.wait(held, [&] { return turn == i; });
      if (std::this_thread::get_id() != here) std_platform::broken("a waiter went on elsewhere");
      ++turn;
      x.c.notify_all();
    }
  };
  {
    std::vector<std::jthread> crew;
    for (int me = 0; me != 2; ++me) {
      crew.emplace_back([&, me] {
        uring_loop loop;
        loop.block_on(play(me));
      });
    }
  }
  CHECK(turn == turns);
}

TEST_CASE_TEMPLATE("on a ring: a wait that another thread notifies or stops ends on its own thread, with the mutex" *
                       doctest::skip(no_futex),
                   M, monitor<uring_futex>, monitor<uring_futex_per_waiter>) {
  for (bool const stopped : {false, true}) {
    M x;
    std::stop_source stop;
    std::thread other([&] {
      while (x.c.waiters() == 0) std::this_thread::yield();
      auto const held = x.m.lock_blocking();  // the waiter is moved to the mutex's queue
      stopped ? static_cast<void>(stop.request_stop()) : x.c.notify_one();
      std::this_thread::sleep_for(2ms);
    });
    uring_loop loop;
    auto const wait = [&]() -> task<bool> {
      auto const here = std::this_thread::get_id();
      auto held = co_await x.m.lock();
      bool const notified = co_await x.c.wait(held, stop.get_token());
      if (std::this_thread::get_id() != here) std_platform::broken("a waiter went on elsewhere");
      if (held.mutex() != &x.m) std_platform::broken("a wait ended without the mutex");
      co_return notified;
    };
    CHECK(loop.block_on(wait()) != stopped);
    other.join();
    CHECK_FALSE(x.m.is_locked());
  }
}

}  // namespace uring_futex_test
