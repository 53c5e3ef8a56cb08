// surewake/core/platform/system_futex.hpp: how a thread of the real machine sleeps on a word of 32 bits.
//
//   asleep while *word == expected --wake, a changed value, the deadline, or nothing at all--> the caller looks again
//
// Linux     the futex system call, private to the process.
// Windows   WaitOnAddress and WakeByAddress. A deadline becomes milliseconds from now, rounded up, and the thread looks
//           at the clock when they are over. So such a wait ends up to a tick of the system's clock late (15.6 ms as
//           Windows comes), and never early. No call changes the last error. Seen under Wine 8 only.
// Progress  the system's.   Errors  none, because the caller looks again whatever the system says.
// Source    futex(2); Microsoft's page of WaitOnAddress, which promises no order of wakes.
// Checked   std_platform.test.cpp.
#pragma once

#include <surewake/core/platform/windows.hpp>

#if !defined(_WIN32)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

struct system_futex {
  using word = std::atomic<std::uint32_t>;
  using time_point = std::chrono::steady_clock::time_point;

#if defined(_WIN32)
  static void wait(word const& w, std::uint32_t expected) noexcept { sleep(w, expected, infinite); }

  static bool wait_until(word const& w, std::uint32_t expected, time_point deadline) noexcept {
    for (;;) {
      time_point const now = std::chrono::steady_clock::now();
      if (now >= deadline) return false;
      // Not deadline - now, which overflows where the clock began before zero.
      auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline) -
                        std::chrono::floor<std::chrono::milliseconds>(now);
      std::int64_t const most = longest;
      if (sleep(w, expected, static_cast<unsigned long>(std::min(left.count(), most)))) return true;
    }
  }

  static void wake(word const* w, int n) noexcept {
    windows::keeps_last_error const keep;
    void* const address = const_cast<word*>(w);
    if (n == 1) {
      windows::WakeByAddressSingle(address);
    } else {
      windows::WakeByAddressAll(address);  // a wake too many is one that came spuriously
    }
  }

  /// Sleeps for the shortest time that lets every other thread run.
  static void nap() noexcept { windows::Sleep(1); }  // winpthreads' sleep_for cuts off what is below 1 ms

 private:
  static constexpr unsigned long infinite = 0xffff'ffff;
  static constexpr unsigned long longest = 0x7fff'ffff;

  /// Returns false if it slept for all of `milliseconds`.
  static bool sleep(word const& w, std::uint32_t expected, unsigned long milliseconds) noexcept {
    constexpr unsigned long timed_out = 1460;
    windows::keeps_last_error const keep;
    return windows::WaitOnAddress(const_cast<word*>(&w), &expected, sizeof expected, milliseconds) != 0 ||
           windows::GetLastError() != timed_out;
  }
#else
  static void wait(word const& w, std::uint32_t expected) noexcept {
    // EAGAIN (changed), EINTR (signal): the caller looks again. Nothing else is possible for a live, aligned word.
    ::syscall(SYS_futex, &w, FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
  }

  static bool wait_until(word const& w, std::uint32_t expected, time_point deadline) noexcept {
    auto const ns = std::chrono::duration_cast<std::chrono::nanoseconds>(deadline.time_since_epoch()).count();
    if (ns <= 0) return false;  // the kernel refuses negative times
    timespec const ts{.tv_sec = static_cast<time_t>(ns / 1'000'000'000),
                      .tv_nsec = static_cast<long>(ns % 1'000'000'000)};
    long const r = ::syscall(SYS_futex, &w, FUTEX_WAIT_BITSET_PRIVATE, expected, &ts, nullptr, FUTEX_BITSET_MATCH_ANY);
    return r == 0 || errno != ETIMEDOUT;
  }

  static void wake(word const* w, int n) noexcept {
    int const saved = errno;  // a wake of a word that is gone may fail; the caller's errno must not change
    ::syscall(SYS_futex, w, FUTEX_WAKE_PRIVATE, n, nullptr, nullptr, 0);
    errno = saved;
  }

  /// Sleeps for the shortest time that lets every other thread run.
  static void nap() noexcept { std::this_thread::sleep_for(std::chrono::microseconds{50}); }
#endif
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
