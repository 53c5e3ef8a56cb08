// surewake/queues/parts/futex_ring.hpp: what the layouts of uring_futex and iocp_port require of a ring or a port, the
// kernel's way to wake a loop, with operations as nodes.
//
//   Ring::current()              the calling thread's ring, or null. A thread has at most one
//   Ring::operation              a work node, made with its action; the action is called on the ring's thread, once for
//                                each wait(), never inside wait() itself; result() is the kernel's then
//   ring.wait(op, word, v)       completes with 0 (woken), -EAGAIN (the low half of word was not v when the kernel
//                                looked), -EINTR, -ECANCELED (cancelled, or the ring is being destroyed), -EOWNERDEAD
//                                (in a forked child, inside of fork(): the ring is the parent's), or what the kernel
//                                refuses it with
//   ring.watch(op, word, v)      the same, but the ring's thread does not stay in its loop for it
//   ring.cancel(op)              hastens op's completion
//   ring.wake(address)           wakes one sleeper of the word, with the ring's next submit; the ring ensures that a
//                                submit comes before its thread sleeps, blocks (trampoline::before_blocking) or leaves
//   Ring::wake_now(address)      the same by a system call, on a thread without a ring
//   ring.address(word)           what wake takes; word and ring themselves may be gone by then
//   Ring::completes_in_order     whether operations that end one after the other complete in that order
//   ring.keep(±n)                n waiters more, or fewer, for which the ring's thread should stay in its loop
//
// Threads   a ring belongs to one thread; any thread may call wake_now and address.   Signals  none is
//           async-signal-safe.
// Every operation is complete before its ring is gone, because a ring that is being destroyed cancels what is in
// flight, and what is started meanwhile, and runs the actions.
// The layout per ring does without wait() and cancel(): that is a waking_ring. Rings are uring_futex.hpp's, over
// core/uring/loop.hpp, and the checker's, models/uring/kernel.hpp. iocp_port.hpp's, over core/iocp/loop.hpp, is a
// waking ring only, and no model runs it.
#pragma once

#include <surewake/core/semaphore/waiter_queue.hpp>

#include <cerrno>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <class R, class P>
concept waking_ring = std::derived_from<typename R::operation, work<P>> &&
                      requires(R& ring, typename R::operation& op, void const* address,
                               typename P::template atomic<std::uintptr_t>& pair) {
                        { R::current() } noexcept -> std::same_as<R*>;
                        { op.result() } noexcept -> std::same_as<int>;
                        { ring.watch(op, pair, 0U) } noexcept;
                        { ring.wake(address) } noexcept;
                        { R::wake_now(address) } noexcept;
                        { ring.address(pair) } noexcept -> std::same_as<void const*>;
                        { ring.keep(1) } noexcept;
                        { R::completes_in_order } -> std::convertible_to<bool>;
                      };

template <class R, class P>
concept futex_ring = waking_ring<R, P> && requires(R& ring, typename R::operation& op,
                                                   typename P::template atomic<std::uint32_t>& word) {
  { ring.wait(op, word, 0U) } noexcept;
  { ring.cancel(op) } noexcept;
  { R::address(word) } noexcept -> std::same_as<void const*>;
};

/// Returns whether a wait that ended with `result` may be followed by another one.
[[nodiscard]] constexpr bool may_wait_again(int result) noexcept {
  return result >= 0 || result == -EAGAIN || result == -EINTR;
}

/// Wakes one sleeper of the word at `address`, by this thread's ring if it has a ring.
template <class Ring> void wake_sleeper(void const* address) noexcept {
  if (Ring* const ring = Ring::current()) {
    ring->wake(address);
  } else {
    Ring::wake_now(address);
  }
}

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
