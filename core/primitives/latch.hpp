// surewake/core/primitives/latch.hpp: a count that goes down to zero, once, and then releases all that wait, for good.
//
//   count > 0  --count_down(n), n < count-->  count - n
//   count = n  --count_down(n)-->  0, and the only phase ends: all waits end, and later ones do not wait
//
// Invariants
//   I1  The count is lowered by one RMW, and the thread that takes it to 0 ends the phase (core/primitives/phases.hpp).
//       For any other thread that RMW is the last access to the latch.
// Progress  count_down lock-free, while nobody waits; else as the strategy says.   Fairness  none needed.
// Lifetime  A thread whose wait has ended may destroy the latch, if no other thread waits or will: the count_down that
//           ended the wait touches nothing any more once all waits have ended.
// Source    std::latch, with the waits of a semaphore; wait_group and countdown latches of other libraries count up
//           again, this one does not.
// Checked   models/primitives/latch_opens.hpp, queues/conformance/latch.test.cpp; `surewake-verify weaken
//           core/primitives/latch.hpp`: its order is caught.
#pragma once

#include <surewake/core/primitives/phases.hpp>
#include <surewake/core/primitives/waits.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// A latch whose waiters `Queue` keeps (queues/). The ways to wait: core/primitives/waits.hpp; try_wait() returns
/// whether the count is 0. Any number of threads may make calls at once.
template <template <class> class Queue, platform P = std_platform>
  requires waiter_queue<Queue<P>, P>
class basic_latch : public detail::waits<basic_latch<Queue, P>, P, detail::from_now> {
 public:
  using platform_type = P;
  using queue_type = Queue<P>;

  /// A latch that waits for `count` (0 or more) to be counted down; of 0 it is open.   Errors  std::invalid_argument.
  explicit basic_latch(std::ptrdiff_t count) : place_(count == 0 ? 1 : 0), count_(count) {
    if (count >= 0) return;
    throw std::invalid_argument("surewake: latch(" + std::to_string(count) + "): 0 or more");
  }

  /// Counts down by n (0 to the count). The call that takes the count to 0 ends all waits.
  ///
  /// Errors   std::invalid_argument where n is out of range; nothing changed.
  /// Orders   releases: what each thread did before its count_down is visible after a wait.
  /// Resumes  waiters, inside the call, as basic_semaphore's releases.   Cost  one RMW; the last one another.
  void count_down(std::ptrdiff_t n = 1) {
    // relaxed: a guess for the CAS.
    std::int64_t now = count_.load(P::relaxed);
    do {
      if (n < 0 || n > now) [[unlikely]]
        bad_count(n, now);
      // acq_rel [L1]: as release, publishes what this thread did to the one that takes the count to 0; as acquire, that
      // one sees what all did, and publishes it by phases.hpp [F2]; pairs with [L1]. On failure relaxed: a guess.
    } while (!count_.compare_exchange_weak(now, now - n, P::acq_rel, P::relaxed));
    if (now == n && n != 0) place_.put(0);
  }
  /// Counts down by n, at once, and returns the awaitable of wait().   Errors  as count_down.
  [[nodiscard]] auto arrive_and_wait(std::ptrdiff_t n = 1) {
    count_down(n);
    return this->wait();
  }
  /// The same, and blocks the calling thread.
  void arrive_and_wait_blocking(std::ptrdiff_t n = 1, wait_options options = {}) {
    count_down(n);
    this->wait_blocking({}, options);
  }

  /// Returns how much is still to be counted down: a snapshot.
  // relaxed: monitoring only.
  [[nodiscard]] std::ptrdiff_t count() const noexcept { return static_cast<std::ptrdiff_t>(count_.load(P::relaxed)); }

 private:
  friend detail::waits<basic_latch, P, detail::from_now>;
  [[nodiscard]] static std::uint32_t number(detail::from_now) noexcept { return 0; }

  [[noreturn, gnu::cold, gnu::noinline]] static void bad_count(std::ptrdiff_t n, std::int64_t now) {
    throw std::invalid_argument("surewake: count_down(" + std::to_string(n) + ") of a latch at " +
                                std::to_string(now) + ": 0 to " + std::to_string(now));
  }

  detail::waiting_place<Queue, P, detail::phases> place_;  // its only phase is 0
  typename P::template atomic<std::int64_t> count_;        // what is still to be counted down
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
