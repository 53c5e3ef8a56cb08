// surewake/models/uring/uring_second_ring.hpp: a coroutine waited on a ring that was destroyed. By now its thread has
// another ring, on which a second coroutine waits, and asks the first one to stop as its permit comes. Which thread
// runs it?
// Shape      2 threads: granter releases the only permit; sleeper has a ring, which is destroyed with a waiter, then
//            another ring with a waiter, stops the first waiter, and runs the second ring.
// Must hold  the first waiter ends once, with the permit or without; the second waiter gets the permit then (otherwise:
//            deadlock), on its ring's thread.
// Seen       in uring_per_waiter (S5): the first waiter was taken for the second one, which has its slot by then
#pragma once

#include <surewake/models/uring/uring_fixture.hpp>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline, class Ring>
struct uring_second_ring : uring_fixture<P, Queue, Discipline, Ring> {
  static constexpr model_facts facts{
      .question = "A ring has gone, its thread has another one, and stops the first one's waiter: where is it run?",
      .law = "a waiter of a ring that has gone is not taken for a waiter of the next one"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"granter", "sleeper"};

  uring_second_ring() : uring_second_ring::uring_fixture(1, 1) {}

  void thread(unsigned i) {
    if (i == 0) return this->held().release();
    {
      Ring first;
      start_detached<P>(this->visit_or_stop(source_, ended_));
      first.poll();
    }
    Ring second;
    start_detached<P>(this->visit(over_));
    source_.request_stop();
    second.run_until([this] { return over_.get() == 1; });
  }

  void after() {
    if (ended_.get() != 1) P::broken("lost wakeup: a stopped coroutine has not ended once");
    at_rest(this->limit(), 1);
  }

 private:
  stop_source<P> source_{};
  ghost<P> ended_{};
  ghost<P> over_{};
};

}  // namespace surewake::models
