// surewake/models/primitives/notify_against_wait.hpp: one waits for a flag, another one sets it and notifies after it
// has unlocked. Can the notification come between the look at the flag and the wait?
// Shape      2 threads: waiter waits, inside the mutex, until the flag is set; notifier sets it, unlocks, notifies.
// Must hold  the waiter sees the flag (otherwise: deadlock), and is inside afterwards.
#pragma once

#include <surewake/models/fixture/monitor.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct notify_against_wait : monitor<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A flag is set and notified while another one looks at it and waits: is the notification lost?",
      .law = "a notifier that has held the mutex finds each waiter that has unlocked it "
             "(`core/primitives/mutex_wait.hpp`, I1)",
      .samples = 5'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"waiter", "notifier"};

  void thread(unsigned i) {
    {
      auto held = this->lock().lock_blocking();
      if (i == 0) this->changed().wait_blocking(held, [this] { return set_.get(); });
      else set_.set(true);
      this->work();
    }
    if (i != 0) this->changed().notify_one();
  }

  void after() { this->at_rest(2); }

 private:
  typename P::template plain<bool> set_{false};
};

}  // namespace surewake::models
