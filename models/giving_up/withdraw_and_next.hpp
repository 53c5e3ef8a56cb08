// surewake/models/giving_up/withdraw_and_next.hpp: the waiter that is woken has given up. Does the next one wake?
// Shape      3 threads: holder releases; impatient acquires with a time limit; patient acquires; 1 permit.
// Must hold  the patient one gets the permit (otherwise: deadlock), whichever came first; one permit is free in the
//            end.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct withdraw_and_next : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "The waiter that is woken has given up: does the next one wake?",
      .law = "the wake does not die with the waiter that gave up",
      .samples = 15'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"holder", "impatient", "patient"};

  withdraw_and_next() : withdraw_and_next::fixture(1, 1) {}

  void thread(unsigned i) {
    switch (i) {
      case 0: return this->held().release();
      case 1: return static_cast<void>(this->limit().try_acquire_for(a_moment));
      default: return static_cast<void>(this->limit().acquire_blocking());
    }
  }

  void after() { at_rest(this->limit(), 1); }
};

}  // namespace surewake::models
