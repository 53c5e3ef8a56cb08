// surewake/models/bugs/locks.hpp: core/platform/futex_lock.hpp with one rule taken away.
#pragma once

#include <surewake/core/platform/futex_lock.hpp>
#include <surewake/models/bugs/orders.hpp>

namespace surewake::models::bugs {

/// Does not publish the section to the next holder.
template <platform P> class futex_unlock_relaxed : public futex_lock<without_release<P>> {};

/// Does not see the last holder's section.
template <platform P> class futex_lock_relaxed : public futex_lock<without_acquire<P>> {};

/// A lock of the same three states, in which the waiter or the holder does one thing as `Mistake` says.
enum class lock_mistake {
  forgets_others,  // a woken thread takes the lock as held only by itself (I2)
  never_wakes,     // unlock leaves it to the next unlock to wake the sleepers (I1)
  looks_after,     // unlock frees the lock, and then looks whether a thread sleeps on it (I3; glibc 12674)
};
template <platform P, lock_mistake Mistake> class mistaken_lock {
 public:
  void lock() noexcept {
    std::uint32_t seen = 0;
    if (word_.compare_exchange_strong(seen, 1U, P::acquire, P::relaxed)) return;
    while (word_.exchange(2U, P::acquire) != 0U) {
      P::futex_wait(word_, 2U);
      seen = 0;
      if (Mistake == lock_mistake::forgets_others && word_.compare_exchange_strong(seen, 1U, P::acquire, P::relaxed))
        return;
    }
  }
  void unlock() noexcept {
    if constexpr (Mistake == lock_mistake::looks_after) {
      word_.store(0U, P::release);
      sleepers_looked_for();
    } else if (word_.exchange(0U, P::release) == 2U && Mistake != lock_mistake::never_wakes) {
      P::futex_wake(&word_, 1);
    }
  }

 private:
  void sleepers_looked_for() noexcept {
    if (word_.load(P::relaxed) != 1U) P::futex_wake(&word_, 1);
  }

  typename P::template atomic<std::uint32_t> word_{0U};
};
template <platform P> class forgets_others : public mistaken_lock<P, lock_mistake::forgets_others> {};
template <platform P> class never_wakes : public mistaken_lock<P, lock_mistake::never_wakes> {};
template <platform P> class looks_after : public mistaken_lock<P, lock_mistake::looks_after> {};

}  // namespace surewake::models::bugs
