// surewake/models/published/pushed_back_late.hpp: a notifier takes the waiter out to ask whether its condition holds,
// and puts it back when it does not. Which notifier finds the waiter meanwhile?
//
// Shape      3 threads: a waiter waits until the count is 2; two notifiers add one each, and notify.
// Must hold  the waiter wakes (otherwise: deadlock).
// Fails      as published, under sequential consistency: the first notifier takes the waiter out and sees 1; the second
//            one adds, finds no waiter to notify, and leaves; the first one puts the waiter back, for ever.
// In words   While one doorman asks the guest for a ticket, the other one finds the door deserted and goes home.
// Repair     the condition is asked for where the waiter is in the list, under the lock under which others look for it.
// Source     libcoro #398 (`condition_variable::notify_one` and `notify_all`). Our code. [@libcoro398]
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/models/published/form.hpp>

#include <array>
#include <string>

namespace surewake::models::published {

template <platform P, form Form> class pushed_back_late {
 public:
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"waiter", "first notifier", "second notifier"};

  void thread(unsigned i) {
    if (i != 0) {
      lock_.lock();
      count_.set(count_.get() + 1);
      lock_.unlock();
      return notify();
    }
    lock_.lock();
    bool const waits = count_.get() != 2;
    listed_.set(waits);
    lock_.unlock();
    // acquire [U1]: what the notifiers did, pairs with [U2].
    if (waits) P::await(woken_, [](std::uint32_t w) { return w != 0; }, P::acquire);
  }
  void after() {}
  [[nodiscard]] std::string state() const {
    return "count " + std::to_string(count_.get()) + (listed_.get() ? ", the waiter is listed" : "");
  }

 private:
  void notify() {
    lock_.lock();
    if (listed_.get()) {
      if (Form == form::as_published) {
        listed_.set(false);
        bool const ready = count_.get() == 2;
        lock_.unlock();  // and the condition is asked for, which may take long
        if (ready) return wake();
        lock_.lock();
        listed_.set(true);
      } else if (count_.get() == 2) {
        listed_.set(false);
        lock_.unlock();
        return wake();
      }
    }
    lock_.unlock();
  }

  void wake() {
    // release [U2]: what the notifiers did, pairs with [U1].
    woken_.store(1, P::release);
  }

  typename P::mutex lock_;
  typename P::template plain<int> count_{0};        // under lock_
  typename P::template plain<bool> listed_{false};  // under lock_
  typename P::template atomic<std::uint32_t> woken_{0U};
};

}  // namespace surewake::models::published
