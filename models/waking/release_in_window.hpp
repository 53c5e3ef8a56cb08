// surewake/models/waking/release_in_window.hpp: a permit is released after an acquire failed and before it is
// registered. Which thread wakes it?
// Shape      2 threads: holder releases, arriving acquires; 1 permit, held at the start.
// Must hold  the arriving one gets the permit (otherwise: deadlock), and the holder's work with it.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct release_in_window : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A permit is released after an acquire failed and before it is registered: who wakes it?",
      .law = "a permit released between a failed acquire and its registration wakes it",
      .samples = 15'000, .preemptions = 4, .complete = "mutex_deque"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "arriving"};

  release_in_window() : release_in_window::fixture(1, 1) {}

  void thread(unsigned i) {
    if (i == 0) {
      work_.set(1);
      this->held().release();
    } else {
      auto const p = this->limit().acquire_blocking();
      if (work_.get() != 1) P::broken("visibility: the work of a holder was lost");
    }
  }

  void after() { at_rest(this->limit(), 1); }

 private:
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
