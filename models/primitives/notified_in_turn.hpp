// surewake/models/primitives/notified_in_turn.hpp: one waits, a notification is issued for it, and then another one
// waits. Can the later one take it?
// Shape      2 threads: early starts a coroutine that waits; notifier looks whether that one is counted, notifies one,
//            without the mutex, and starts a second coroutine that waits.
// Must hold  where the notifier saw it counted the first coroutine is notified, and the second one is not.
#pragma once

#include <surewake/models/fixture/monitor.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct notified_in_turn : monitor<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A notification is issued for one waiter, and then another one comes: who gets it?",
      .law = "a waiter that comes after a notification does not take it from an earlier one "
             "(`core/primitives/mutex_wait.hpp`, I1)",
      .samples = 12'000, .preemptions = 2};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"early", "notifier"};

  void thread(unsigned i) {
    if (i == 0) return start_detached<P>(this->wait_once(early_));
    bool const waits = this->changed().waiters() == 1;
    this->changed().notify_one();
    if (!waits) return;
    saw_.add(1);
    start_detached<P>(this->wait_once(late_));
  }

  void after() {
    bool const saw = saw_.get() != 0;
    if (saw && early_.get() != 1) P::broken("stolen: the notification went to a waiter that came later, or to nobody");
    if (late_.get() != 0) P::broken("stolen: a waiter took a notification that was issued before it came");
    this->changed().notify_all();
    this->at_rest(saw ? 2 : 1);
  }

 private:
  ghost<P> early_{}, late_{}, saw_{};
};

}  // namespace surewake::models
