// surewake/models/uring/uring_stopped_alone.hpp: another thread stops the only coroutine that waits on a ring. Does the
// ring's thread learn of it, and who frees what the two share, where the ring has gone?
// Shape      2 threads: stopper asks the waiter to stop, then releases the only permit; sleeper has a ring with the
//            waiter. It runs the ring as long as a coroutine waits there, or destroys it.
// Must hold  the waiter ends once; the loop ends (otherwise: deadlock); one permit is free in the end.
#pragma once

#include <surewake/models/uring/uring_fixture.hpp>

namespace surewake::models {

enum class its_ring { runs, goes };

template <platform P, template <class> class Queue, class Discipline, class Ring, its_ring Then>
struct uring_stopped_alone : uring_fixture<P, Queue, Discipline, Ring> {
  static constexpr model_facts facts{
      .question = "Another thread stops the only waiter of a ring, which runs or goes: who learns of it?",
      .law = "a waiter that another thread stops keeps no ring awake, and nothing of a ring that has gone"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"stopper", "sleeper"};

  uring_stopped_alone() : uring_stopped_alone::uring_fixture(1, 1) {}

  void thread(unsigned i) {
    if (i == 0) {
      source_.request_stop();
      return this->held().release();
    }
    Ring ring;
    start_detached<P>(this->visit_or_stop(source_, ended_));
    ring.poll();  // armed
    if constexpr (Then == its_ring::runs) ring.run();
  }

  void after() {
    if (ended_.get() != 1) P::broken("lost wakeup: a stopped coroutine has not ended once");
    at_rest(this->limit(), 1);
  }

 private:
  stop_source<P> source_{};
  ghost<P> ended_{};
};

}  // namespace surewake::models
