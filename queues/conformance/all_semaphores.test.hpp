// surewake/queues/conformance/all_semaphores.test.hpp: what behavioural tests are typed over, and what they share. Not
// installed.
//
// FIFO_SEMAPHORE tests the order of service, BARGING_SEMAPHORE what holds without one, EVERY_SEMAPHORE all else: over
// the strategies of queues/strategies.hpp, or those that SUREWAKE_TEST_STRATEGIES names. Those that wait in rings are
// here on threads without a ring, where both layouts are the same code: one is enough.
#pragma once

#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/queues/iocp_port.hpp>
#include <surewake/queues/strategies.hpp>
#include <surewake/semaphore.hpp>
#if __has_include(<liburing.h>)
#include <surewake/queues/uring_futex.hpp>
#endif

#include <doctest/doctest.h>

#include <atomic>
#include <deque>
#include <functional>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#if defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // g++ 12 sees one in the constructor of std::stop_source
#endif

namespace surewake::testing {

#if defined(SUREWAKE_TEST_STRATEGIES)
template <template <class> class... Queues> using strategies_of = strategy_list<strategy<Queues>...>;
using tested_strategies = strategies_of<SUREWAKE_TEST_STRATEGIES>;
#else
using tested_strategies = strategies;
#endif

/// Over the strategies that fit the discipline. Ordered: of those that serve in the order of registration alone.
template <class Discipline, bool Ordered = false, class... S> constexpr auto semaphores_over(strategy_list<S...>) {
  return std::tuple_cat([]<template <class> class Queue>(strategy<Queue>) {
    if constexpr (included<strategy<Queue>> && !std::same_as<strategy<Queue>, strategy<uring_futex_per_waiter>>) {
      if constexpr (detail::fits<Queue<std_platform>, Discipline> &&
                    (!Ordered || Queue<std_platform>::first_come_first_served)) {
        return std::tuple<std::type_identity<basic_semaphore<Queue, std_platform, Discipline>>>();
      } else {
        return std::tuple<>();
      }
    } else {
      return std::tuple<>();
    }
  }(S())...);
}
template <class... T> std::tuple<T...> types_of(std::tuple<std::type_identity<T>...>);
using fifo_semaphores = decltype(types_of(semaphores_over<hand_off, true>(tested_strategies())));
using hand_off_semaphores = decltype(types_of(semaphores_over<hand_off>(tested_strategies())));
static_assert(std::same_as<decltype(types_of(semaphores_over<hand_off>(strategy_list<strategy<intrusive_list>>()))),
                           std::tuple<basic_semaphore<intrusive_list>>>,
              "the semaphores that users have, with their own synchronizers");
using barging_semaphores = decltype(types_of(semaphores_over<barging>(tested_strategies())));
template <class... T> struct joined;
template <class... T, class... U> struct joined<std::tuple<T...>, std::tuple<U...>> {
  using type = std::tuple<T..., U...>;
};
using all_semaphores = joined<hand_off_semaphores, barging_semaphores>::type;

}  // namespace surewake::testing

// As TEST_CASE_TEMPLATE, whose types are a tuple's.
#define SUREWAKE_TEST_OVER(name, tuple, id) \
  DOCTEST_TEST_CASE_TEMPLATE_DEFINE_IMPL(name, S, DOCTEST_CAT(id, ITERATOR), id); \
  DOCTEST_TEST_CASE_TEMPLATE_INSTANTIATE_IMPL(id, id, tuple) \
  template <typename S> static void id()
#define EVERY_SEMAPHORE(name) \
  SUREWAKE_TEST_OVER("every semaphore: " name, ::surewake::testing::all_semaphores, DOCTEST_ANONYMOUS(SUREWAKE_TEST_))
#define FIFO_SEMAPHORE(name) \
  SUREWAKE_TEST_OVER("every FIFO semaphore: " name, ::surewake::testing::fifo_semaphores, \
                     DOCTEST_ANONYMOUS(SUREWAKE_TEST_))
#define BARGING_SEMAPHORE(name) \
  SUREWAKE_TEST_OVER("every barging semaphore: " name, ::surewake::testing::barging_semaphores, \
                     DOCTEST_ANONYMOUS(SUREWAKE_TEST_))

namespace surewake::testing {

template <class S> constexpr bool hands_off = std::same_as<typename S::discipline_type, hand_off>;
template <class S> constexpr bool is_fifo = hands_off<S> && S::queue_type::first_come_first_served;

/// The least that a coroutine type can be: runs at once, knows nothing of surewake, is destroyed with this object.
class fiber {
 public:
  struct promise_type {
    promise_type() = default;
    /// For a visitor's coroutine: says so when nothing runs in the frame any more.
    template <class Visitor, class Acquire> promise_type(Visitor& v, Acquire&) noexcept : over(&v.over) {}

    fiber get_return_object() noexcept { return fiber{std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    auto final_suspend() const noexcept {
      struct at_end : std::suspend_always {
        void await_suspend(std::coroutine_handle<promise_type> h) const noexcept {
          if (auto* const flag = h.promise().over) flag->store(true, std::memory_order_release);
        }
      };
      return at_end();
    }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }

    std::atomic<bool>* over = nullptr;
  };

  fiber() = default;
  fiber(fiber&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  fiber& operator=(fiber&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~fiber() { reset(); }

  void reset() noexcept {
    if (auto const frame = std::exchange(frame_, nullptr)) frame.destroy();
  }
  [[nodiscard]] bool done() const noexcept { return frame_ && frame_.done(); }

 private:
  explicit fiber(std::coroutine_handle<promise_type> h) noexcept : frame_(h) {}
  std::coroutine_handle<promise_type> frame_;
};

enum class visit { waiting, holding, given_up, closed };

/// A coroutine that acquires once, and what came of it. `on_end` runs inside the coroutine.
template <class S> class visitor {
 public:
  using permit = typename S::permit;

  visitor() = default;
  visitor(visitor const&) = delete;
  visitor& operator=(visitor const&) = delete;

  /// `acquire()` makes the awaitable.
  template <class Acquire> visitor& start(Acquire acquire) {
    state = visit::waiting;
    over = false;
    fiber_ = run(*this, std::move(acquire));
    return *this;
  }
  visitor& acquire(S& s, std::ptrdiff_t n = 1) {
    return start([&s, n] { return s.acquire(n); });
  }
  visitor& acquire(S& s, std::stop_token stop, std::ptrdiff_t n = 1) {
    return start([&s, n, stop] { return s.acquire(stop, n); });
  }

  /// Destroys the coroutine.
  void destroy() { fiber_.reset(); }

  visit state = visit::waiting;
  permit held;
  std::function<void()> on_end;
  std::atomic<bool> over = false;  // the coroutine has ended, on whatever thread; what else is here may be read then

 private:
  static visit keep(visitor& v, permit&& p) {
    v.held = std::move(p);
    return visit::holding;
  }
  static visit keep(visitor& v, std::optional<permit>&& p) {
    return p ? keep(v, std::move(*p)) : visit::given_up;
  }
  template <class Acquire> static fiber run(visitor& v, Acquire acquire) {
    visit end = visit::closed;
    try {
      end = keep(v, co_await acquire());
    } catch (closed_error const&) {
    }
    v.state = end;
    if (v.on_end) v.on_end();
  }

  fiber fiber_;
};

/// What the monitoring calls say, to compare before and after.
struct snapshot {
  std::ptrdiff_t available, max, in_use;
  std::size_t waiters;
  bool closed;
  friend bool operator==(snapshot const&, snapshot const&) = default;
  friend std::ostream& operator<<(std::ostream& out, snapshot const& s) {
    return out << s.available << " of " << s.max << " free, " << s.in_use << " in use, " << s.waiters << " wait"
               << (s.closed ? ", closed" : "");
  }
};

template <class S> snapshot look(S const& s) {
  return {s.available_permits(), s.max_permits(), s.in_use(), s.waiters(), s.is_closed()};
}

/// What `f` throws as an E; empty when it throws none.
template <class E, class F> std::string message_of(F&& f) {
  try {
    f();
  } catch (E const& e) {
    return e.what();
  }
  return {};
}

}  // namespace surewake::testing
