// surewake/core/primitives/phases.hpp: the discipline of what releases all that wait: a wait is for the end of a phase.
//
//   bits 0–30   waiters   registered, or about to be, and no wake was issued for them
//   bits 31–61  phase     counts the phases, from 0 on, and begins again after 2^31
//
//   phase = n   --take(n)-->  waiters + 1
//   phase ≠ n   --take(n)-->  unchanged: phase n is over, and nobody waits for it
//   phase = n   --put(n)-->   phase n + 1, waiters 0: a wake for each
//   phase ≠ n   --put(n)-->   unchanged
//   put(even) is put of the present phase where that is even
//
// A latch has one phase that ends. A barrier has one after the other. An event that stays set is not set in the even
// phases, and set in the odd ones. Whatever n is in the other disciplines, here it is a phase.
//
// Invariants
//   I1  A wait for phase n ends only after it has seen another phase. A wake is nobody's own: a wait of the next phase
//       that gets one from the end of this phase sees that its own phase goes on, and registers again. So no thread is
//       released in a phase because it came while those of the phase before it were being woken.
//   I2  waiters + wakes on their way = waits that are registered or about to be. A withdrawal that finds `waiters` 0
//       therefore makes the queue refuse the wake that was meant for it.
//   I3  A wait that is about to register looks at the phase once more, inside the queue's protection. If its phase is
//       over it takes itself off `waiters`; if `waiters` is 0, wakes are on their way to all that are registered,
//       itself included, and it registers. The queue grants in the order of registration (R2 in
//       core/semaphore/waiter_queue.hpp), so each wait whose phase is over gets a wake, or needs none.
//   I4  The thread that ends a phase touches nothing after its RMW if that found no waiter; otherwise a wait is owed a
//       wake, so the queue exists until the last wake is delivered.
// Progress  `progress` below, argued and not searched.   Errors  none.   Fairness  none needed: all are released.
// Range     at most 2^31 - 1 waits; a wait that looks again only after 2^31 further phases takes the phase for its own.
// Source    ours; that a count of phases tells those that wait from those that come again is the sense of
//           "sense-reversing" barriers (Hensgen, Finkel, Manber 1988).
// Checked   models/primitives/, with seeded bugs; `surewake-verify weaken core/primitives/phases.hpp`: each order is
//           caught.
#pragma once

#include <surewake/core/semaphore/discipline.hpp>

#include <string>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

struct phases {
  static constexpr char const* name = "phases";
  static constexpr bool grants_are_final = false;
  static constexpr char const* progress = "try_take wait-free in 1 step; take, put, refund and reduce lock-free";
  static constexpr std::int64_t closed = -1;  // never answered: a phase is not closed
  static constexpr std::int64_t even = -2;    // for put

  template <platform P> class counter {
   public:
    explicit counter(std::int64_t phase) noexcept : value_(phase << phase_at) {
      shown_as<P>(value_, "phase", [](std::int64_t v) {
        return "phase " + std::to_string(phase_of(v)) + ", " + std::to_string(waiters(v)) + " wait";
      });
    }

    /// Asks for the end of phase n. Returns 0 when it is over, 1 when a wake is owed to the caller.
    [[nodiscard]] std::int64_t take(std::int64_t n) noexcept {
      for (;;) {
        // acquire [F1]: sees what was done before the phase ended, pairs with [F2].
        std::int64_t now = value_.load(P::acquire);
        if (phase_of(now) != n) return 0;
        // relaxed: counts us; the thread that wakes us does so through the queue's protection. On failure: look again.
        if (value_.compare_exchange_weak(now, now + 1, P::relaxed, P::relaxed)) return 1;
      }
    }
    [[nodiscard]] static std::int64_t brings(std::int64_t, std::int64_t) noexcept { return 0; }

    /// Looks again after a wake, as take.
    [[nodiscard]] std::int64_t retake(std::int64_t n) noexcept { return take(n); }
    [[nodiscard]] bool take_granted(std::int64_t n) noexcept { return try_take(n); }
    [[nodiscard]] bool try_take(std::int64_t n) noexcept {
      // acquire [F3]: as [F1], pairs with [F2].
      return phase_of(value_.load(P::acquire)) != n;
    }

    /// Looks again, inside the queue's protection, before a counted wait sleeps. Negative: it must sleep (I3).
    [[nodiscard]] std::int64_t look_again(std::int64_t n) noexcept {
      for (;;) {
        // acquire [F4]: as [F1], pairs with [F2].
        std::int64_t now = value_.load(P::acquire);
        if (phase_of(now) == n || waiters(now) == 0) return -1;
        // relaxed: takes us off; what [F4] has seen is enough. On failure: look again.
        if (value_.compare_exchange_weak(now, now - 1, P::relaxed, P::relaxed)) return 0;
      }
    }

    /// Ends phase n, unless it is over. Returns how many wakes the queue must deliver. An event puts `even`, so that
    /// the RMW decides which phase that is. A phase that was read before may be over: a reset may have come since, and
    /// a look that did not find what the setter had done (event_reset_then_look).
    [[nodiscard]] std::int64_t put(std::int64_t n) noexcept {
      // relaxed: a guess for the CAS.
      std::int64_t now = value_.load(P::relaxed);
      // release [F2]: publishes what was done before this phase ended, pairs with [F1], [F3], [F4], [F5]; also where it
      // is over already. On failure relaxed: a guess.
      while (!value_.compare_exchange_weak(now, without(now, n), P::release, P::relaxed)) {
      }
      return ends(now, n) ? waiters(now) : 0;
    }

    /// Ends phase n, for which nobody waits, and publishes nothing. Returns 1, or 0 where it is not the present one.
    [[nodiscard]] std::int64_t reduce(std::int64_t n) noexcept {
      // relaxed: a guess for the CAS.
      std::int64_t now = value_.load(P::relaxed);
      while (phase_of(now) == n) {
        // acquire [F5]: sees what was done before this phase began, pairs with [F2]. On failure relaxed: a guess.
        if (value_.compare_exchange_weak(now, without(now, n), P::acquire, P::relaxed)) return 1;
      }
      return 0;
    }

    [[nodiscard]] refunded refund(std::int64_t, std::int64_t missing) noexcept {
      if (missing == 0) return {0, 0};  // its wake has come, and helps nobody else
      // relaxed: only counts, by the RMW's atomicity.
      std::int64_t now = value_.load(P::relaxed);
      while (waiters(now) != 0) {
        // relaxed: as above.
        if (value_.compare_exchange_weak(now, now - 1, P::relaxed, P::relaxed)) return {0, 0};
      }
      return {0, 1};  // I2
    }
    [[nodiscard]] static std::int64_t pass_on(std::int64_t) noexcept { return 0; }
    void abandon(std::int64_t) noexcept {}

    void close() noexcept {}
    [[nodiscard]] bool is_closed() const noexcept { return false; }
    /// Returns the present phase.
    // relaxed: a wait that begins with an older one finds it over, as if it had begun then.
    [[nodiscard]] std::int64_t available() const noexcept { return phase_of(value_.load(P::relaxed)); }

   private:
    static constexpr int phase_at = 31;
    static constexpr std::int64_t mask = (std::int64_t{1} << phase_at) - 1;

    static constexpr std::int64_t waiters(std::int64_t v) noexcept { return v & mask; }
    static constexpr std::int64_t phase_of(std::int64_t v) noexcept { return v >> phase_at; }
    static constexpr bool ends(std::int64_t v, std::int64_t n) noexcept {
      return n == even ? phase_of(v) % 2 == 0 : phase_of(v) == n;
    }
    static constexpr std::int64_t without(std::int64_t v, std::int64_t n) noexcept {
      return ends(v, n) ? ((phase_of(v) + 1) & mask) << phase_at : v;
    }

    typename P::template atomic<std::int64_t> value_;  // the table at the top
  };
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
