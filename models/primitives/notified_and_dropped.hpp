// surewake/models/primitives/notified_and_dropped.hpp: the holder of a mutex notifies the first of two coroutines, and
// destroys it before it has the mutex, which a third party wants too. Who hears of the notification?
// Shape      2 threads; two coroutines wait from the beginning. dropper notifies one and destroys the first, inside the
//            mutex; other locks and unlocks.
// Must hold  the second coroutine is notified, and the mutex is free.
#pragma once

#include <surewake/models/fixture/fixture.hpp>
#include <surewake/models/fixture/monitor.hpp>

#include <array>
#include <optional>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct notified_and_dropped : monitor<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A coroutine is notified, and destroyed before it has the mutex: who hears of the notification?",
      .law = "a coroutine that is destroyed passes its notification on (`core/primitives/mutex_wait.hpp`, I5)",
      .samples = 5'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"dropper", "other"};

  notified_and_dropped() : first_(wait(*this)) { start_detached<P>(this->wait_once(second_)); }

  void thread(unsigned i) {
    auto const held = this->lock().lock_blocking();
    if (i == 0) {
      this->changed().notify_one();
      first_.reset();
    }
    this->work();
  }

  void after() {
    if (ran_.get() != 0) P::broken("a coroutine went on although it was destroyed");
    if (second_.get() != 1) P::broken("lost notification: it died with the coroutine that was destroyed");
    this->at_rest(3);
  }

 private:
  static destroyed_while_waiting<P> wait(notified_and_dropped& self) {
    auto held = co_await self.lock().lock();
    co_await self.changed().wait(held);
    self.ran_.add(1);
  }

  ghost<P> ran_{}, second_{};
  std::optional<destroyed_while_waiting<P>> first_;
};

}  // namespace surewake::models
