// surewake/models/closing/close_against_release.hpp: permits come back while the semaphore is closed under a waiter. Is
// any lost?
// Shape      3 threads: holder releases two permits one by one; closer; visitor acquires both.
// Must hold  the visitor gets both permits or closed_error (otherwise: deadlock); two permits are free in the end (law
//            1).
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct close_against_release : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Permits come back while the semaphore is closed under a waiter: is any lost?",
      .law = "permits that come back around close() all count",
      .samples = 15'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"holder", "closer", "visitor"};

  close_against_release() : close_against_release::fixture(2, 2) {}

  void thread(unsigned i) {
    switch (i) {
      case 0: this->held().split(1).release(); return this->held().release();
      case 1: return this->limit().close();
      default: this->visit_unless_closed(2);
    }
  }

  void after() { at_rest_closed(this->limit(), 2); }
};

}  // namespace surewake::models
