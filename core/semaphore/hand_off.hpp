// surewake/core/semaphore/hand_off.hpp: the discipline in which a released permit belongs to the first waiter: FIFO, no
// overtaking.
//
//   counter > 0   that many permits are free; nobody waits
//   counter ≤ 0   none is free; -counter permits are owed to acquires that wait or are about to
//   counter ≤ closed_below   closed: the true value is counter + closing
//
// Invariants
//   I1  Every acquire, release and refund adds to the counter exactly once per permit, so the counter is always
//       (permits created - forgotten) - (held) - (asked for by waiting acquires); no sum is lost to a race.
//   I2  max(0, -counter) = grants that registered or arriving waiters still lack, less those on their way to them.
//   I3  A release issues grants only for debts its own addition paid, an acquire only for the part of its own debt that
//       it found free (`brings`); a refund that finds its debts paid already makes the queue refuse that many grants.
//       So grants issued - refused = debts paid and not given back (semaphore.hpp, law 3).
//   I4  One RMW on one atomic decides which acquire waits, so there is no store-load race to lose, whatever the memory
//       model.
// Progress  `progress` below: a take of a closed semaphore makes a second step.   Errors  none; the semaphore checks.
// Range     |counter| < 2^61: at most 2^30 acquires wait for at most 2^31 - 1 permits each.
// Source    the counter of CQS (Koval et al., PLDI 2023) [@cqs2023]; refusal as in its smart cancellation.
// Checked   models/ under every scheduler; `surewake-verify weaken core/semaphore/hand_off.hpp`: each order is caught.
#pragma once

#include <surewake/core/semaphore/discipline.hpp>

#include <algorithm>
#include <string>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

struct hand_off {
  static constexpr char const* name = "hand_off";
  static constexpr bool grants_are_final = true;
  static constexpr std::int64_t overtaken_at_most = 0;
  static constexpr char const* progress =
      "open, single, ring and many: take wait-free in 1 step; closing: take wait-free in 2 steps; "
      "put and refund wait-free in 1 step; try_take and reduce lock-free";
  static constexpr std::int64_t closed = -1;  // answer of take once the semaphore is closed

  template <platform P> class counter {
   public:
    explicit constexpr counter(std::int64_t permits) noexcept : value_(permits) {
      shown_as<P>(value_, "permits", [](std::int64_t v) { return text_of(v); });
    }

    /// Puts the counter in words, for traces: "2 free", "1 owed", "closed, 2 free".
    [[nodiscard]] static std::string text_of(std::int64_t v) {
      std::int64_t const permits = v <= closed_below ? v + closing : v;
      return (v <= closed_below ? "closed, " : "") +
             (permits < 0 ? std::to_string(-permits) + " owed" : std::to_string(permits) + " free");
    }

    /// Asks for n permits. Returns 0 when they are the caller's, otherwise how many grants are owed to it, or `closed`.
    [[nodiscard]] std::int64_t take(std::int64_t n) noexcept {
      // acquire [H1]: sees what the releaser of these permits did, pairs with [H2] (through any RMWs in between).
      std::int64_t const old = value_.fetch_sub(n, P::acquire);
      if (old >= n) [[likely]]
        return 0;
      return old > closed_below ? n - std::max<std::int64_t>(old, 0) : withdraw_closed(n);
    }

    /// Returns how many of n permits the counter had, `owed` being owed: the queue hands them out in order.
    [[nodiscard]] static std::int64_t brings(std::int64_t n, std::int64_t owed) noexcept { return n - owed; }

    /// Gives n permits back. Returns how many grants the queue must deliver.
    [[nodiscard]] std::int64_t put(std::int64_t n) noexcept {
      // release [H2]: publishes the holder's work to the thread that takes these permits from here, pairs with [H1],
      // [H3].
      std::int64_t const old = value_.fetch_add(n, P::release);
      if (old >= 0) [[likely]]
        return 0;
      return old > closed_below ? std::min(n, -old) : 0;
    }

    /// Ends a wait for n permits that still lacked `missing` grants; called inside the queue's protection. If it came
    /// after the waiter had left, a newcomer could take the permit that is free again, and the grant that is on its way
    /// as well.
    [[nodiscard]] refunded refund(std::int64_t n, std::int64_t missing) noexcept {
      // relaxed: this waiter held nothing, so it has no work to publish; that of the releasers whose permits had come
      // reaches the next holder because an RMW continues the release sequence of their [H2].
      std::int64_t const old = value_.fetch_add(n, P::relaxed);
      if (old <= closed_below) return {0, 0};
      std::int64_t const owed = std::max<std::int64_t>(-old, 0);
      return {std::clamp<std::int64_t>(owed - missing, 0, n - missing), std::max<std::int64_t>(missing - owed, 0)};
    }

    /// Ends a wait that close() ended.
    void abandon(std::int64_t n) noexcept { static_cast<void>(refund(n, n)); }

    /// Passes on n permits that were granted to a waiter that is gone. Returns how many grants to deliver.
    [[nodiscard]] std::int64_t pass_on(std::int64_t n) noexcept { return put(n); }

    /// Takes n permits if they are free now.
    [[nodiscard]] bool try_take(std::int64_t n) noexcept {
      // relaxed: a guess for the CAS, which carries the order.
      std::int64_t now = value_.load(P::relaxed);
      while (now >= n) {
        // acquire [H3]: as [H1], pairs with [H2]. On failure relaxed: only the next guess.
        if (value_.compare_exchange_weak(now, now - n, P::acquire, P::relaxed)) return true;
      }
      return false;
    }

    /// Takes up to n free permits away. Returns how many.
    [[nodiscard]] std::int64_t reduce(std::int64_t n) noexcept {
      // relaxed: the permits cease to exist, nobody takes over what their holders did.
      std::int64_t now = value_.load(P::relaxed);
      while (free(now) > 0) {  // also of a closed one
        std::int64_t const taken = std::min(free(now), n);
        // relaxed: as above; a failure is only the next guess.
        if (value_.compare_exchange_weak(now, now - taken, P::relaxed, P::relaxed)) return taken;
      }
      return 0;
    }

    void close() noexcept {
      // relaxed: only the RMW's atomicity is used; what close() publishes goes through the queue's protection.
      std::int64_t now = value_.load(P::relaxed);
      while (now > closed_below) {
        // relaxed: as above.
        if (value_.compare_exchange_weak(now, now - closing, P::relaxed, P::relaxed)) return;
      }
    }

    /// Snapshots.
    // relaxed: monitoring only, nothing is read on the strength of it.
    [[nodiscard]] bool is_closed() const noexcept { return value_.load(P::relaxed) <= closed_below; }
    [[nodiscard]] std::int64_t available() const noexcept {
      // relaxed: monitoring only.
      return std::max<std::int64_t>(free(value_.load(P::relaxed)), 0);
    }

   private:
    static constexpr std::int64_t closing = std::int64_t{1} << 62;
    static constexpr std::int64_t closed_below = -(std::int64_t{1} << 61);
    /// The value as the table has it before closing: > 0: that many permits are free.
    static constexpr std::int64_t free(std::int64_t v) noexcept { return v <= closed_below ? v + closing : v; }

    [[gnu::noinline, gnu::cold]] std::int64_t withdraw_closed(std::int64_t n) noexcept {
      // relaxed: undoes our own subtraction; the RMW keeps the release sequences of others intact.
      value_.fetch_add(n, P::relaxed);
      return closed;
    }

    typename P::template atomic<std::int64_t> value_;  // see the table at the top
  };
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
