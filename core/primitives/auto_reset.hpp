// surewake/core/primitives/auto_reset.hpp: the discipline of an event that resets itself: at most one signal is stored,
// and a signal belongs to the first waiter.
//
//   counter 1    set: one signal is stored, and nobody waits
//   counter 0    not set
//   counter < 0  not set; -counter waits are registered, or about to be, and no signal was issued for them
//
// Invariants
//   I1  A set adds 1 while the counter is below 1. Of a stored signal it makes no second one.
//   I2  A wait subtracts 1. If that finds a stored signal it is the wait's, otherwise the wait is owed one grant.
//   I3  A wait that is given up adds its 1 back, inside the queue's protection. If it finds its debt paid, the grant is
//       refused, and the signal is stored instead; it merges with one that is stored already. So a set is heard by a
//       wait, or stored, and never doubled.
// Progress  `progress` below, argued and not searched.   Errors  none.   Range  at most 2^62 waits.
// Fairness  that of the strategy: no newcomer takes a signal while others wait.
// Source    the counter of hand_off, which stores at most one permit. That a signal must not end with the wait that
//           gives up: tokio #900, asyncio bpo-27585.
// Checked   models/primitives/, with seeded bugs; `surewake-verify weaken core/primitives/auto_reset.hpp`: each order
//           is caught.
#pragma once

#include <surewake/core/semaphore/discipline.hpp>

#include <algorithm>
#include <string>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

struct auto_reset {
  static constexpr char const* name = "auto_reset";
  static constexpr bool grants_are_final = true;
  static constexpr std::int64_t overtaken_at_most = 0;
  static constexpr char const* progress = "take wait-free in 1 step; put, refund, try_take and reduce lock-free";
  static constexpr std::int64_t closed = -1;  // never answered: an event does not close

  /// A wait is for one signal, a set is one: n is 1 wherever a call has it.
  template <platform P> class counter {
   public:
    explicit counter(std::int64_t stored) noexcept : value_(stored) {
      shown_as<P>(value_, "signal", [](std::int64_t v) {
        return v > 0 ? std::string("set") : v == 0 ? std::string("not set") : std::to_string(-v) + " wait";
      });
    }

    [[nodiscard]] std::int64_t take(std::int64_t) noexcept {
      // acquire [A1]: sees what was done before the set that this signal is of, pairs with [A2].
      return value_.fetch_sub(1, P::acquire) == 1 ? 0 : 1;
    }
    [[nodiscard]] static std::int64_t brings(std::int64_t, std::int64_t) noexcept { return 0; }

    /// Sets. Returns how many grants the queue must deliver, 0 or 1.
    [[nodiscard]] std::int64_t put(std::int64_t) noexcept {
      // relaxed: a guess for the CAS.
      std::int64_t now = value_.load(P::relaxed);
      // release [A2]: publishes the setter's work to the wait that gets this signal, pairs with [A1], [A3], [A4]; also
      // where the event is set already. On failure relaxed: a guess.
      while (!value_.compare_exchange_weak(now, more(now), P::release, P::relaxed)) {
      }
      return now < 0 ? 1 : 0;
    }

    [[nodiscard]] refunded refund(std::int64_t, std::int64_t missing) noexcept {
      // relaxed: a guess for the CAS.
      std::int64_t now = value_.load(P::relaxed);
      // relaxed: this wait had nothing to publish; the setter's work reaches the next wait because an RMW continues the
      // release sequence of [A2]. On failure a guess.
      while (!value_.compare_exchange_weak(now, more(now), P::relaxed, P::relaxed)) {
      }
      if (missing == 0) return {now < 0 ? 1 : 0, 0};  // it had its signal, which is another one's now
      return {0, now < 0 ? 0 : 1};                    // I3
    }
    [[nodiscard]] std::int64_t pass_on(std::int64_t) noexcept { return put(1); }
    void abandon(std::int64_t) noexcept {}

    [[nodiscard]] bool try_take(std::int64_t) noexcept {
      std::int64_t set = 1;
      // acquire [A3]: as [A1], pairs with [A2]. On failure relaxed: there is no signal.
      return value_.compare_exchange_strong(set, 0, P::acquire, P::relaxed);
    }

    /// Resets. Returns 1 where the event was set, else 0.
    [[nodiscard]] std::int64_t reduce(std::int64_t) noexcept {
      std::int64_t set = 1;
      // acquire [A4]: sees what was done before the set that it takes back, pairs with [A2]. On failure relaxed: as
      // above.
      return value_.compare_exchange_strong(set, 0, P::acquire, P::relaxed) ? 1 : 0;
    }

    void close() noexcept {}
    [[nodiscard]] bool is_closed() const noexcept { return false; }
    [[nodiscard]] std::int64_t available() const noexcept {
      // relaxed: monitoring only.
      return std::max<std::int64_t>(value_.load(P::relaxed), 0);
    }

   private:
    [[nodiscard]] static constexpr std::int64_t more(std::int64_t v) noexcept {
      return std::min<std::int64_t>(v + 1, 1);  // I1
    }

    typename P::template atomic<std::int64_t> value_;  // the table at the top
  };
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
