// surewake/queues/uring_futex.hpp: coroutines of event loops wait in their loop's ring, so that a grant reaches them on
// their own thread, through the completion queue that also brings their I/O and their timers.
//
//   granter on the waiter's loop   --> runs it (per ring), or wakes it with the loop's next submit (per waiter)
//   granter on another loop        --IORING_OP_FUTEX_WAKE, with that loop's next submit-->  the waiter's loop runs it
//   granter without a loop         --futex_wake, the system call-->                          the waiter's loop runs it
//   a waiter without a loop is run by the granter; a thread that blocks sleeps by the system call
//   (core/semaphore/blocking_wait.hpp)
//
//   layout       what sleeps in the kernel              queues/
//   per ring     the ring, once for all its waiters     uring_per_ring.hpp      withdrawal O(1)
//   per waiter   each waiter, by a wait of its own      uring_per_waiter.hpp    as published; withdrawal O(armed waits)
//
// The wait list itself, and so order, conservation and refusals, is in user space: queues/parts/uring_wait_list.hpp.
//
// Fallback  If this process cannot have futex waits on a ring, which is asked once, a semaphore runs on another
//           strategy. That is intrusive_list, or the strategy that is named, as in uring_futex_or<mutex_deque>::queue.
//           backend() says which, and why.
// Threads   any, as for every strategy; a coroutine waits on the ring of the thread on which it acquires.
// Signals   nothing here is async-signal-safe, because a release takes the list's lock.
// Process   whether rings can be used is answered once a process. All its semaphores go by that answer, in libraries
//           too.
// Fork      in the child the forking thread's loop has left. Its waiters that are still in the list are run by the
//           granter in the child, as copies of the parent's. Those that were granted already are the parent's to run.
//           Waiters of other threads' loops are not run in the child. Coroutines of a loop that the child makes wait in
//           its ring. What happens in the child reaches no waiter in the parent.
// Leaving   A loop that is being destroyed hands over what was granted to its waiters; a waiter that is granted later
//           is run by the granter. A loop whose thread blocks or computes keeps its waiters waiting, as any loop does.
// Progress  blocking: a short section under the list's lock; see the layouts for the rest.
// Fairness  FIFO; per waiter, because the kernel keeps the order of completions (loop_ring::completes_in_order).
// Errors    none of its own.
// Source    compio-sync, phase 2 on Linux; its mistakes are in models/bugs/. [@compiosync] [@axboe2019] [@drepper2011]
// Checked   uring_futex.test.cpp, surewake-random, on real rings; models/, and models/uring/ over
//           models/uring/kernel.hpp.
#pragma once

#include <surewake/core/uring/loop.hpp>
#include <surewake/core/uring/support.hpp>
#include <surewake/queues/intrusive_list.hpp>
#include <surewake/core/coroutine/loop_keeper.hpp>
#include <surewake/queues/parts/strategy_or.hpp>
#include <surewake/queues/parts/uring_per_ring.hpp>
#include <surewake/queues/parts/uring_per_waiter.hpp>

#include <bit>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

/// A thread's uring_loop, as the layouts see it.
class loop_ring {
  using P = std_platform;

 public:
  using operation = uring_operation;

  /// The lists on which the kernel keeps completions are first in, first out (Linux 6.5 and later), though no page of
  /// its manual promises that.
  static constexpr bool completes_in_order = true;

  explicit loop_ring(uring_loop& loop) noexcept : loop_(loop) {}
  loop_ring(loop_ring const&) = delete;
  loop_ring& operator=(loop_ring const&) = delete;

  [[nodiscard]] static loop_ring* current() noexcept {
    uring_loop* const loop = uring_loop::current();
    return loop != nullptr ? &loop->attached<loop_ring>() : nullptr;
  }

  template <class Word> void wait(operation& op, Word const& word, std::uint32_t expected) noexcept {
    uring_abi::prepare_futex(op.request(), uring_abi::op_futex_wait, address(word), expected);
    op.tell_of_fork();
    loop_.start(op);
  }
  template <class Word> void watch(operation& op, Word const& word, std::uint32_t expected) noexcept {
    uring_abi::prepare_futex(op.request(), uring_abi::op_futex_wait, address(word), expected);
    op.tell_of_fork();
    loop_.start_background(op);
  }
  void cancel(operation& op) noexcept { loop_.cancel(op); }

  void wake(void const* word) noexcept {
    loop_.wake_later(static_cast<futex_word const*>(word), 1);
    trampoline<P>::end_before_blocking_with([]() noexcept {
      if (uring_loop* const loop = uring_loop::current()) loop->flush();
    });
  }
  static void wake_now(void const* word) noexcept {
    static bool const has_call = uring_support::probe().futex_calls;
    int const saved = errno;
    constexpr int flags = uring_abi::futex2_size_u32 | uring_abi::futex2_private;
    // The older call wakes waiters on rings too, as long as both calls are private.
    if (!has_call || ::syscall(uring_abi::sys_futex_wake, word, uring_abi::futex_match_any, 1, flags) < 0) {
      P::futex_wake(static_cast<futex_word const*>(word), 1);
    }
    errno = saved;
  }

  /// Returns the address of the low half of `word`, which the kernel compares.
  template <class Word> [[nodiscard]] static void const* address(Word const& word) noexcept {
    constexpr std::size_t low = std::endian::native == std::endian::little ? 0 : sizeof word - sizeof(std::uint32_t);
    return reinterpret_cast<std::byte const*>(&word) + low;
  }

  void keep(int n) noexcept { keeper_.keep(n); }

 private:
  using futex_word = P::atomic<std::uint32_t>;

  uring_loop& loop_;
  loop_keeper<uring_loop> keeper_{loop_};
};

/// Whether the kernel lets rings wait for futexes.
struct futexes_of_rings {
  static constexpr char const* name = "io_uring";
  [[nodiscard]] static bool usable() { return uring_support::probe().futex; }
  [[nodiscard]] static std::string why() { return uring_support::probe().why; }
};

}  // namespace detail

static_assert(futex_ring<detail::loop_ring, std_platform>);

/// The layouts, by name.
struct waits_per_ring {
  template <platform P> using layout = uring_per_ring<P, detail::loop_ring>;
};
struct waits_per_waiter {
  template <platform P> using layout = uring_per_waiter<P, detail::loop_ring>;
};

/// uring_futex with another strategy where the kernel has no futex waits for rings:
/// `uring_futex_or<mutex_deque>::queue`. Its backend() says `io_uring (per ring)`, or
/// `intrusive_list: kernel 6.1: no IORING_OP_FUTEX_WAIT`.
template <template <class> class Fallback, class Layout = waits_per_ring>
using uring_futex_or = detail::strategy_or<Fallback, Layout, detail::futexes_of_rings>;

template <platform P> class uring_futex : public uring_futex_or<intrusive_list>::queue<P> {
 public:
  static constexpr char const* name = "uring_futex";
  static constexpr withdrawal_cost withdrawal = withdrawal_cost::constant;
  static constexpr char const* a_wait_allocates = "nothing";
};
template <platform P>
class uring_futex_per_waiter : public uring_futex_or<intrusive_list, waits_per_waiter>::queue<P> {
 public:
  static constexpr char const* name = "uring_futex_per_waiter";
  static constexpr withdrawal_cost withdrawal = withdrawal_cost::linear;
  static constexpr char const* a_wait_allocates = "nothing";
};

static_assert(waiter_queue<uring_futex<std_platform>, std_platform>);
static_assert(waiter_queue<uring_futex_per_waiter<std_platform>, std_platform>);

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
