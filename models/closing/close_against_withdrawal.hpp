// surewake/models/closing/close_against_withdrawal.hpp: wakes are on their way while close() hands over one waiter
// after the other, and the last one gives up in between. Does the queue go on refusing a wake that was dropped?
// Shape      4 threads: holder releases one of two permits, which wakes all, because one wants two; closer; visitor
//            wants two; impatient one, with a time limit.
// Must hold  the visitor gets its permits or closed_error (otherwise: deadlock); two permits are free in the end (law
//            1); the semaphore can be destroyed (otherwise: livelock, in the destructor that waits for what was
//            refused).
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct close_against_withdrawal : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A waiter gives up while close() ends the others' waits: what was it owed?",
      .law = "a waiter that gives up while close() ends the others' waits",
      .samples = 15'000, .preemptions = 1};
  static constexpr unsigned threads = 4;
  static constexpr std::array<char const*, 4> names{"holder", "closer", "visitor", "impatient"};

  close_against_withdrawal() : close_against_withdrawal::fixture(2, 2) {}

  void thread(unsigned i) {
    switch (i) {
      case 0: return this->held().split(1).release();
      case 1: return this->limit().close();
      case 2: static_cast<void>(this->visit_unless_closed(2)); return;
      default: leave_unless_closed();
    }
  }

  void after() {
    this->held().release();
    at_rest_closed(this->limit(), 2);
  }

 private:
  void leave_unless_closed() {
    try {
      static_cast<void>(this->limit().try_acquire_for(a_moment));
    } catch (closed_error const&) {
      return;
    }
  }
};

}  // namespace surewake::models
