// surewake/models/published/cancel_after_commit.hpp: a debt is given back after it was paid. Which thread has what?
//
// Shape      2 threads, 1 permit: a holder releases while the waiter for it is cancelled. Then all comers try.
// Must hold  one permit, one holder (otherwise: broken law).
// Fails      as published, under sequential consistency: the release has brought the counter from -1 to 0 and owes a
//            grant; the cancelled waiter adds its 1 all the same. Now a permit is free, and a grant that no waiter is
//            owed is under way.
// In words   Two people cancel the same debt: one pays it, the other one strikes it off, and the till is short by one.
// Repair     the thread that gives back looks at what was there: if the debt was paid already, one grant must be
//            refused.
// Source     kotlinx.coroutines #1477, found by a proof. Our code; semaphore.hpp, law 3. [@kotlinx1477]
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/models/published/form.hpp>

#include <array>
#include <string>

namespace surewake::models::published {

template <platform P, form Form> class cancel_after_commit {
 public:
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "cancelled"};

  void thread(unsigned i) {
    if (i == 0) {
      // release [K1]: what the holder did, pairs with [K2].
      if (word_.fetch_add(1, P::release) < 0) grant();
    } else {
      cancel();
    }
  }
  void after() {
    int holders = cancelled_has_it_.get() ? 1 : 0;
    // acquire [K2]: what the last holder did, pairs with [K1].
    while (word_.fetch_sub(1, P::acquire) > 0 || early_grant()) ++holders;
    if (holders != 1) P::broken("conservation: one permit, one holder");
  }
  // relaxed: for a report
  [[nodiscard]] std::string state() const { return "word " + std::to_string(word_.load(P::relaxed)); }

 private:
  void grant() {
    lock_.lock();
    if (refuse_.get() != 0) {
      refuse_.set(refuse_.get() - 1);
    } else if (waiting_.get()) {
      waiting_.set(false);
    } else {
      early_.set(early_.get() + 1);
    }
    lock_.unlock();
  }

  void cancel() {
    lock_.lock();
    if (waiting_.get()) {
      waiting_.set(false);
      // relaxed: no data changes hands with a debt.
      bool const paid = word_.fetch_add(1, P::relaxed) >= 0;
      if (paid && Form == form::repaired) refuse_.set(refuse_.get() + 1);
    } else {
      cancelled_has_it_.set(true);  // the grant came first
    }
    lock_.unlock();
  }

  // Returns whether a grant lies in the queue for the thread that arrives now.
  bool early_grant() {
    bool const there = early_.get() != 0;
    if (there) early_.set(early_.get() - 1);
    return there;
  }

  typename P::template atomic<std::int64_t> word_{-1};  // the holder has the permit, the other one waits
  typename P::mutex lock_;
  typename P::template plain<bool> waiting_{true};  // the queue, which holds one waiter at most; under lock_
  typename P::template plain<int> early_{0};        // grants that came before their waiters; under lock_
  typename P::template plain<int> refuse_{0};       // grants to drop, because their debt was given back; under lock_
  typename P::template plain<bool> cancelled_has_it_{false};
};

}  // namespace surewake::models::published
