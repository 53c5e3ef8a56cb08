// surewake/models/published/coalescing_notify.hpp: two notifications count as one. Which listener gets the second
// permit?
//
// Shape      3 threads, no permit: two listen, acquire and keep; one releases twice, each time with notify(1).
// Must hold  both get a permit (otherwise: deadlock, with a permit free).
// Fails      as published, under sequential consistency: notify(1) means "let one listener be notified", and while the
//            first one has not run yet that is already so. The second listener sleeps on beside the second permit.
// In words   "Somebody knows" is enough for news, but not for parcels: two parcels need two to be told.
// Repair     each release notifies one listener more (notify_additional).
// Source     async-lock `Semaphore` over event-listener. Our code. [@asynclock]
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/models/published/form.hpp>

#include <array>
#include <string>

namespace surewake::models::published {

template <platform P, form Form> class coalescing_notify {
 public:
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"releaser", "first", "second"};

  void thread(unsigned i) {
    if (i != 0) return acquire(listeners_[i - 1]);
    for (int n = 0; n < 2; ++n) {
      // release [E1]: what the holder did, pairs with [E2].
      count_.fetch_add(1, P::release);
      // seq_cst [E3]: forbids finding no listener while the listener reads the old count, pairs with [E3].
      P::fence(P::seq_cst);
      notify();
    }
  }
  void after() {
    if (count_.load(P::relaxed) != 0) P::broken("conservation: both permits are taken");  // relaxed: alone
  }
  // relaxed: for a report
  [[nodiscard]] std::string state() const { return std::to_string(count_.load(P::relaxed)) + " free"; }

 private:
  struct listener {
    typename P::template plain<bool> listed{false};          // under lock_
    typename P::template atomic<std::uint32_t> notified{0};  // set under lock_
  };

  bool try_acquire() {
    std::uint32_t free = count_.load(P::relaxed);  // relaxed: the exchange below orders
    // acquire [E2]: what the last holder did, pairs with [E1].
    while (free != 0 && !count_.compare_exchange_strong(free, free - 1, P::acquire, P::relaxed)) {
    }
    return free != 0;
  }

  void acquire(listener& me) {
    while (!try_acquire()) {
      lock_.lock();
      me.listed.set(true);
      me.notified.store(0, P::relaxed);  // relaxed: under the lock
      lock_.unlock();
      P::fence(P::seq_cst);  // seq_cst: as [E3]
      bool const got = try_acquire();
      // relaxed: a notification means: try again.
      if (!got) P::await(me.notified, [](std::uint32_t n) { return n != 0; }, P::relaxed);
      lock_.lock();
      me.listed.set(false);
      // A notification that found its listener served already goes to the next.
      bool const pass_on = got && me.notified.load(P::relaxed) != 0;  // relaxed: under the lock
      lock_.unlock();
      if (pass_on) notify();
      if (got) return;
    }
  }

  void notify() {
    lock_.lock();
    for (listener& l : listeners_) {
      if (!l.listed.get()) continue;
      if (l.notified.load(P::relaxed) == 0) {  // relaxed: under the lock
        l.notified.store(1, P::relaxed);       // relaxed: as above
        break;
      }
      if (Form == form::as_published) break;  // one is notified already: that is enough, it says
    }
    lock_.unlock();
  }

  typename P::template atomic<std::uint32_t> count_{0};
  typename P::mutex lock_;
  std::array<listener, 2> listeners_;
};

}  // namespace surewake::models::published
