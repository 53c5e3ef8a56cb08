// surewake/models/uring/uring_slot_again.hpp: a coroutine waited on a ring that was destroyed, and is granted by
// another thread. Its thread has another ring by then, and what the first coroutine slept in serves a second one. The
// thread ends. Is the granter done with it?
// Shape      2 threads: granter releases the only permit; sleeper has a ring, which is destroyed with a waiter that
//            keeps its permit, then another ring with a waiter, which it stops.
// Must hold  each waiter ends once; nothing is touched that has ended.
#pragma once

#include <surewake/models/uring/uring_fixture.hpp>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline, class Ring>
struct uring_slot_again : uring_fixture<P, Queue, Discipline, Ring> {
  static constexpr model_facts facts{
      .question = "A waiter's place on a ring is used again after its ring has gone: is its granter done with it?",
      .law = "a granter is done with a waiter's place on a ring that has gone before it is used again"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"granter", "sleeper"};

  uring_slot_again() : uring_slot_again::uring_fixture(1, 1) {}

  void thread(unsigned i) {
    if (i == 0) return this->held().release();
    {
      Ring first;
      start_detached<P>(this->keep(kept_));
      first.poll();  // armed
    }
    Ring second;
    start_detached<P>(this->visit_or_stop(source_, ended_));
    source_.request_stop();
    second.poll();
  }

  void after() {
    if (ended_.get() != 1) P::broken("lost wakeup: a stopped coroutine has not ended once");
    kept_.release();
    at_rest(this->limit(), 1);
  }

 private:
  stop_source<P> source_{};
  ghost<P> ended_{};
  typename uring_slot_again::permit kept_{};
};

}  // namespace surewake::models
