// surewake/core/awaitable.hpp: what `co_await` accepts in any coroutine, and what it yields.
//
// An awaitable is its own awaiter, or has a member or free `operator co_await`. What only one coroutine type can await
// (by await_transform) is none.
#pragma once

#include <concepts>
#include <coroutine>
#include <type_traits>
#include <utility>

namespace surewake {

template <class A>
concept awaiter = requires(A& a, std::coroutine_handle<> h) {
  { a.await_ready() } -> std::convertible_to<bool>;
  a.await_suspend(h);
  a.await_resume();
};

/// The awaiter that `co_await std::forward<A>(a)` uses.
template <class A> [[nodiscard]] constexpr decltype(auto) get_awaiter(A&& a) {
  if constexpr (requires { std::forward<A>(a).operator co_await(); }) {
    return std::forward<A>(a).operator co_await();
  } else if constexpr (requires { operator co_await(std::forward<A>(a)); }) {
    return operator co_await(std::forward<A>(a));
  } else {
    return std::forward<A>(a);
  }
}

template <class A>
concept awaitable = requires(A&& a) {
  { get_awaiter(std::forward<A>(a)) } -> awaiter;
};

/// What `co_await a` yields.
template <awaitable A>
using await_result_t = decltype(std::declval<std::remove_reference_t<decltype(get_awaiter(std::declval<A>()))>&>().await_resume());

/// The same as something to keep: a reference to an expiring value, which the awaiter may take with it, becomes a value.
template <awaitable A>
using await_value_t = std::conditional_t<std::is_rvalue_reference_v<await_result_t<A>>,
                                         std::remove_cvref_t<await_result_t<A>>, await_result_t<A>>;

}  // namespace surewake
