// surewake/models/published/flag_of_waiters.hpp: a lock keeps "somebody sleeps" in a bit. Which thread sets it again
// after it was cleared for one of two?
//
// Shape      3 threads, 1 lock: each takes it and lets go.
// Must hold  all three get in (otherwise: deadlock).
// Fails      as published, under sequential consistency: the release clears the word, bit and all, and wakes one
//            sleeper; a newcomer takes the lock, without the bit; the sleeper finds it taken and sleeps again, without
//            setting the bit. The newcomer's release sees no bit and wakes nobody.
// In words   The list at the door is thrown away with each guest who is let in, and a guest who comes back to wait is
//            not written down again.
// Repair     a sleeper has set the bit, each time; and a thread that was asleep takes the lock with the bit set,
//            because others may sleep after it.
// Source     musl, `flockfile`, commit 0db393d3; its internal locks, commit e7655ed3. Our code. [@musl]
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/models/published/form.hpp>

#include <string>

namespace surewake::models::published {

template <platform P, form Form> class flag_of_waiters {
 public:
  static constexpr unsigned threads = 3;

  void thread(unsigned) {
    lock();
    work_.set(work_.get() + 1);
    unlock();
  }
  void after() {
    if (work_.get() != 3) P::broken("mutual exclusion: the work of a holder was lost");
  }
  // relaxed: for a report
  [[nodiscard]] std::string state() const { return "word " + std::to_string(word_.load(P::relaxed)); }

 private:
  static constexpr std::uint32_t held = 1, sleepers = 2;

  void lock() {
    std::uint32_t seen = 0;
    // acquire [F1]: what the last holder did, pairs with [F3]. On failure relaxed: only the next guess.
    if (word_.compare_exchange_strong(seen, held, P::acquire, P::relaxed)) return;
    std::uint32_t const taken = Form == form::repaired ? held | sleepers : held;
    for (bool listed = false;;) {
      if (seen == 0) {
        // acquire [F2]: as [F1], pairs with [F3]. On failure relaxed: as above.
        if (word_.compare_exchange_strong(seen, taken, P::acquire, P::relaxed)) return;
        continue;
      }
      if ((Form == form::repaired || !listed) && (seen & sleepers) == 0) {
        // relaxed: a bit in the word; the futex compares the word again.
        if (!word_.compare_exchange_strong(seen, seen | sleepers, P::relaxed, P::relaxed)) continue;
        seen |= sleepers;
      }
      listed = true;
      P::futex_wait(word_, seen);
      seen = word_.load(P::relaxed);  // relaxed: a guess for the exchange
    }
  }

  void unlock() {
    // release [F3]: what the holder did, pairs with [F1], [F2].
    if ((word_.exchange(0, P::release) & sleepers) != 0) P::futex_wake(&word_, 1);
  }

  typename P::template atomic<std::uint32_t> word_{0U};
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models::published
