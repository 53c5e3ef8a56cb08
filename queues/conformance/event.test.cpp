// Events over every strategy.
#include <surewake/event.hpp>
#include <surewake/queues/conformance/all_primitives.test.hpp>

#include <chrono>
#include <stop_token>

namespace event_conformance {

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;

struct auto_reset_events {
  template <template <class> class Queue> using of = basic_auto_reset_event<Queue>;
  using discipline = detail::auto_reset;
};
struct manual_reset_events {
  template <template <class> class Queue> using of = basic_manual_reset_event<Queue>;
  using discipline = detail::phases;
};
using all_auto = family<auto_reset_events>;
using all_manual = family<manual_reset_events>;
using all_events = joined<all_auto, all_manual>::type;
#define EVERY_EVENT(name) \
  SUREWAKE_TEST_OVER("every event: " name, all_events, DOCTEST_ANONYMOUS(SUREWAKE_TEST_))
#define AUTO_RESET(name) \
  SUREWAKE_TEST_OVER("every auto reset event: " name, all_auto, DOCTEST_ANONYMOUS(SUREWAKE_TEST_))
#define MANUAL_RESET(name) \
  SUREWAKE_TEST_OVER("every manual reset event: " name, all_manual, DOCTEST_ANONYMOUS(SUREWAKE_TEST_))

EVERY_EVENT("a set before the wait is not lost") {
  S e;
  CHECK_FALSE(e.is_set());
  CHECK_FALSE(e.try_wait());
  e.set();
  CHECK(e.is_set());
  listener l;
  l.start([&] { return e.wait(); });
  CHECK(l.heard);
  S from_the_beginning(true);
  from_the_beginning.wait_blocking();
}

EVERY_EVENT("a set ends a wait of each kind") {
  S e;
  manual_executor ex;
  std::stop_source never;
  std::deque<listener> l(4);
  l[0].start([&] { return e.wait(); });
  l[1].start([&] { return e.wait(never.get_token()); });
  l[2].start([&] { return e.wait_for(1h); });
  l[3].start([&] { return e.wait_on(ex); });
  CHECK(heard_by(l) == 0);
  for (int i = 0; i < 4; ++i) e.set();
  CHECK_FALSE(l[3].heard);
  ex.run();
  CHECK(heard_by(l) == 4);
  CHECK(e.waiters() == 0);
}

EVERY_EVENT("a set ends the wait of a thread, which sees what was done before") {
  S e, back;
  int work = 0, more = 0;
  std::jthread other([&] {
    e.wait_blocking();
    CHECK(work == 1);
    CHECK(back.try_wait_for(1h));
    CHECK(more == 1);
  });
  await_waiters(e, 1);
  work = 1;
  e.set();
  await_waiters(back, 1);
  more = 1;
  back.set();
}

EVERY_EVENT("a wait that is given up says so, and takes nothing") {
  S e;
  std::stop_source stop;
  std::deque<listener> l(2);
  l[0].start([&] { return e.wait(stop.get_token()); });
  l[1].start([&] { return e.wait_until(std::chrono::steady_clock::now()); });
  while (!l[1].over) std::this_thread::yield();
  CHECK(l[1].given_up);
  stop.request_stop();
  CHECK(l[0].given_up);
  CHECK_FALSE(e.try_wait_for(1ms));
  CHECK_FALSE(e.try_wait_until(std::chrono::system_clock::now() + 1ms));
  CHECK(e.waiters() == 0);
  e.set();
  CHECK(e.try_wait_for(0ms));
}

EVERY_EVENT("a stop that was requested does not hide a set") {
  S e(true);
  std::stop_source stop;
  stop.request_stop();
  listener l;
  l.start([&] { return e.wait(stop.get_token()); });
  CHECK(l.heard);
}

EVERY_EVENT("a reset takes a set back, and says whether there was one") {
  S e;
  CHECK_FALSE(e.reset());
  e.set();
  CHECK(e.reset());
  CHECK_FALSE(e.is_set());
  CHECK_FALSE(e.reset());
  listener l;
  l.start([&] { return e.wait(); });
  CHECK_FALSE(e.reset());
  CHECK(l.waits());
  e.set();
  CHECK(l.heard);
}

EVERY_EVENT("what is resumed by a set may use the event, and destroy itself") {
  S e;
  std::deque<listener> l(2);
  l[0].on_end = [&] { l[1].start([&] { return e.wait(); }); };
  l[0].start([&] { return e.wait(); });
  e.set();
  CHECK(l[0].heard);
  e.set();
  CHECK(l[1].heard);
}

EVERY_EVENT("an awaitable that was never awaited is nothing") {
  S e;
  { [[maybe_unused]] auto const w = e.wait(); }
  auto moved = [](auto w) { return w; }(e.wait());
  CHECK(e.waiters() == 0);
  e.set();
  CHECK(e.is_set());
}

EVERY_EVENT("a coroutine that is destroyed while it waits is gone") {
  S e;
  std::deque<listener> l(2);
  for (auto& one : l) one.start([&] { return e.wait(); });
  l[0].destroy();
  CHECK(e.waiters() == 1);
  e.set();
  CHECK(l[1].heard);
}

AUTO_RESET("sets do not add up while nobody waits") {
  S e;
  e.set();
  e.set();
  CHECK(e.try_wait());
  CHECK_FALSE(e.try_wait());
}

AUTO_RESET("each set ends one wait, the first") {
  S e;
  std::deque<listener> l(3);
  for (auto& one : l) one.start([&] { return e.wait(); });
  for (int i = 1; i <= 3; ++i) {
    e.set();
    CHECK(heard_by(l) == i);
    CHECK_FALSE(e.is_set());
    if (S::queue_type::first_come_first_served) CHECK(l[static_cast<std::size_t>(i - 1)].heard);
  }
}

AUTO_RESET("a signal whose coroutine is destroyed before it runs goes to the next one, or is stored") {
  for (std::size_t const others : {0U, 1U}) {
    S e;
    manual_executor ex;
    listener gone;
    std::deque<listener> next(others);
    gone.start([&] { return e.wait_on(ex); });
    for (auto& one : next) one.start([&] { return e.wait(); });
    e.set();
    if (others != 0 && !S::queue_type::first_come_first_served) continue;  // the other one may have had it
    gone.destroy();
    CHECK(heard_by(next) == static_cast<int>(others));
    CHECK(e.is_set() == (others == 0));
  }
}

AUTO_RESET("a signal in the thread's ready list is passed on as well") {
  S e, go;
  std::deque<listener> l(2);
  listener first;
  first.on_end = [&] {
    for (auto& one : l) one.start([&] { return e.wait(); });
    e.set();  // one of them is in the ready list until we end
    l[S::queue_type::first_come_first_served ? 0 : 1].destroy();
  };
  first.start([&] { return go.wait(); });
  go.set();
  CHECK(heard_by(l) == 1);
  CHECK_FALSE(e.is_set());
}

AUTO_RESET("threads that take turns lose no signal") {
  constexpr int rounds = 2'000;
  S ping, pong;
  std::jthread other([&] {
    for (int i = 0; i < rounds; ++i) {
      ping.wait_blocking();
      pong.set();
    }
  });
  for (int i = 0; i < rounds; ++i) {
    ping.set();
    if (i % 2 == 0) {
      pong.wait_blocking();
    } else {
      while (!pong.try_wait_for(50us)) {
      }
    }
  }
  CHECK_FALSE(ping.is_set());
  CHECK_FALSE(pong.is_set());
}

AUTO_RESET("waits that give up leave each signal to another one, or stored") {
  constexpr int rounds = 2'000;
  S e;
  std::atomic<int> heard{0};
  std::atomic<bool> over{false};
  std::vector<std::jthread> crew;
  for (int i = 0; i < 3; ++i) {
    crew.emplace_back([&] {
      while (!over) {
        if (e.try_wait_for(20us)) ++heard;
      }
    });
  }
  int set = 0;
  for (; set < rounds; ++set) {
    int const before = heard;
    e.set();
    while (heard == before) std::this_thread::yield();
  }
  over = true;
  crew.clear();
  CHECK(heard == set);
  CHECK_FALSE(e.is_set());
}

MANUAL_RESET("a set ends all waits, and later ones do not wait") {
  S e;
  std::deque<listener> l(5);
  for (std::size_t i = 0; i < 4; ++i) l[i].start([&] { return e.wait(); });
  e.set();
  CHECK(heard_by(l) == 4);
  l[4].start([&] { return e.wait(); });
  CHECK(l[4].heard);
  CHECK(e.try_wait());
  CHECK(e.try_wait());
  e.set();
  CHECK(e.is_set());
}

MANUAL_RESET("a set ends the waits that were called before it, also if a reset follows") {
  S e;
  auto called = e.wait();
  e.set();
  e.reset();
  listener l, late;
  l.start([&] { return std::move(called); });
  late.start([&] { return e.wait(); });
  CHECK(l.heard);
  CHECK(late.waits());
  e.set();
  CHECK(late.heard);
}

MANUAL_RESET("a wait that comes during the wakes of a set that was reset is not woken by it") {
  S e;
  std::deque<listener> l(3), late(1);
  l[0].on_end = [&] {
    e.reset();
    late[0].start([&] { return e.wait(); });
  };
  for (auto& one : l) one.start([&] { return e.wait(); });
  e.set();
  CHECK(heard_by(l) == 3);
  CHECK(late[0].waits());
  CHECK(e.waiters() == 1);
  e.set();
  CHECK(late[0].heard);
}

MANUAL_RESET("one that is destroyed by another one in the same set is not touched") {
  S e;
  std::deque<listener> l(3);
  l[0].on_end = [&] { l[2].destroy(); };
  for (auto& one : l) one.start([&] { return e.wait(); });
  e.set();
  CHECK(l[0].heard);
  CHECK(l[1].heard);
  CHECK(e.is_set());
}

MANUAL_RESET("a set of many wakes all, on bounded stack") {
  constexpr int many = 100'000;
  S e;
  int heard = 0;
  auto const wait = [&]() -> task<> {
    co_await e.wait();
    ++heard;
  };
  for (int i = 0; i < many; ++i) start_detached(wait());
  e.set();
  CHECK(heard == many);
}

MANUAL_RESET("sets, resets and waits of many threads end") {
  S e;
  std::atomic<int> left{3};
  std::vector<std::jthread> crew;
  for (int i = 0; i < 3; ++i) {
    crew.emplace_back([&, i] {
      for (int j = 0; j < 1'000; ++j) {
        if ((i + j) % 3 == 0) {
          static_cast<void>(e.try_wait_for(10us));
        } else {
          e.wait_blocking();
        }
      }
      --left;
    });
  }
  while (left != 0) {
    e.set();
    e.reset();
  }
  CHECK(e.waiters() == 0);
}

}  // namespace event_conformance
