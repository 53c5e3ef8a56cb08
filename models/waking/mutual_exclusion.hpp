// surewake/models/waking/mutual_exclusion.hpp: two threads share one permit. Is each alone inside, and does it see the
// other's work?
// Shape      2 threads, 1 permit; each acquires, adds to plain data, releases.
// Must hold  no race on the data (law 8); both get in (otherwise: deadlock); their work adds up.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct mutual_exclusion : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Two threads share one permit: is each alone inside, and does it see the other's work?",
      .law = "alone inside, and sees the last holder's work",
      .samples = 15'000, .preemptions = 4, .complete = "mutex_deque"};
  static constexpr unsigned threads = 2;

  mutual_exclusion() : mutual_exclusion::fixture(1) {}

  void thread(unsigned) {
    auto const p = this->limit().acquire_blocking();
    work_.set(work_.get() + 1);
  }

  void after() {
    if (work_.get() != 2) P::broken("visibility: the work of a holder was lost");
    at_rest(this->limit(), 1);
  }

 private:
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
