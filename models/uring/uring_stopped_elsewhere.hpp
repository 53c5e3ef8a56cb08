// surewake/models/uring/uring_stopped_elsewhere.hpp: two coroutines wait on a ring; another thread asks the first one
// to stop, as the permit comes from a third thread. Which thread runs it, and can the ring's thread leave its loop?
// Shape      3 threads: granter releases the only permit; stopper asks the first waiter to stop; sleeper has a ring,
//            which it runs as long as a coroutine waits there.
// Must hold  each coroutine ends once; the loop ends (otherwise: deadlock); one permit is free in the end.
#pragma once

#include <surewake/models/uring/uring_fixture.hpp>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline, class Ring>
struct uring_stopped_elsewhere : uring_fixture<P, Queue, Discipline, Ring> {
  static constexpr model_facts facts{
      .question = "A ring's waiter is stopped by one thread and granted by another: who runs it?",
      .law = "a waiter that another thread stops keeps no ring awake, beside one that waits on"};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"granter", "stopper", "sleeper"};

  uring_stopped_elsewhere() : uring_stopped_elsewhere::uring_fixture(1, 1) {}

  void thread(unsigned i) {
    if (i == 0) return this->held().release();
    if (i == 1) return source_.request_stop();
    Ring ring;
    start_detached<P>(this->visit_or_stop(source_, over_));
    start_detached<P>(this->visit(over_));
    ring.run();
  }

  void after() {
    if (over_.get() != 2) P::broken("lost wakeup: a stopped coroutine waits and nobody will resume it");
    at_rest(this->limit(), 1);
  }

 private:
  stop_source<P> source_{};
  ghost<P> over_{};
};

}  // namespace surewake::models
