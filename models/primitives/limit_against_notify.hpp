// surewake/models/primitives/limit_against_notify.hpp: two threads wait, the first one with a limit, and one of them is
// notified as the limit passes. Does the notification die with the wait whose time is over?
// Shape      3 threads: impatient waits with a limit, and notifies one if it was notified; patient waits for the flag;
//            notifier sets it and notifies one, inside the mutex.
// Must hold  patient sees the flag (otherwise: deadlock); each is alone inside when its wait is over.
#pragma once

#include <surewake/models/fixture/fixture.hpp>
#include <surewake/models/fixture/monitor.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct limit_against_notify : monitor<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "One of two is notified as the first one's time passes: does the notification die with that wait?",
      .law = "a wait whose time is over ends with the mutex, and takes no notification with it "
             "(`core/primitives/mutex_wait.hpp`, I5)",
      .samples = 8'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"impatient", "patient", "notifier"};

  void thread(unsigned i) {
    auto held = this->lock().lock_blocking();
    switch (i) {
      case 0:
        if (this->changed().wait_blocking_for(held, a_moment)) this->changed().notify_one();
        break;
      case 1: this->changed().wait_blocking(held, [this] { return set_.get(); }); break;
      default: set_.set(true), this->changed().notify_one();
    }
    this->work();
  }

  void after() { this->at_rest(3); }

 private:
  typename P::template plain<bool> set_{false};
};

}  // namespace surewake::models
