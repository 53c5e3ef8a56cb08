// surewake/core/coroutine/sync_wait.hpp: runs something awaitable from a plain thread and blocks until it is done.
//
//   running --the awaitable is done, on whatever thread--> done (the futex word) --the waiter sees it--> returned
//
// Invariants
//   I1  The store of `done` is the completing thread's last touch of the frame; its futex wake uses the address only.
//   I2  The thread's ready list is empty whenever the thread sleeps, because what it waits for may have been in there.
//   I3  What it awaits has no home (home.hpp), even on a thread of a pool, because that thread blocks here. So the
//       thread that ends the wait resumes it.
// Progress  blocking.   Cost  one coroutine frame; a futex wait only where the awaitable suspends and does not finish
//           while this thread drains its ready list and spins for 2 µs.
#pragma once

#include <surewake/core/coroutine/awaitable.hpp>
#include <surewake/core/coroutine/task.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// The coroutine that awaits for sync_wait; the result and the word that says `done` are in sync_wait's own frame.
class sync_wait_frame {
  using P = std_platform;

 public:
  using word = P::atomic<std::uint32_t>;  // 0: running, 1: done

  class promise_type : public platform_frame<P> {
   public:
    [[nodiscard]] sync_wait_frame get_return_object() noexcept {
      return sync_wait_frame{std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] auto final_suspend() const noexcept { return at_end{}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }  // await_into catches everything

   private:
    friend sync_wait_frame;
    word* done_ = nullptr;
  };

  sync_wait_frame(sync_wait_frame&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}  // for clang 14
  sync_wait_frame& operator=(sync_wait_frame&&) = delete;
  ~sync_wait_frame() {
    if (frame_) frame_.destroy();
  }

  void start(word& done) const {
    frame_.promise().done_ = &done;
    frame_.resume();
  }

 private:
  struct at_end : std::suspend_always {
    void await_suspend(std::coroutine_handle<promise_type> h) const noexcept {
      word* const done = h.promise().done_;
      // release [S1]: publishes the result and a frame that no thread is in, pairs with [S2].
      done->store(1, P::release);
      P::futex_wake(done, 1);  // I1
    }
  };
  explicit sync_wait_frame(std::coroutine_handle<promise_type> h) noexcept : frame_(h) {}

  std::coroutine_handle<promise_type> frame_;
};

/// Awaits `a` (a task, an acquire, any awaitable) on this thread.
///
/// Returns  what `co_await` of it yields; an rvalue reference as a value.
/// Blocks   the calling thread until `a` is done. What becomes ready on this thread meanwhile runs on it.
/// Orders   acquires everything that the awaitable did, on whichever thread it ended.
/// Errors   what `a` throws; std::bad_alloc. Called inside a coroutine it blocks that whole thread, and what it drains
///          nests on the coroutine's stack, so await instead.
template <class A>
  requires awaitable<A&&>
await_value_t<A&&> sync_wait(A&& a) {
  using P = std_platform;
  coroutine_result<await_value_t<A&&>> result;
  sync_wait_frame::word done{0};
  {
    auto const frame = await_into<sync_wait_frame, A&&>(std::forward<A>(a), result);
    trampoline<P>::away const nowhere;  // I3
    trampoline<P>::scope const here;
    frame.start(done);
    trampoline<P>::before_blocking();  // I2
    auto const is_done = [&done] {
      // acquire [S2]: sees the result and that the frame may be destroyed, pairs with [S1].
      return done.load(P::acquire) != 0;
    };
    if (!is_done()) {
      // relaxed: only a hint that looking again is worth it.
      P::spin(done, [](std::uint32_t v) { return v != 0; }, P::relaxed, std::chrono::microseconds{2});
    }
    while (!is_done()) P::futex_wait(done, 0);
  }
  return result.take();
}

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
