// surewake/models/primitives/notify_all_inside.hpp: a thread and a coroutine wait for a flag, and all are notified by a
// holder of the mutex. Does each get in, alone, and after the notifier?
// Shape      2 threads; a coroutine waits from the beginning. sleeper waits, blocking; notifier sets the flag, notifies
//            all, and works on, inside the mutex.
// Must hold  both see the flag (otherwise: deadlock, broken law); each is alone inside, as is the notifier.
#pragma once

#include <surewake/models/fixture/monitor.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct notify_all_inside : monitor<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Two wait for a flag, and the holder that sets it notifies all: does each get in, alone?",
      .law = "all that are notified get in, one after the other, when the notifier has left "
             "(`core/primitives/condition_variable.hpp`, I3)",
      .samples = 5'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"sleeper", "notifier"};

  notify_all_inside() { start_detached<P>(wait()); }

  void thread(unsigned i) {
    auto held = this->lock().lock_blocking();
    if (i == 0) {
      this->changed().wait_blocking(held, [this] { return set_.get(); });
    } else {
      set_.set(true);
      this->changed().notify_all();
    }
    this->work();
  }

  void after() {
    if (ended_.get() != 1) P::broken("lost notification: a coroutine waits and nobody will resume it");
    this->at_rest(3);
  }

 private:
  task<void, P> wait() {
    auto held = co_await this->lock().lock();
    while (!set_.get()) {
      co_await this->changed().wait(held);
    }
    this->work();
    ended_.add(1);
  }

  typename P::template plain<bool> set_{false};
  ghost<P> ended_{};
};

}  // namespace surewake::models
