// surewake/models/closing/close_against_acquire.hpp: the semaphore is closed while acquires come and wait. Is any of
// them forgotten?
// Shape      2 threads: closer; visitor starts a coroutine that acquires, and then acquires itself; the permit is out.
// Must hold  both acquires end with closed_error (otherwise: deadlock, or a waiter left asleep); the permit may come
//            back.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct close_against_acquire : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "The semaphore is closed while acquires come and wait: is anybody left behind?",
      .law = "no waiter is forgotten by close()",
      .samples = 15'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"closer", "visitor"};

  close_against_acquire() : close_against_acquire::fixture(1, 1) {}

  void thread(unsigned i) {
    if (i == 0) return this->limit().close();
    start_detached<P>(wait_for_close());
    if (this->visit_unless_closed()) P::broken("phantom grant: somebody was granted a permit that another one holds");
  }

  void after() {
    if (refused_.get() != 1) P::broken("lost wakeup: close() left somebody waiting");
    this->held().release();
    at_rest_closed(this->limit(), 1);
  }

 private:
  task<void, P> wait_for_close() {
    try {
      static_cast<void>(co_await this->limit().acquire());
    } catch (closed_error const&) {
      refused_.add(1);
    }
  }

  ghost<P> refused_{};
};

}  // namespace surewake::models
