// surewake/core/coroutine/start_detached.hpp: runs a task for which no caller waits.
#pragma once

#include <surewake/core/coroutine/task.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

/// The coroutine that start_detached makes: it owns itself and is gone when it ends.
template <platform P> struct detached {
  struct promise_type : platform_frame<P> {
    [[nodiscard]] detached get_return_object() noexcept {
      return detached{std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
  std::coroutine_handle<> frame;
};

template <platform P> detached<P> run_detached(task<void, P> t) { co_await std::move(t); }

}  // namespace detail

/// Starts `t` on this thread, and returns when it first suspends (or ends). Its frame is freed when it ends.
///
/// Lifetime `t` must come to an end, because nothing else can drop it.
/// Errors   an exception that leaves `t` ends the program (std::terminate), and so does an empty `t`. std::bad_alloc:
///          `t` is dropped.
template <platform P> void start_detached(task<void, P> t) {
  std::coroutine_handle<> const frame = detail::run_detached(std::move(t)).frame;
  // What t makes ready runs before this returns; inside a coroutine, when that coroutine suspends.
  typename trampoline<P>::scope const here;
  frame.resume();
}

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
