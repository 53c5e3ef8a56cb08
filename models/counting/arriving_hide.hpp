// surewake/models/counting/arriving_hide.hpp: two acquires arrive at once, and each counts the one free permit as taken
// by the other. Does it come to light?
// Shape      3 threads: big acquires two; small acquires one, both with one of two permits free; holder releases the
//            other.
// Must hold  both get their permits (otherwise: deadlock); never more than two inside.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct arriving_hide : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Two acquires arrive at once and hide a free permit from each other: does it come to light?",
      .law = "permits hidden by arriving acquires come to light (`core/semaphore/monitor_synchronizer.hpp`, I4)",
      .samples = 15'000, .preemptions = 3};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"holder", "big", "small"};

  arriving_hide() : arriving_hide::fixture(2, 1) {}

  void thread(unsigned i) {
    if (i == 0) return this->held().release();
    std::ptrdiff_t const n = i == 1 ? 2 : 1;
    auto const p = this->limit().acquire_blocking(n);
    auto const inside = room_.enter(n);
  }

  void after() { at_rest(this->limit(), 2); }

 private:
  room<P> room_{2};
};

}  // namespace surewake::models
