// surewake/models/giving_up/withdraw_against_grant.hpp: a waiter gives up at the moment it is granted. Can the permit
// vanish, or double?
// Shape      2 threads: holder releases; impatient acquires with a time limit, and releases what it got; 1 permit.
// Must hold  one permit is free in the end, and the queue remembers nothing (laws 1, 3).
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct withdraw_against_grant : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A waiter gives up at the moment it is granted: can the permit vanish, or double?",
      .law = "the permit neither vanishes nor doubles",
      .samples = 15'000, .preemptions = 4, .complete = "mutex_deque"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "impatient"};

  withdraw_against_grant() : withdraw_against_grant::fixture(1, 1) {}

  void thread(unsigned i) {
    if (i == 0) {
      work_.set(1);
      this->held().release();
    } else if (auto const p = this->limit().try_acquire_for(a_moment)) {
      if (work_.get() != 1) P::broken("visibility: the work of a holder was lost");
    }
  }

  void after() { at_rest(this->limit(), 1); }

 private:
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
