// surewake/models/giving_up/several_and_one_leaves.hpp: one waiter wants two permits, one wants one, others want one
// and leave. Does the next permit still reach the waiter that can use it?
// Shape      2 threads, 3 permits, which are held: holder releases one; visitor starts a coroutine that acquires two
//            and one that acquires one; before the second one, and after it, it acquires one with a time limit.
// Must hold  no waiter sleeps while the permit it wants is free (law 2): under barging the waiter of one gets it,
//            whichever was woken before; under hand_off the waiter of two comes first.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct several_and_one_leaves : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "One wants two, one wants one, one leaves: does the next permit reach the one that can use it?",
      .law = "one wants two, one wants one, others leave: the next permit is used",
      .samples = 15'000, .preemptions = 2};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "visitor"};

  several_and_one_leaves() : several_and_one_leaves::fixture(3, 3) {}

  void thread(unsigned i) {
    if (i == 0) return this->held().split(1).release();
    start_detached<P>(this->keep(two_, 2));
    static_cast<void>(this->limit().try_acquire_for(a_moment));
    start_detached<P>(this->keep(one_));
    static_cast<void>(this->limit().try_acquire_for(a_moment));
  }

  void after() {
    if (!one_ && !this->in_turn) P::broken("lost wakeup: somebody sleeps while the permit it wants is free");
    this->held().release();
    if (!one_ || !two_) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    at_rest(this->limit(), 0);
  }

 private:
  typename several_and_one_leaves::permit two_{};
  typename several_and_one_leaves::permit one_{};
};

}  // namespace surewake::models
