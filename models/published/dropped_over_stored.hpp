// surewake/models/published/dropped_over_stored.hpp: a listener that was notified with all others is dropped, and
// writes down that nothing is stored. What if a notification was stored since?
//
// Shape      2 threads, one that listens: notifier notifies all, then one; listener is dropped.
// Must hold  the notification for one is stored, or reached the listener before it was dropped (otherwise: broken law).
// Fails      as published, under sequential consistency: the notification for all takes the listener out; the one for
//            one finds nobody and is stored; the listener that is dropped writes `empty` over it.
// In words   The last one to leave clears the table, also of the letter that came for the next guest.
// Repair     the listener writes `empty` only over `waiting`.
// Source     tokio #3652 (`Drop` of `Notified`). Our code. [@tokio3652]
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/models/published/form.hpp>

#include <array>
#include <string>

namespace surewake::models::published {

template <platform P, form Form> class dropped_over_stored {
 public:
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"notifier", "listener"};

  dropped_over_stored() {
    listens_.set(true);
    state_.set(waiting);
    heard_.set(false);
  }

  void thread(unsigned i) {
    if (i != 0) return drop();
    lock_.lock();
    listens_.set(false);  // all are notified
    state_.set(empty);
    lock_.unlock();
    notify_one();
  }
  void after() {
    if (state_.get() != stored && !heard_.get()) P::broken("lost wakeup: a stored notification vanished");
  }
  [[nodiscard]] std::string state() const { return std::to_string(state_.get()); }

 private:
  enum what : std::uint32_t { empty, waiting, stored };

  void notify_one() {
    lock_.lock();
    if (listens_.get()) heard_.set(true);
    else state_.set(stored);
    lock_.unlock();
  }
  void drop() {
    lock_.lock();
    listens_.set(false);
    if (Form == form::as_published || state_.get() == waiting) state_.set(empty);  // it was the last in the list
    lock_.unlock();
  }

  typename P::mutex lock_;
  typename P::template plain<bool> listens_, heard_;  // under lock_
  typename P::template plain<std::uint32_t> state_;   // under lock_
};

}  // namespace surewake::models::published
