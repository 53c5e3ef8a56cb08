// surewake/core/platform/futex_lock.hpp: a lock for short sections whose waiters spin briefly, then sleep.
//
//   0 free     --lock-->  1 held       --unlock--> 0                    no system call
//   0 free     --a waiter that gave up spinning--> 2 slept on           it cannot know whether it was the only waiter
//   1 held     --a waiter that gave up spinning--> 2 slept on           and it sleeps while the word is 2
//   2 slept on --unlock--> 0, and wakes one sleeper
//
// Invariants
//   I1  A thread that sleeps has seen 2 in the word, and the word leaves 2 only by the unlock that wakes a sleeper.
//   I2  A thread that was woken, or that finds the lock free after it gave up spinning, takes the lock as 2, because
//       other threads may still be asleep. The price is one wake too many. If the thread took the lock as 1, a sleeper
//       would be forgotten (models/bugs/forgets_others.bug).
//   I3  The exchange in unlock() is the last touch. The wake after it uses the address only, so the next holder may
//       destroy the lock at once.
// Progress  blocking: a preempted holder delays the others, which leave it the processor after `spin_limit`.
// Fairness  none.   Errors  none. Locking it twice on one thread deadlocks.
// Cost      uncontended two RMWs, where core/platform/spin_lock.hpp has one and a store. With a plain store, unlock()
//           could tell whether a thread sleeps only by a store-load fence after the store, which is no cheaper.
// Source    Drepper, "Futexes are tricky", mutex2; with a spin in front.
// Checked   models/waking/turns_under_lock.hpp; `surewake-verify weaken core/platform/futex_lock.hpp turns_under_lock`:
//           each order is caught.
#pragma once

#include <surewake/core/platform/platform.hpp>

#include <chrono>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <platform P> class SUREWAKE_LOCK futex_lock {
 public:
  /// How long a waiter spins, which is about as long as the system call that follows takes on its own.
  static constexpr std::chrono::nanoseconds spin_limit{1'000};

  futex_lock() = default;
  futex_lock(futex_lock const&) = delete;
  futex_lock& operator=(futex_lock const&) = delete;

  void lock() noexcept SUREWAKE_LOCKS() {
    if (!try_lock()) [[unlikely]]
      contend();
  }

  [[nodiscard]] bool try_lock() noexcept SUREWAKE_TRIES_TO_LOCK {
    std::uint32_t seen = free;
    // acquire [F1]: sees what the last holder wrote inside its section, pairs with [F2]. On failure relaxed: another
    // thread has the lock.
    return word_.compare_exchange_strong(seen, held, P::acquire, P::relaxed);
  }

  void unlock() noexcept SUREWAKE_UNLOCKS() {
    // release [F2]: publishes the section to the next holder, pairs with [F1], [F3].
    if (word_.exchange(free, P::release) == slept_on) [[unlikely]]
      wake_one(&word_);
  }

 private:
  using atomic_word = typename P::template atomic<std::uint32_t>;
  static constexpr std::uint32_t free = 0, held = 1, slept_on = 2;

  [[gnu::noinline, gnu::cold]] static void wake_one(atomic_word const* word) noexcept { P::futex_wake(word, 1); }

  [[gnu::noinline, gnu::cold]] void contend() noexcept SUREWAKE_LOCKS() {
    // relaxed: only a hint when to try again; try_lock carries the order.
    if (P::spin(word_, [](std::uint32_t w) { return w == free; }, P::relaxed, spin_limit) && try_lock()) return;
    // acquire [F3]: as [F1], pairs with [F2].
    while (word_.exchange(slept_on, P::acquire) != free) P::futex_wait(word_, slept_on);
  }

  atomic_word word_{free};
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
