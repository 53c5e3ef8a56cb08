// surewake/models/order/neighbours_withdraw.hpp: two neighbours in the wait list leave at once. Does the waiter after
// them keep its place?
// Shape      3 threads, 1 permit: two acquire with a time limit; holder starts a coroutine that waits, and releases.
// Must hold  whichever leaves, the coroutine gets the permit, and nothing else is left over (laws 1 to 3).
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct neighbours_withdraw : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Two neighbours in the list leave at once: does the waiter after them keep its place?",
      .law = "two neighbours leave at once, the waiter after them is served",
      .samples = 15'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"impatient", "neighbour", "holder"};

  neighbours_withdraw() : neighbours_withdraw::fixture(1, 1) {}

  void thread(unsigned i) {
    if (i == 2) {
      start_detached<P>(this->keep(kept_));
      this->held().release();
    } else {
      static_cast<void>(this->limit().try_acquire_for(a_moment));
    }
  }

  void after() {
    if (!kept_) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    at_rest(this->limit(), 0);
  }

 private:
  typename neighbours_withdraw::permit kept_{};
};

}  // namespace surewake::models
