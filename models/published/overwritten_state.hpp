// surewake/models/published/overwritten_state.hpp: one word holds "a notification is stored" and a count of rounds. May
// the count be stored back under a lock that the notification does not take?
//
// Shape      2 threads: one notifies nobody in particular, which stores a notification; one notifies all, which counts
//            a round. Then a waiter comes for the notification.
// Must hold  the notification is there (otherwise: broken law).
// Fails      as published, under sequential consistency: notify-all reads the word, notify-one sets its bit in it,
//            notify-all stores what it read, plus a round.
// In words   Two people write on one page; one of them writes on a copy of it, which replaces the page.
// Repair     the round is counted by a read-modify-write.
// Source     tokio #3660 (`Notify::notify_waiters`). Our code. [@tokio3660]
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/models/published/form.hpp>

#include <array>
#include <string>

namespace surewake::models::published {

template <platform P, form Form> class overwritten_state {
 public:
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"notifies one", "notifies all"};

  void thread(unsigned i) {
    if (i == 0) {
      // release [Q1]: what the notifier did, pairs with [Q2].
      word_.fetch_or(stored, P::release);
    } else if (Form == form::as_published) {
      word_.store(word_.load(P::relaxed) + round, P::relaxed);  // relaxed: nobody waits, so nothing is published
    } else {
      word_.fetch_add(round, P::relaxed);  // relaxed: as above
    }
  }
  void after() {
    // acquire [Q2]: what the notifier did, pairs with [Q1].
    std::uint32_t const seen = word_.load(P::acquire);
    if ((seen & stored) == 0) P::broken("lost wakeup: a stored notification vanished");
    if (seen < round) P::broken("a round was not counted");
  }
  // relaxed: for a report
  [[nodiscard]] std::string state() const { return "word " + std::to_string(word_.load(P::relaxed)); }

 private:
  static constexpr std::uint32_t stored = 1, round = 2;
  typename P::template atomic<std::uint32_t> word_{0U};
};

}  // namespace surewake::models::published
