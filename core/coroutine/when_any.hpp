// surewake/core/coroutine/when_any.hpp: starts several awaitables at once, and stops the others when the first of them
// has ended.
//
//   not started --co_await--> each runs, in order, until it suspends --the first ends--> the others are told to stop
//               --the last ends--> which was first, and what became of each
//
// Each is made by a function, which gets the std::stop_token that tells it to stop. One that does not listen to it is
// waited for all the same, because a coroutine that runs cannot be destroyed by another thread. And one that is stopped
// may have ended with a value nevertheless (a permit that came first), so no result is dropped.
//
// Invariants
//   I1  first_ is changed once, from none; the party that does so requests the stop. So a stop follows the end that is
//       called the first.
// Progress  as when_all.hpp.   Errors  those of each are in its result. std::bad_alloc.
// Place     it goes on where the last of them ends, as when_all.
// Cost      as when_all, and a frame and a stop state more.
// Source    ours; asyncio.wait(FIRST_COMPLETED) with a task group's structure.
#pragma once

#include <surewake/core/coroutine/when_all.hpp>

#include <concepts>
#include <cstddef>
#include <stop_token>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// What came of when_any: which argument ended first, counted from 0, and what became of each.
template <class... T> struct any_result {
  std::size_t first;
  std::tuple<settled<T>...> results;
};

namespace detail {

/// Says, as it ends, that an argument has ended.
template <platform P> class first_to_end {
 public:
  class turn {
   public:
    turn(first_to_end& of, std::size_t i) noexcept : of_(of), i_(i) {}
    turn(turn const&) = delete;
    turn& operator=(turn const&) = delete;
    ~turn() {
      std::size_t nobody = none;
      // relaxed: decides by the RMW's atomicity; when_all's latch orders all ends before the reading.
      if (of_.first_.compare_exchange_strong(nobody, i_, P::relaxed, P::relaxed)) of_.stop_.request_stop();  // I1
    }

   private:
    first_to_end& of_;
    std::size_t i_;
  };

  [[nodiscard]] std::stop_token token() const noexcept { return stop_.get_token(); }
  // relaxed: all have ended.
  [[nodiscard]] std::size_t first() const noexcept { return first_.load(P::relaxed); }

 private:
  static constexpr std::size_t none = ~std::size_t{0};
  std::stop_source stop_;
  typename P::template atomic<std::size_t> first_{none};
};

template <class F>
concept takes_stop_token = std::invocable<std::decay_t<F>&, std::stop_token>;

/// What an argument of when_any yields.
template <class F> using any_value = await_value_t<std::invoke_result_t<F&, std::stop_token>>;

template <platform P, class F> task<any_value<F>, P> run_until_end(F& f, first_to_end<P>& ends, std::size_t i) {
  typename first_to_end<P>::turn const mine(ends, i);
  co_return co_await f(ends.token());
}

template <platform P, class... F> task<any_result<any_value<F>...>, P> when_any_of(F... f) {
  first_to_end<P> ends;
  auto const all = [&]<std::size_t... I>(std::index_sequence<I...>) {
    return when_all_settled<P>(run_until_end<P>(f, ends, I)...);
  };
  auto results = co_await all(std::index_sequence_for<F...>());
  co_return any_result<any_value<F>...>{ends.first(), std::move(results)};
}

}  // namespace detail

/// Awaits what each of `f` makes of a stop token, all at once; requests the stop when the first of them has ended, and
/// goes on when all have: `when_any([&](std::stop_token s) { return limit.acquire(s); }, …)`.
///
/// Returns  a task for an any_result: which ended first, by a value or an exception, and what became of each.
/// Lifetime the functions are moved or copied in, and live until the task ends. They may be lambdas that are
///          coroutines.
/// Errors   none of theirs; std::bad_alloc.
template <platform P = std_platform, detail::takes_stop_token... F>
[[nodiscard]] task<any_result<detail::any_value<std::decay_t<F>>...>, P> when_any(F&&... f) {
  static_assert(sizeof...(F) != 0, "there must be one that can be the first");
  return detail::when_any_of<P, std::decay_t<F>...>(std::forward<F>(f)...);
}

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
