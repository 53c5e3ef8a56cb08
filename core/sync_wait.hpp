// surewake/core/sync_wait.hpp: runs something awaitable from a plain thread and blocks until it is done.
//
//   running --the awaitable is done, on whatever thread--> done (the futex word) --the waiter sees it--> returned
//
// Invariants
//   S1  The store of `done` is the completing thread's last touch of the frame; its futex wake uses the address only.
//   S2  The thread's ready list is empty whenever the thread sleeps: what it waits for may have been in there.
// Progress  blocking.   Cost  one coroutine frame; a futex wait only where the awaitable suspends and does not finish while
//           this thread drains its ready list and spins for 2 µs.
#pragma once

#include <surewake/core/awaitable.hpp>
#include <surewake/core/task.hpp>

namespace surewake {

/// The coroutine that awaits for sync_wait; its result and its end are in sync_wait's own frame.
class sync_wait_frame {
 public:
  using P = std_platform;
  using word = P::atomic<std::uint32_t>;  // 0: running, 1: done

  struct promise_type : platform_frame<P> {
    template <class A, class Result> promise_type(A&, Result&, word& w) noexcept : done(&w) {}
    [[nodiscard]] sync_wait_frame get_return_object() noexcept {
      return sync_wait_frame{std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] auto final_suspend() const noexcept { return at_end{}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }  // the coroutine catches everything

    word* done;
  };

  sync_wait_frame(sync_wait_frame const&) = delete;
  sync_wait_frame& operator=(sync_wait_frame const&) = delete;
  ~sync_wait_frame() { frame_.destroy(); }

  void start() const { frame_.resume(); }

 private:
  struct at_end : std::suspend_always {
    void await_suspend(std::coroutine_handle<promise_type> h) const noexcept {
      word* const done = h.promise().done;
      // release [S1]: publishes the result and the finished frame to the waiter, pairs with [S2].
      done->store(1, P::release);
      P::futex_wake(done, 1);
    }
  };
  explicit sync_wait_frame(std::coroutine_handle<promise_type> h) noexcept : frame_(h) {}

  std::coroutine_handle<promise_type> frame_;
};

template <class A, class T>
sync_wait_frame sync_wait_run(A& a, outcome<T>& result, [[maybe_unused]] sync_wait_frame::word& done) {
  try {
    if constexpr (std::is_void_v<T>) {
      co_await static_cast<A&&>(a);
      result.set();
    } else {
      result.set(co_await static_cast<A&&>(a));
    }
  } catch (...) {
    result.fail(std::current_exception());
  }
}

/// Awaits `a` (a task, an acquire, any awaitable) on this thread.
///
/// Returns  what `co_await a` yields; an rvalue reference as a value.
/// Blocks   the calling thread until `a` is done. What becomes ready on this thread meanwhile runs on it, first.
/// Orders   acquires everything that the awaitable did, on whichever thread it ended.
/// Errors   what `a` throws; std::bad_alloc. Inside a coroutine it blocks the whole thread, and what it drains nests on
///          that coroutine's stack: await instead.
template <class A>
  requires awaitable<A&&>
await_value_t<A&&> sync_wait(A&& a) {
  using P = std_platform;
  outcome<await_value_t<A&&>> result;
  sync_wait_frame::word done{0};
  {
    auto const frame = sync_wait_run<A&&>(a, result, done);
    resumer<P>::scope const here;
    frame.start();
    resumer<P>::drain();  // S2
    auto const is_done = [](std::uint32_t v) { return v != 0; };
    // acquire [S2]: sees the result and that nobody is in the frame any more, pairs with [S1].
    if (!is_done(done.load(P::acquire)) && !P::spin(done, is_done, P::acquire, std::chrono::microseconds{2})) {
      while (!is_done(done.load(P::acquire))) P::futex_wait(done, 0);
    }
  }
  return result.take();
}

}  // namespace surewake
