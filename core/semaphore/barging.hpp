// surewake/core/semaphore/barging.hpp: the discipline in which a released permit is free for all, and a waiter is woken
// to compete.
//
//   bits 0–31   permits   free permits, at most 2^31 - 1
//   bits 32–61  waiters   registered (or about to be) and not yet woken
//   bit  62     many      a waiter among them may want more than one permit; cleared when the last waiter is woken
//   bit  63     closed
//
//   permits ≥ n  --take-->  permits - n
//   permits < n  --take-->  waiters + 1 (many, if n > 1)       one CAS sees that the permits lack and counts the waiter
//   --put(n)-->  permits + n, waiters - woken                     woken = all if `many`, else min(n, waiters)
//
// Invariants
//   I1  A waiter is counted only by a CAS that saw fewer permits than it wants; a waiter that is woken competes again
//       by I1.
//   I2  While only single permits are wanted: permits ≤ wakes on their way, or waiters = 0.
//   I3  While `many` is set a put wakes everybody. A wake is nobody's own: one that fails and registers again may take
//       the wake of one that has yet to register, so each looks at the permits again, inside the queue's protection,
//       before it sleeps. So no waiter sleeps while the permits it wants are free. A waiter that has registered keeps
//       its wake, since one that registers again comes after it: the queue grants in the order of registration (R2 in
//       core/semaphore/waiter_queue.hpp; models/waking/mixed_sizes.hpp).
//   I4  waiters = registered or arriving waiters less the wakes on their way; a refund that finds it 0 makes the queue
//       refuse the wake that was meant for it.
//   I5  Once closed a wake is worth nothing: the queue drops it, or the waiter that gets it finds the semaphore closed.
//       It may have been dropped before its waiter withdraws, so none is refused any more: the refusal would wait for
//       ever.
// Fairness  none: newcomers overtake, and a woken waiter that fails goes to the end of the queue. It may starve.
// Progress  `progress` below.   Errors  none.   Range  at most 2^30 - 1 acquires wait.
// Source    barging as in async-lock [@asynclock] and compio-sync [@compiosync], with the waiters counted in the word
//           that holds the permits, which closes the window between a failed acquire and its registration.
// Checked   models/ under every scheduler; `surewake-verify weaken core/semaphore/barging.hpp`: each order is caught.
#pragma once

#include <surewake/core/semaphore/discipline.hpp>

#include <algorithm>
#include <limits>
#include <string>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

struct barging {
  static constexpr char const* name = "barging";
  static constexpr bool grants_are_final = false;
  static constexpr char const* progress = "take, put, refund, try_take and reduce lock-free";
  static constexpr std::int64_t closed = -1;

  template <platform P> class counter {
   public:
    explicit constexpr counter(std::int64_t permits) noexcept : value_(permits) {
      shown_as<P>(value_, "permits", [](std::int64_t v) { return text_of(v); });
    }

    /// Puts the counter in words, for traces: "1 free", "0 free, 2 wait", "1 free, 2 wait for many", "closed, 1 free".
    [[nodiscard]] static std::string text_of(std::int64_t v) {
      std::string text = (v < 0 ? "closed, " : "") + std::to_string(permits(v)) + " free";
      if (waiters(v) != 0) text += ", " + std::to_string(waiters(v)) + " wait" + ((v & many) != 0 ? " for many" : "");
      return text;
    }

    /// Asks for n permits. Returns 0 when they are the caller's, 1 when a wake is owed to it, or `closed`.
    [[nodiscard]] std::int64_t take(std::int64_t n) noexcept {
      // relaxed: a guess for the CAS.
      std::int64_t now = value_.load(P::relaxed);
      for (;;) {
        if (now < 0) return closed;
        if (permits(now) >= n) {
          // acquire [B1]: sees what the releasers of these permits did, pairs with [B3]. On failure relaxed: a guess.
          if (value_.compare_exchange_weak(now, now - n, P::acquire, P::relaxed)) return 0;
        } else {
          std::int64_t const next = (now + one_waiter) | (n > 1 ? many : 0);
          // relaxed: counts us; the thread that wakes us does so through the queue's protection. On failure: a guess.
          if (value_.compare_exchange_weak(now, next, P::relaxed, P::relaxed)) return 1;
        }
      }
    }

    /// Returns 0: a waiter leaves in the counter what it had.
    [[nodiscard]] static std::int64_t brings(std::int64_t, std::int64_t) noexcept { return 0; }

    /// Competes again after the wake, as take.
    [[nodiscard]] std::int64_t retake(std::int64_t n) noexcept { return take(n); }

    /// Gives n permits back. Returns how many wakes the queue must deliver. One RMW does both: if the permits were out
    /// before the wakes are counted, a waiter could take one, and destroy the semaphore, while this call still looks at
    /// the counter.
    [[nodiscard]] std::int64_t put(std::int64_t n) noexcept {
      // relaxed: a guess for the CAS.
      std::int64_t now = value_.load(P::relaxed);
      for (;;) {
        std::int64_t const woken = due(now, n);
        // release [B3]: publishes the holder's work to the thread that takes these permits, pairs with [B1], [B4],
        // [B5]. On failure relaxed: a guess.
        if (value_.compare_exchange_weak(now, without(now + n, woken), P::release, P::relaxed)) return woken;
      }
    }

    /// Ends the wait of a waiter that its wake has not reached: to be called inside the queue's protection. Or of one
    /// that it has (`missing` is 0): the wake is passed on.
    [[nodiscard]] refunded refund(std::int64_t, std::int64_t missing) noexcept {
      if (missing == 0) return {wake(1), 0};
      // relaxed: only counts, by the RMW's atomicity; permits are not touched.
      std::int64_t now = value_.load(P::relaxed);
      while (waiters(now) > 0) {
        // relaxed: as above.
        if (value_.compare_exchange_weak(now, without(now, 1), P::relaxed, P::relaxed)) return {0, 0};
      }
      return {0, now < 0 ? 0 : 1};  // I5
    }

    /// Looks again, inside the queue's protection, before a counted waiter sleeps. Negative: it must sleep. Otherwise
    /// its n permits are there, and no wake is to be refused: only a waiter that no wake is on its way to may take them
    /// so.
    [[nodiscard]] std::int64_t look_again(std::int64_t n) noexcept {
      // relaxed: a guess for the CAS.
      std::int64_t now = value_.load(P::relaxed);
      while (now >= one_waiter && permits(now) >= n) {
        // acquire [B5]: as [B1], pairs with [B3]. On failure relaxed: a guess.
        if (value_.compare_exchange_weak(now, without(now - n, 1), P::acquire, P::relaxed)) return 0;
      }
      return -1;
    }

    void abandon(std::int64_t) noexcept {}  // a wait that close() ended holds nothing

    /// Passes on a wake that came for a waiter that is gone. Returns how many wakes to deliver.
    [[nodiscard]] std::int64_t pass_on(std::int64_t) noexcept { return wake(1); }

    /// Tries once more, after the wake of a waiter that will not wait again.
    [[nodiscard]] bool take_granted(std::int64_t n) noexcept { return try_take(n); }

    [[nodiscard]] bool try_take(std::int64_t n) noexcept {
      // relaxed: a guess for the CAS.
      std::int64_t now = value_.load(P::relaxed);
      while (now >= 0 && permits(now) >= n) {
        // acquire [B4]: as [B1], pairs with [B3]. On failure relaxed: a guess.
        if (value_.compare_exchange_weak(now, now - n, P::acquire, P::relaxed)) return true;
      }
      return false;
    }

    [[nodiscard]] std::int64_t reduce(std::int64_t n) noexcept {
      // relaxed: the permits cease to exist, nobody takes over what their holders did.
      std::int64_t now = value_.load(P::relaxed);
      while (permits(now) > 0) {  // also of a closed one
        std::int64_t const taken = std::min(permits(now), n);
        // relaxed: as above.
        if (value_.compare_exchange_weak(now, now - taken, P::relaxed, P::relaxed)) return taken;
      }
      return 0;
    }

    // relaxed: only the RMW's atomicity is used; what close() publishes goes through the queue's protection.
    void close() noexcept { value_.fetch_or(closed_bit, P::relaxed); }

    /// Snapshots.
    // relaxed: monitoring only.
    [[nodiscard]] bool is_closed() const noexcept { return value_.load(P::relaxed) < 0; }
    // relaxed: monitoring only.
    [[nodiscard]] std::int64_t available() const noexcept { return permits(value_.load(P::relaxed)); }

   private:
    static constexpr std::int64_t one_waiter = std::int64_t{1} << 32;
    static constexpr std::int64_t many = std::int64_t{1} << 62;
    static constexpr std::int64_t closed_bit = std::numeric_limits<std::int64_t>::min();

    static constexpr std::int64_t permits(std::int64_t v) noexcept { return v & (one_waiter - 1); }
    static constexpr std::int64_t waiters(std::int64_t v) noexcept { return (v & (many - 1)) >> 32; }
    static constexpr std::int64_t without(std::int64_t v, std::int64_t woken) noexcept {
      std::int64_t const next = v - woken * one_waiter;
      return waiters(next) == 0 ? next & ~many : next;
    }

    /// Returns how many of the waiters n more permits wake.
    static constexpr std::int64_t due(std::int64_t v, std::int64_t n) noexcept {
      if (v < one_waiter) return 0;  // closed, or nobody waits
      return (v & many) != 0 ? waiters(v) : std::min(n, waiters(v));
    }

    std::int64_t wake(std::int64_t n) noexcept {
      // relaxed: which waiters are owed a wake is decided by the RMW's atomicity; put() has published the permits.
      std::int64_t now = value_.load(P::relaxed);
      while (permits(now) > 0) {
        std::int64_t const woken = due(now, n);
        // relaxed: as above.
        if (woken == 0 || value_.compare_exchange_weak(now, without(now, woken), P::relaxed, P::relaxed)) return woken;
      }
      return 0;  // nothing to compete for
    }

    typename P::template atomic<std::int64_t> value_;  // see the table at the top
  };
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
