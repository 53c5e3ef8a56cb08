// surewake/models/published/sleep_on_any_value.hpp: may a waiter sleep while the count has the value that it saw last?
//
// Shape      2 threads, 2 permits: both acquire and keep.
// Must hold  both go on, because there is a permit for each (otherwise: deadlock, with a permit free).
// Fails      as published, under sequential consistency: both see 2; one takes a permit; the other one's exchange
//            fails, sees 1, and it sleeps until the count is no longer 1. Only 0 is a reason to sleep.
// In words   It waits for "something to change" when it should wait for "there is one": there is one.
// Repair     sleeps while the count is 0, and at no other value.
// Source     libstdc++ bug 98033. Our code. [@gcc98033]
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/models/published/form.hpp>

#include <array>
#include <string>

namespace surewake::models::published {

template <platform P, form Form> class sleep_on_any_value {
 public:
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"first", "second"};

  void thread(unsigned) {
    std::uint32_t free = count_.load(P::relaxed);  // relaxed: only the exchange decides
    for (;;) {
      if (free != 0) {
        // relaxed: this scenario hands no data over.
        if (count_.compare_exchange_strong(free, free - 1, P::relaxed, P::relaxed)) return;
        if (Form == form::repaired) continue;
      }
      P::futex_wait(count_, free);
      free = count_.load(P::relaxed);  // relaxed: as above
    }
  }
  void after() {
    if (count_.load(P::relaxed) != 0) P::broken("conservation: both permits are taken");  // relaxed: alone
  }
  // relaxed: for a report
  [[nodiscard]] std::string state() const { return std::to_string(count_.load(P::relaxed)) + " free"; }

 private:
  typename P::template atomic<std::uint32_t> count_{2};
};

}  // namespace surewake::models::published
