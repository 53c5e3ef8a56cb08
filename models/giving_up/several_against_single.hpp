// surewake/models/giving_up/several_against_single.hpp: the first waiter wants two permits, has one set aside, and
// leaves. Which waiter gets that one?
// Shape      3 threads: holder of two releases one and keeps the other; a waiter of two, with a time limit; a waiter of
//            one.
// Must hold  the waiter of one gets the permit (otherwise: deadlock), whichever came first, and sees the holder's work;
//            nothing stays set aside.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct several_against_single : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "The first waiter wants two, has one set aside, and leaves: who gets that one?",
      .law = "what was set aside for a waiter that leaves goes to the next",
      .samples = 15'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"holder", "wants two", "wants one"};

  several_against_single() : several_against_single::fixture(2, 2) {}

  void thread(unsigned i) {
    switch (i) {
      case 0: work_.set(1); return this->held().split(1).release();
      case 1:
        if (auto const both = this->limit().try_acquire_for(a_moment, 2)) {
          P::broken("conservation: two permits were got, one is in use");
        }
        return;
      default:
        auto const p = this->limit().acquire_blocking();
        if (work_.get() != 1) P::broken("visibility: the work of a holder was lost");
    }
  }

  void after() {
    this->held().release();
    at_rest(this->limit(), 2);
  }

 private:
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
