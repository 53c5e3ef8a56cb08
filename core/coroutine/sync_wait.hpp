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
// Checked   models/waking/sync_wait_ends.hpp.
#pragma once

#include <surewake/core/coroutine/awaitable.hpp>
#include <surewake/core/coroutine/awaiting_frame.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

/// How sync_wait learns that all is done.
template <platform P> struct end_of_sync_wait {
  typename P::template atomic<std::uint32_t> word{0};  // 0: running, 1: done

  void operator()() noexcept {
    auto* const done = &word;
    // release [S1]: publishes the result and a frame that no thread is in, pairs with [S2].
    done->store(1, P::release);
    P::futex_wake(done, 1);  // I1
  }
};

}  // namespace detail

/// Awaits `a` (a task, an acquire, any awaitable) on this thread, which is one of P's.
///
/// Returns  what `co_await` of it yields; an rvalue reference as a value.
/// Blocks   the calling thread until `a` is done. What becomes ready on this thread meanwhile runs on it.
/// Orders   acquires everything that the awaitable did, on whichever thread it ended.
/// Errors   what `a` throws; std::bad_alloc. Called inside a coroutine it blocks that whole thread, and what it drains
///          nests on the coroutine's stack, so await instead.
template <platform P = std_platform, class A>
  requires awaitable<A&&>
await_value_t<A&&> sync_wait(A&& a) {
  detail::coroutine_result<await_value_t<A&&>> result;
  detail::end_of_sync_wait<P> end;
  auto& done = end.word;
  {
    using frame_type = detail::awaiting_frame<detail::end_of_sync_wait<P>, P>;
    auto const frame = detail::await_into<frame_type, A&&>(std::forward<A>(a), result);
    typename trampoline<P>::away const nowhere;  // I3
    typename trampoline<P>::scope const here;
    frame.start(end);
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
