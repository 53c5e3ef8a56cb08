// surewake/core/coroutine/awaitable.hpp: what `co_await` accepts in any coroutine, and what it yields.
//
// An awaitable is its own awaiter, or has a member or free `operator co_await`. What only one coroutine type can await
// (by await_transform) is no awaitable.
#pragma once

#include <surewake/core/coroutine/coroutine_result.hpp>

#include <concepts>
#include <coroutine>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

template <class A>
concept awaiter = requires(A& a, std::coroutine_handle<> h) {
  { a.await_ready() } -> std::convertible_to<bool>;
  a.await_suspend(h);
  a.await_resume();
};

/// Has an `operator co_await` that gives its awaiter, so that it is not the awaiter itself.
template <class A>
concept gives_awaiter_by_member = requires(A&& a) { std::forward<A>(a).operator co_await(); };
template <class A>
concept gives_awaiter_by_function = requires(A&& a) { operator co_await(std::forward<A>(a)); };

/// Only an rvalue of it is awaited (acquires of a semaphore).
template <class A>
concept awaited_once = requires { typename std::remove_reference_t<A>::awaited_once; };

/// The awaiter that `co_await std::declval<A>()` uses.
template <class A> struct awaiter_of {
  using type = std::remove_reference_t<A>;
};
template <class A>
  requires(std::is_lvalue_reference_v<A> && awaited_once<A>)
struct awaiter_of<A> {
  using type = void;
};
template <gives_awaiter_by_member A> struct awaiter_of<A> {
  using type = std::remove_reference_t<decltype(std::declval<A>().operator co_await())>;
};
template <class A>
  requires(!gives_awaiter_by_member<A> && gives_awaiter_by_function<A>)
struct awaiter_of<A> {
  using type = std::remove_reference_t<decltype(operator co_await(std::declval<A>()))>;
};

}  // namespace detail

/// `co_await std::declval<A>()` compiles in every coroutine.
template <class A>
concept awaitable = detail::awaiter<typename detail::awaiter_of<A>::type>;

/// What `co_await` of an A yields.
template <awaitable A>
using await_result_t = decltype(std::declval<typename detail::awaiter_of<A>::type&>().await_resume());

/// The same as a type to keep: a reference to an expiring value, which may go with the awaiter, becomes a value.
template <awaitable A>
using await_value_t = std::conditional_t<std::is_rvalue_reference_v<await_result_t<A>>,
                                         std::remove_cvref_t<await_result_t<A>>, await_result_t<A>>;

namespace detail {

/// Waits as `inner` does, and leaves in `result` what that yields. The result is outside of the coroutine's frame,
/// because the frame is aligned for ordinary types only.
template <class Awaiter, class T> struct deliver {
  Awaiter& inner;
  coroutine_result<T>& result;

  [[nodiscard]] bool await_ready() { return static_cast<bool>(inner.await_ready()); }
  template <class Promise> decltype(auto) await_suspend(std::coroutine_handle<Promise> h) {
    return inner.await_suspend(h);
  }
  void await_resume() {
    if constexpr (std::is_void_v<T>) {
      inner.await_resume();
      result.set();
    } else {
      result.set(inner.await_resume());
    }
  }
};

/// Makes a coroutine of type `Coroutine` that awaits `a` and leaves the value or the exception in `result`.
template <class Coroutine, class A, class T> Coroutine await_into(A a, coroutine_result<T>& result) {
  using object = std::remove_reference_t<A>;
  try {
    if constexpr (gives_awaiter_by_member<A>) {
      decltype(std::declval<A>().operator co_await()) inner = static_cast<A&&>(a).operator co_await();
      co_await deliver<typename awaiter_of<A>::type, T>{inner, result};
    } else if constexpr (gives_awaiter_by_function<A>) {
      decltype(operator co_await(std::declval<A>())) inner = operator co_await(static_cast<A&&>(a));
      co_await deliver<typename awaiter_of<A>::type, T>{inner, result};
    } else {
      co_await deliver<object, T>{a, result};
    }
  } catch (...) {
    result.fail(std::current_exception());
  }
}

}  // namespace detail

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
