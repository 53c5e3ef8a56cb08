// surewake/models/primitives/limit_against_notify.hpp: a thread waits with a limit, and a coroutine after it without
// one. One is notified as the limit passes. Who is it?
// Shape      2 threads: impatient makes the coroutine wait for the mutex, and waits with a limit itself; notifier
//            notifies one inside the mutex.
// Must hold  each is inside when its wait is over. Where the notifier found both waiting exactly one is notified.
#pragma once

#include <surewake/models/fixture/fixture.hpp>
#include <surewake/models/fixture/monitor.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct limit_against_notify : monitor<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A thread's limit passes as one of two waiters is notified: is one notified, and is each inside?",
      .law = "a wait whose time is over ends with the mutex, and takes no notification with it "
             "(`core/primitives/mutex_wait.hpp`, I5)",
      .samples = 20'000, .preemptions = 2};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"impatient", "notifier"};

  void thread(unsigned i) {
    auto held = this->lock().lock_blocking();
    if (i == 0) {
      start_detached<P>(this->wait_once(patient_));
      if (this->changed().wait_blocking_for(held, a_moment)) impatient_.add(1);
    } else {
      if (this->changed().waiters() == 2) both_.add(1);
      this->changed().notify_one();
    }
    this->work();
  }

  void after() {
    std::int64_t const notified = patient_.get() + impatient_.get();
    if (both_.get() != 0 && notified < 1) P::broken("lost notification: it died with the wait that was given up");
    if (notified > 1) P::broken("one notification was had by two");
    this->changed().notify_all();
    this->at_rest(3);
  }

 private:
  ghost<P> patient_{}, impatient_{}, both_{};
};

}  // namespace surewake::models
