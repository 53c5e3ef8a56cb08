// surewake/models/published/signal_of_before.hpp: a notification is a permit that any waiter may take. What if one
// takes it that came after the notification?
//
// Shape      2 threads on one condition: early waits, and notifies one once the other has begun to wait; later sees it
//            waiting, notifies one, and then waits itself.
// Must hold  both go on (otherwise: deadlock).
// Fails      as published, under sequential consistency: later leaves a permit for early, waits, finds the permit, and
//            goes on. Early wakes, finds none, and sleeps for ever; nobody notifies it again.
// In words   A parcel for the neighbour is left at the door, and the next one who rings takes it.
// Repair     each notification has a number, and a waiter takes only those that are younger than its wait.
// Source     endive #106 (the wait and notify of WebAssembly's atomics). Our code. [@endive106]
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/models/published/form.hpp>

#include <array>
#include <string>

namespace surewake::models::published {

template <platform P, form Form> class signal_of_before {
 public:
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"early", "later"};

  void thread(unsigned i) {
    if (i == 0) {
      wait();
      // relaxed: only that it has come; the lock orders the rest.
      P::await(came_, [](std::uint32_t n) { return n == 2; }, P::relaxed);
      notify();
    } else {
      // relaxed: as above
      P::await(came_, [](std::uint32_t n) { return n != 0; }, P::relaxed);
      notify();
      wait();
    }
  }
  void after() {
    if (permits_.get() != 0) P::broken("a notification was left over");
  }
  // relaxed: for a report
  [[nodiscard]] std::string state() const { return std::to_string(came_.load(P::relaxed)) + " came to wait"; }

 private:
  void wait() {
    lock_.lock();
    // relaxed: written under the lock; here and below.
    std::uint32_t const began = notified_.load(P::relaxed);
    waiting_.set(waiting_.get() + 1);
    came_.store(came_.load(P::relaxed) + 1, P::relaxed);  // relaxed: as above
    for (std::uint32_t seen = began; !take(began);) {
      lock_.unlock();
      // relaxed: only when to look again.
      seen = P::await(notified_, [seen](std::uint32_t n) { return n != seen; }, P::relaxed);
      lock_.lock();
    }
    waiting_.set(waiting_.get() - 1);
    lock_.unlock();
  }

  /// Takes a notification, if there is one for a wait that began when `began` had been issued.
  bool take(std::uint32_t began) {
    bool const is_mine = Form == form::as_published || youngest_.get() > began;
    if (permits_.get() == 0 || !is_mine) return false;
    permits_.set(permits_.get() - 1);
    return true;
  }

  void notify() {
    lock_.lock();
    // relaxed: as in wait().
    std::uint32_t const number = notified_.load(P::relaxed) + 1;
    if (waiting_.get() > permits_.get()) {
      permits_.set(permits_.get() + 1);
      youngest_.set(number);
    }
    notified_.store(number, P::relaxed);  // relaxed: as in wait()
    lock_.unlock();
  }

  typename P::mutex lock_;
  typename P::template plain<std::uint32_t> waiting_{0U};
  typename P::template atomic<std::uint32_t> came_{0U};      // waits ever
  typename P::template atomic<std::uint32_t> notified_{0U};  // notifications ever; what waiters sleep on
  typename P::template plain<std::uint32_t> permits_{0U};    // notifications that are not taken
  typename P::template plain<std::uint32_t> youngest_{0U};   // the number of the last permit
};

}  // namespace surewake::models::published
