// surewake/models/published/notify_on_first.hpp: is it enough to wake a waiter when the count leaves 0?
//
// Shape      3 threads, no permit: two acquire and keep, one releases twice.
// Must hold  both acquirers get a permit (otherwise: deadlock, with a permit free).
// Fails      as published, under sequential consistency: both sleep; the first release wakes one, the second finds the
//            count above 0 and wakes none, because the woken one has not run yet. The other one sleeps beside the
//            second permit.
// In words   The doorbell rings for the first parcel only; the person who waits for the second one never hears it.
// Repair     every release wakes one.
// Source     libc++ `counting_semaphore`, LLVM issue 46357. Our code. [@llvm46357]
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/models/published/form.hpp>

#include <array>
#include <string>

namespace surewake::models::published {

template <platform P, form Form> class notify_on_first {
 public:
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"releaser", "first", "second"};

  void thread(unsigned i) {
    if (i == 0) {
      release();
      release();
    } else {
      acquire();
    }
  }
  void after() {
    if (count_.load(P::relaxed) != 0) P::broken("conservation: both permits are taken");  // relaxed: alone
  }
  // relaxed: for a report
  [[nodiscard]] std::string state() const { return std::to_string(count_.load(P::relaxed)) + " free"; }

 private:
  void release() {
    // release [N1]: what the holder did, pairs with [N2].
    bool const first = count_.fetch_add(1, P::release) == 0;
    if (first || Form == form::repaired) P::futex_wake(&count_, 1);
  }

  void acquire() {
    std::uint32_t free = count_.load(P::relaxed);  // relaxed: the exchange below orders
    for (;;) {
      if (free == 0) {
        P::futex_wait(count_, 0);
        free = count_.load(P::relaxed);  // relaxed: as above
        // acquire [N2]: what the last holder did, pairs with [N1].
      } else if (count_.compare_exchange_strong(free, free - 1, P::acquire, P::relaxed)) {
        return;
      }
    }
  }

  typename P::template atomic<std::uint32_t> count_{0};
};

}  // namespace surewake::models::published
