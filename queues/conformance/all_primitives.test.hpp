// surewake/queues/conformance/all_primitives.test.hpp: what the tests of events, latches, barriers and channels are
// typed over, and what they share. Not installed.
#pragma once

#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/queues/conformance/all_semaphores.test.hpp>

#include <thread>

namespace surewake::testing {

/// The primitives of a family over the strategies that fit its discipline: Family::of<Queue>, Family::discipline.
template <class Family, class... S> constexpr auto family_over(strategy_list<S...>) {
  return std::tuple_cat([]<template <class> class Queue>(strategy<Queue>) {
    if constexpr (included<strategy<Queue>> && !std::same_as<strategy<Queue>, strategy<uring_futex_per_waiter>>) {
      if constexpr (detail::fits<Queue<std_platform>, typename Family::discipline>) {
        return std::tuple<std::type_identity<typename Family::template of<Queue>>>();
      } else {
        return std::tuple<>();
      }
    } else {
      return std::tuple<>();
    }
  }(S())...);
}
template <class Family> using family = decltype(types_of(family_over<Family>(tested_strategies())));

/// A coroutine that waits once, and what came of it. `on_end` runs inside the coroutine.
class listener {
 public:
  listener() = default;
  listener(listener const&) = delete;
  listener& operator=(listener const&) = delete;

  /// `wait()` makes the awaitable.
  template <class Wait> listener& start(Wait wait) {
    heard = given_up = false;
    over = false;
    fiber_ = run(*this, std::move(wait));
    return *this;
  }
  /// Destroys the coroutine.
  void destroy() { fiber_.reset(); }
  [[nodiscard]] bool waits() const { return !heard && !given_up; }

  bool heard = false;     // the wait ended
  bool given_up = false;  // it was stopped, or its time was over
  std::thread::id where{};
  std::function<void()> on_end;
  std::atomic<bool> over = false;  // the coroutine has ended, on whatever thread

 private:
  template <class Wait> static fiber run(listener& l, Wait wait) {
    bool ended = true;
    if constexpr (std::is_void_v<decltype(wait().await_resume())>) {
      co_await wait();
    } else {
      ended = co_await wait();
    }
    l.where = std::this_thread::get_id();
    (ended ? l.heard : l.given_up) = true;
    if (l.on_end) l.on_end();
  }

  fiber fiber_;
};

/// How many of them have heard it.
inline int heard_by(std::deque<listener> const& all) {
  int n = 0;
  for (auto const& l : all) n += l.heard ? 1 : 0;
  return n;
}

/// Returns once that many wait.
template <class Primitive> void await_waiters(Primitive const& p, std::size_t n) {
  while (p.waiters() != n) std::this_thread::yield();
}

}  // namespace surewake::testing
