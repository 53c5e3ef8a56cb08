// surewake/models/primitives/notification_passed_on.hpp: of two that wait one is notified while the first one is
// stopped, and a third party holds the mutex at times. Does the notification die with the wait that was given up?
// Shape      3 threads; a stoppable coroutine and another one wait from the beginning. notifier notifies one, stopper
//            requests the stop, holder locks and unlocks.
// Must hold  exactly one of the two is notified, and the first one goes on in any case.
#pragma once

#include <surewake/models/fixture/monitor.hpp>
#include <surewake/models/fixture/stop_source.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct notification_passed_on : monitor<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Of two that wait one is notified while the first one gives up: does the notification die with it?",
      .law = "a wait that is given up leaves its notification to the next (`core/primitives/notification.hpp`, I2)",
      .samples = 8'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"notifier", "stopper", "holder"};

  notification_passed_on() {
    start_detached<P>(wait());
    start_detached<P>(this->wait_once(second_));
  }

  void thread(unsigned i) {
    switch (i) {
      case 0: return this->changed().notify_one();
      case 1: return source_.request_stop();
      default: {
        auto const held = this->lock().lock_blocking();
        this->work();
      }
    }
  }

  void after() {
    if (ended_.get() != 1) P::broken("a stopped wait did not end exactly once");
    if (first_.get() + second_.get() < 1) P::broken("lost notification: it died with the wait that was given up");
    if (first_.get() + second_.get() > 1) P::broken("one notification was had by two");
    this->changed().notify_all();
    this->at_rest(3);
  }

 private:
  task<void, P> wait() {
    auto held = co_await this->lock().lock();
    bool const notified = co_await this->changed().wait(held, stop_signal<P>{&source_});
    this->work();
    ended_.add(1);
    if (notified) first_.add(1);
  }

  stop_source<P> source_{};
  ghost<P> ended_{}, first_{}, second_{};
};

}  // namespace surewake::models
