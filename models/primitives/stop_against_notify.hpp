// surewake/models/primitives/stop_against_notify.hpp: a coroutine waits, its stop is requested, and it is notified: all
// at once, while another one holds the mutex at times. How often does it go on, and with the mutex?
// Shape      3 threads: registrant starts the coroutine; notifier notifies inside the mutex; stopper requests the stop.
// Must hold  the coroutine goes on exactly once, alone inside. Where the notifier found it waiting and it was not
//            notified, nothing of the notification is left.
#pragma once

#include <surewake/models/fixture/monitor.hpp>
#include <surewake/models/fixture/stop_source.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct stop_against_notify : monitor<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A coroutine waits, is stopped and notified, all at once: does it go on once, with the mutex?",
      .law = "a wait that is stopped and notified ends once, with the mutex (`core/primitives/mutex_wait.hpp`, I4)",
      .samples = 9'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"registrant", "notifier", "stopper"};

  void thread(unsigned i) {
    switch (i) {
      case 0: return start_detached<P>(wait());
      case 1: return notify();
      default: return source_.request_stop();
    }
  }

  void after() {
    if (ended_.get() != 1) P::broken("a stopped wait did not end exactly once");
    this->at_rest(2);
  }

 private:
  task<void, P> wait() {
    auto held = co_await this->lock().lock();
    co_await this->changed().wait(held, stop_signal<P>{&source_});
    this->work();
    ended_.add(1);
  }
  void notify() {
    auto const held = this->lock().lock_blocking();
    this->work();
    this->changed().notify_one();
  }

  stop_source<P> source_{};
  ghost<P> ended_{};
};

}  // namespace surewake::models
