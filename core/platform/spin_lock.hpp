// surewake/core/platform/spin_lock.hpp: a lock for sections of a few instructions.
//
//   0 free --lock--> 1 held --unlock--> 0
//
// Progress  blocking: a preempted holder delays the others. P::await spins, then yields, then sleeps, so that the
//           holder gets to run.
// Fairness  none.   Errors  none. Locking it twice on one thread deadlocks.
// Cost      one RMW to lock, one plain store to unlock, where a std::mutex has an RMW on either side.
// Source    test-and-test-and-set (Rudolph & Segall 1984).
// Checked   models/waking/mutual_exclusion.hpp over intrusive_list: lowering either order is caught.
#pragma once

#include <surewake/core/platform/platform.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <platform P> class SUREWAKE_LOCK spin_lock {
 public:
  spin_lock() = default;
  spin_lock(spin_lock const&) = delete;
  spin_lock& operator=(spin_lock const&) = delete;

  void lock() noexcept SUREWAKE_LOCKS() {
    if (!try_lock()) [[unlikely]]
      contend();
  }

  [[nodiscard]] bool try_lock() noexcept SUREWAKE_TRIES_TO_LOCK {
    // acquire [L1]: sees what the last holder wrote inside its section, pairs with [L2].
    return held_.exchange(1U, P::acquire) == 0U;
  }

  void unlock() noexcept SUREWAKE_UNLOCKS() {
    // release [L2]: publishes the section to the next holder, pairs with [L1].
    held_.store(0U, P::release);
  }

 private:
  [[gnu::noinline, gnu::cold]] void contend() noexcept SUREWAKE_LOCKS() {
    do {
      // relaxed: only a hint when to try again; the exchange carries the order.
      P::await(held_, [](std::uint32_t held) { return held == 0U; }, P::relaxed);
    } while (!try_lock());
  }

  typename P::template atomic<std::uint32_t> held_{0U};  // 0: free, 1: held
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
