// surewake/queues/conformance/on_a_loop.test.hpp: what coroutines of event loops may expect of a strategy that brings
// them their grants. Not installed.
//
// To be included within a test's own namespace, which has `loop_type` and ON_A_LOOP(name), a test case typed over
// semaphores S. The includes are the test's.
#pragma once

namespace {

/// Acquires once, and notes the thread on which it goes on.
template <class S> task<> visit(S& s, std::thread::id& where, typename S::permit& kept) {
  kept = co_await s.acquire();
  where = std::this_thread::get_id();
}
template <class S> task<> visit_unless_stopped(S& s, std::stop_token stop, int& outcome) {
  auto const p = co_await s.acquire(std::move(stop));
  outcome = p ? 1 : -1;
}
template <class S> task<> rounds(S& s, int n, std::int64_t& inside, std::int64_t& done) {
  for (int i = 0; i != n; ++i) {
    auto const p = co_await s.acquire();
    if (++inside != 1) std_platform::broken("two are inside");
    --inside;
    ++done;
  }
}

/// A coroutine that is destroyed with this object.
struct waiting {
  struct promise_type {
    waiting get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
  std::coroutine_handle<promise_type> frame;
};
template <class S> waiting wait_for_ever(S& s, bool& granted) {
  auto const p = co_await s.acquire();
  granted = true;
}

}  // namespace

ON_A_LOOP("a coroutine whose permit comes from a thread without a loop goes on on its own thread") {
  loop_type loop;
  S s(1);
  auto held = s.try_acquire();
  std::thread::id where{};
  typename S::permit kept;
  start_detached(visit(s, where, kept));
  CHECK(s.waiters() == 1);
  std::thread granter([&] {
    std::this_thread::sleep_for(5ms);
    held.reset();
  });
  loop.run();  // stays, because a coroutine waits here
  CHECK(where == std::this_thread::get_id());
  CHECK(kept);
  CHECK(s.waiters() == 0);
  granter.join();
}

ON_A_LOOP("a coroutine whose permit comes from another loop goes on on its own thread") {
  S s(1);
  auto held = s.try_acquire();
  std::latch waits(1);
  std::thread other([&] {
    loop_type loop;
    std::thread::id where{};
    typename S::permit kept;
    start_detached(visit(s, where, kept));
    waits.count_down();
    loop.run();
    CHECK(where == std::this_thread::get_id());
  });
  waits.wait();
  loop_type loop;
  loop.block_on([](loop_type& l, auto& h) -> task<> {
    co_await l.sleep_for(5ms);
    h.reset();
  }(loop, held));
  other.join();
  CHECK(s.available_permits() == 1);
}

ON_A_LOOP("many coroutines of one loop take turns") {
  loop_type loop;
  S s(1);
  std::int64_t inside = 0;
  std::int64_t done = 0;
  auto held = s.try_acquire();
  for (int i = 0; i != 40; ++i) start_detached(rounds(s, 25, inside, done));
  held.reset();
  loop.run();
  CHECK(done == 1'000);
  CHECK(s.available_permits() == 1);
}

ON_A_LOOP("three loops share a permit, each coroutine on its own thread") {
  S s(1);
  std::int64_t inside = 0;
  std::array<std::int64_t, 3> done{};
  std::vector<std::jthread> crew;
  for (auto& d : done) {
    crew.emplace_back([&s, &inside, &d] {
      loop_type loop;
      for (int i = 0; i != 8; ++i) start_detached(rounds(s, 50, inside, d));
      loop.run();
    });
  }
  crew.clear();
  for (auto const d : done) CHECK(d == 400);
  CHECK(s.available_permits() == 1);
  CHECK(s.waiters() == 0);
}

ON_A_LOOP("a waiter that is stopped on its own thread leaves, and the next one is served") {
  loop_type loop;
  S s(1);
  auto held = s.try_acquire();
  std::array<std::stop_source, 50> stops{};
  std::array<int, 50> outcomes{};
  for (std::size_t i = 0; i != stops.size(); ++i) {
    start_detached(visit_unless_stopped(s, stops[i].get_token(), outcomes[i]));
  }
  loop.poll();
  CHECK(s.waiters() == 50);
  for (std::size_t i = 0; i != stops.size(); i += 2) stops[i].request_stop();
  CHECK(s.waiters() == 25);
  held.reset();
  loop.run();
  for (std::size_t i = 0; i != stops.size(); ++i) CHECK(outcomes[i] == (i % 2 == 0 ? -1 : 1));
  CHECK(s.available_permits() == 1);
}

ON_A_LOOP("a waiter that another thread stops leaves, and its loop can end") {
  loop_type loop;
  S s(1);
  auto held = s.try_acquire();
  std::stop_source stop;
  int outcome = 0;
  start_detached(visit_unless_stopped(s, stop.get_token(), outcome));
  std::thread stopper([&] {
    std::this_thread::sleep_for(5ms);
    stop.request_stop();
  });
  loop.run();
  stopper.join();
  CHECK(outcome == -1);
  held.reset();
  CHECK(s.available_permits() == 1);
}

ON_A_LOOP("a coroutine may be destroyed on its own thread, also when its grant is on the way") {
  loop_type loop;
  S s(1);
  auto held = s.try_acquire();
  bool granted = false;
  waiting const first = wait_for_ever(s, granted);
  loop.poll();
  std::thread([&] { held.reset(); }).join();  // granted, and no thread has run it
  std::thread::id where{};
  typename S::permit kept;
  start_detached(visit(s, where, kept));
  first.frame.destroy();
  loop.run();
  CHECK_FALSE(granted);
  CHECK(kept);
  kept.release();
  CHECK(s.available_permits() == 1);
}
