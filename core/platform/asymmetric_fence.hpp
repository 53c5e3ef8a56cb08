// surewake/core/platform/asymmetric_fence.hpp: the real machine's fences, among them a pair of which one half is nearly
// free.
//
//   undecided --registered--> kernel --a call fails--> switching --10 ms--> fences
//   undecided --refused-----------------------------------------------------> fences
//
//   kernel: light() keeps the compiler in order, and heavy() makes every thread of the process execute a full fence
//   (Linux: membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 4.14; Windows: FlushProcessWriteBuffers). In every other
//   state both are full fences.
//
// Wine      An earlier version assumed that a call which has no way to fail does what its page says. Under Wine 8
//           FlushProcessWriteBuffers does nothing, and up to 63 % of the rounds of store buffering were lost. So a
//           process that runs under Wine is refused there as by a kernel, and the pair by FlushProcessWriteBuffers was
//           never run by us.
//
// Invariants
//   I1  A light() and a heavy() in another thread are ordered: what was written before the first of them is seen after
//       the second, as between two seq_cst fences. A light() that trusts the kernel has read `kernel`. Every heavy() in
//       that state and in `undecided` asks the kernel, and an answer other than success leaves the state for good.
//   I2  When the state `kernel` is left, light() calls that trusted the kernel may be under way. Their stores are in
//       store buffers, which drain by themselves and at every preemption. So heavy() waits 10 ms, which is thousands of
//       times as long as they need. C++ promises no such time, so this argument, and no other here, is about hardware.
// Progress  wait-free, except for that wait. heavy() is a system call that interrupts the processors on which the
//           process runs.   Errors  none, because whatever the kernel answers (no such call, seccomp, no memory) ends
//           in `fences`.
// Cost      light 0.6 ns with the kernel (a load, a branch), 15 to 23 ns without; heavy 140 ns while the process runs
//           on one processor, 180 to 600 ns on two, 5 ns without the kernel (on a virtual Sapphire Rapids). The
//           registration, once for each process, takes some 10 us while the process has one thread. If it has several,
//           the registration waits until each processor has been through the scheduler (an RCU grace period), 10 to 16
//           ms. So structures call prepare() when they are made; where that pause would hurt, make a structure before
//           the threads. (Seen by findings/membarrier_registration_waits.sh.)
// Source    Dice, Huang, Yang, "Asymmetric Dekker synchronization", 2001; membarrier(2); P1202.
// Checked   core/platform/asymmetric_fence.test.cpp, also under seccomp filters, in a child of fork(), which inherits
//           the registration, and after exec(), which ends it. In a checker a light fence orders against heavy fences
//           only.
#pragma once

#include <surewake/core/platform/windows.hpp>

#if !defined(_WIN32)
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#endif

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include <surewake/core/platform/macros_push.hpp>

#if defined(__SANITIZE_THREAD__)
#define SUREWAKE_TSAN_FENCES
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SUREWAKE_TSAN_FENCES
#endif
#endif

namespace [[gnu::visibility("default")]] surewake {

struct asymmetric_fence_platform {
  /// Executes a thread fence. ThreadSanitizer has no model of one, so there it is a full fence of the hardware, and
  /// orders nothing in the sanitizer's eyes.
  static void fence(std::memory_order o) noexcept {
#if defined(SUREWAKE_TSAN_FENCES)
    static_cast<void>(o);
    __sync_synchronize();
#else
    std::atomic_thread_fence(o);
#endif
  }

  /// Executes one half of a pair. Against a heavy_fence() in another thread it orders as two seq_cst fences would,
  /// against another light one not at all. The order is always seq_cst; it is named so that the place reads as the
  /// fence it is.
  static void light_fence(std::memory_order = std::memory_order_seq_cst) noexcept {
    if (state_.load(std::memory_order_relaxed) == state::kernel) [[likely]] {
      std::atomic_signal_fence(std::memory_order_seq_cst);
    } else {
      undecided_light_fence();
    }
  }

  /// Executes the other half, for the thread that needs a fence seldom.
  static void heavy_fence(std::memory_order = std::memory_order_seq_cst) noexcept {
    fence(std::memory_order_seq_cst);
    switch (decided()) {
      case state::kernel:
        if (fence_all_threads()) return;
        leave_kernel();
        break;
      case state::switching: std::this_thread::sleep_for(drain); break;
      default: return;
    }
    fence(std::memory_order_seq_cst);
  }

  /// Asks the kernel now, if no thread has asked it yet (see Cost).
  static void prepare() noexcept { static_cast<void>(decided()); }

  /// Makes both halves full fences from now on and for good, as after a refusal by the kernel.
  static void use_full_fences() noexcept { leave_kernel(); }

  /// Returns whether the light half is free because the kernel does its work.
  [[nodiscard]] static bool fences_by_kernel() noexcept { return decided() == state::kernel; }

 private:
  // As wide as a RISC-V processor compares and exchanges: g++ 12 calls a library for less.
  enum class state : std::uint32_t { undecided, kernel, switching, fences };

#if defined(_WIN32)
  [[nodiscard]] static bool registered() noexcept {
    detail::windows::keeps_last_error const keep;
    return !detail::windows::is_wine();
  }
  [[nodiscard]] static bool fence_all_threads() noexcept {
    detail::windows::FlushProcessWriteBuffers();
    return true;
  }
#else
  [[nodiscard]] static bool registered() noexcept { return call(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED); }
  [[nodiscard]] static bool fence_all_threads() noexcept { return call(MEMBARRIER_CMD_PRIVATE_EXPEDITED); }
  [[nodiscard]] static bool call(int command) noexcept {
    int const saved = errno;
    bool const done = ::syscall(SYS_membarrier, command, 0, 0) == 0;
    errno = saved;
    return done;
  }
#endif

  [[gnu::noinline, gnu::cold]] static void undecided_light_fence() noexcept {
    static_cast<void>(decided());
    fence(std::memory_order_seq_cst);
  }

  static state decided() noexcept {
    state now = state_.load(std::memory_order_relaxed);
    if (now != state::undecided) [[likely]]
      return now;
    state const found = registered() ? state::kernel : state::fences;
    return state_.compare_exchange_strong(now, found, std::memory_order_seq_cst) ? found : now;
  }

  /// Leaves `kernel` or `undecided`. Each thread that finds the kernel's answer wanting waits its own time (I2), and
  /// does not wait for another thread.
  [[gnu::noinline, gnu::cold]] static void leave_kernel() noexcept {
    state now = state::undecided;
    if (state_.compare_exchange_strong(now, state::fences, std::memory_order_seq_cst) || now == state::fences) return;
    now = state::kernel;
    state_.compare_exchange_strong(now, state::switching, std::memory_order_seq_cst);
    fence(std::memory_order_seq_cst);
    std::this_thread::sleep_for(drain);
    now = state::switching;
    state_.compare_exchange_strong(now, state::fences, std::memory_order_seq_cst);
  }

  static constexpr std::chrono::milliseconds drain{10};
  static constinit inline std::atomic<state> state_{state::undecided};
};

#undef SUREWAKE_TSAN_FENCES

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
