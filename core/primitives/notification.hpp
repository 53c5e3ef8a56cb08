// surewake/core/primitives/notification.hpp: the discipline of a condition variable: what nobody waits for is not kept.
//
//   counter = k   k waiters are owed a notification, and none has been issued for them
//
//   k --take--> k + 1              every take waits
//   k --put(n)--> k - min(n, k)    that many notifications are issued; k = 0: nothing is stored
//   k --refund--> k - 1            a waiter leaves, and what was issued goes to those that stay
//   0 --refund--> 0                what was issued for the waiter that leaves has nobody left to go to: it is refused
//
// Invariants
//   I1  A notification is issued by the RMW that takes a waiter off the counter. So two notifications never count as
//       one, and none is issued for a waiter that comes later: that one adds to the counter afterwards.
//   I2  Notifications issued and not refused, and the counter, add up to the waiters that are registered or about to be
//       and were not handed over. A refund keeps that: it takes either one off the counter or one that was issued.
//   I3  The counter orders nothing. What a notifier did before is seen through the mutex. If the notifier has held the
//       mutex since a waiter unlocked it, it finds that waiter counted, because an RMW that happens before is seen.
// Progress  take: one RMW. put, refund: a loop that another one's success repeats; put is a load where nobody waits.
// Checked   models/primitives; the seeded bugs notifies_in_two_steps, refuses_all and refuses_none.
#pragma once

#include <surewake/core/semaphore/discipline.hpp>

#include <algorithm>
#include <string>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

struct notification {
  static constexpr char const* name = "notification";
  static constexpr bool grants_are_final = true;
  static constexpr char const* progress = "";     // it is no semaphore's, whose claims are searched
  static constexpr std::int64_t closed = -1;      // never answered

  template <platform P> class counter {
   public:
    explicit counter(std::int64_t) noexcept {
      shown_as<P>(waiting_, "waiting", [](std::int64_t v) { return std::to_string(v) + " to notify"; });
    }

    [[nodiscard]] std::int64_t take(std::int64_t) noexcept {
      // relaxed: I3.
      waiting_.fetch_add(1, P::relaxed);
      return 1;
    }

    /// Issues up to n notifications. Returns how many, which the queue must deliver.
    [[nodiscard]] std::int64_t put(std::int64_t n) noexcept {
      // relaxed: I3; a guess for the CAS.
      std::int64_t now = waiting_.load(P::relaxed);
      while (now > 0) {
        std::int64_t const issued = std::min(n, now);
        // relaxed: as above; a failure is the next guess.
        if (waiting_.compare_exchange_weak(now, now - issued, P::relaxed, P::relaxed)) return issued;
      }
      return 0;
    }

    /// Ends a wait; called inside the queue's protection. `missing` is 0 where the notification has come.
    [[nodiscard]] refunded refund(std::int64_t, std::int64_t missing) noexcept {
      std::int64_t const issued = put(1);  // one fewer is waiting
      if (missing == 0) return {issued, 0};
      return {0, 1 - issued};
    }

    [[nodiscard]] std::int64_t pass_on(std::int64_t n) noexcept { return put(n); }
    /// Snapshot.
    // relaxed: monitoring only.
    [[nodiscard]] std::int64_t waiting() const noexcept { return waiting_.load(P::relaxed); }

    // What the concept asks besides; a condition variable has no permits, and is not closed.
    [[nodiscard]] static std::int64_t brings(std::int64_t n, std::int64_t owed) noexcept { return n - owed; }
    [[nodiscard]] static bool try_take(std::int64_t) noexcept { return false; }
    [[nodiscard]] static std::int64_t reduce(std::int64_t) noexcept { return 0; }
    static void abandon(std::int64_t) noexcept {}
    static void close() noexcept {}
    [[nodiscard]] static bool is_closed() noexcept { return false; }
    [[nodiscard]] std::int64_t available() const noexcept { return -waiting(); }

   private:
    typename P::template atomic<std::int64_t> waiting_{std::int64_t{0}};  // see the top
  };
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
