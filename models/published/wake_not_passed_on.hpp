// surewake/models/published/wake_not_passed_on.hpp: a waiter that was woken wakes the next one if it saw permits left.
// What if the next permit comes just after it looked?
//
// Shape      4 threads, no permit: two wait in the list; two release one each.
// Must hold  both get a permit (otherwise: deadlock, with a permit free).
// Fails      as published, under sequential consistency: the first release wakes the first waiter, which takes the
//            permit and sees none left; the second release finds the first waiter still at the head and woken already,
//            so it wakes none; the first waiter leaves the head, and, because it saw none left, wakes none either.
// In words   Each of two relies on the other one to call the next in line.
// Repair     a release that finds the head woken already leaves a mark there, and a waiter that leaves the head passes
//            the wake on if there is a mark.
// Source     OpenJDK JDK-6801020 (`AbstractQueuedSynchronizer`, its PROPAGATE status). Our code. [@jdk6801020]
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/models/published/form.hpp>

#include <array>
#include <string>

namespace surewake::models::published {

template <platform P, form Form> class wake_not_passed_on {
 public:
  static constexpr unsigned threads = 4;
  static constexpr std::array<char const*, 4> names{"first waiter", "second waiter", "releaser", "other releaser"};

  void thread(unsigned i) {
    if (i < 2) return wait(i + 1);
    // seq_cst [N1]: all accesses here are, as the original's are; pairs with [N1].
    permits_.fetch_add(1, P::seq_cst);
    pass_on();
  }
  void after() {
    if (permits_.load(P::relaxed) != 0) P::broken("conservation: both permits are taken");  // relaxed: alone
  }
  // relaxed: for a report
  [[nodiscard]] std::string state() const { return std::to_string(permits_.load(P::relaxed)) + " free"; }

 private:
  enum status : std::uint32_t { quiet, next_sleeps, marked };
  struct place {
    typename P::template atomic<std::uint32_t> state{static_cast<std::uint32_t>(next_sleeps)};
    typename P::template atomic<std::uint32_t> called{0U};  // the waiter in this place may look again
  };

  /// Calls the waiter after the head.
  void pass_on() {
    for (;;) {
      std::uint32_t const h = head_.load(P::seq_cst);  // seq_cst: as [N1]
      place& at = places_[h];
      std::uint32_t s = at.state.load(P::seq_cst);  // seq_cst: as [N1]
      // seq_cst: as [N1]. On failure relaxed: the value is not used
      if (s == next_sleeps && h != 2 && at.state.compare_exchange_strong(s, quiet, P::seq_cst, P::relaxed)) {
        places_[h + 1].called.store(1, P::seq_cst);  // seq_cst: as [N1]
      } else if (s == quiet && Form == form::repaired) {
        // seq_cst: as [N1]. On failure relaxed: as above
        at.state.compare_exchange_strong(s, marked, P::seq_cst, P::relaxed);
      }
      if (Form == form::as_published || head_.load(P::seq_cst) == h) return;  // seq_cst: as [N1]
    }
  }

  void wait(std::uint32_t me) {
    for (bool looks_again = false;; looks_again = !looks_again) {
      if (looks_again) {
        places_[me - 1].state.store(next_sleeps, P::seq_cst);  // seq_cst: as [N1]
      } else {
        // seq_cst: as [N1]
        P::await(places_[me].called, [](std::uint32_t c) { return c != 0; }, P::seq_cst);
        places_[me].called.store(0, P::seq_cst);  // seq_cst: as [N1]
      }
      std::int64_t const left = take();
      if (left < 0) continue;
      head_.store(me, P::seq_cst);                                         // seq_cst: as [N1]
      bool const mark = places_[me - 1].state.load(P::seq_cst) == marked;  // seq_cst: as [N1]
      if (left > 0 || (Form == form::repaired && mark)) pass_on();
      return;
    }
  }

  /// Takes a permit. Returns how many are left after one was taken; below 0: there was none.
  std::int64_t take() {
    std::int64_t free = permits_.load(P::seq_cst);  // seq_cst: as [N1]
    // seq_cst: as [N1]. On failure relaxed: the next guess
    while (free > 0 && !permits_.compare_exchange_strong(free, free - 1, P::seq_cst, P::relaxed)) {
    }
    return free - 1;
  }

  typename P::template atomic<std::int64_t> permits_{0};
  typename P::template atomic<std::uint32_t> head_{0U};  // the place of the waiter that was served last
  std::array<place, 3> places_;
};

}  // namespace surewake::models::published
