// surewake/models/giving_up/withdraw_after_paid.hpp: a release has paid a waiter's debt, its grant is on the way, and
// the waiter leaves. Is that one permit, or two?
// Shape      3 threads: holder releases; impatient acquires with a time limit; newcomer tries to get two permits; 1
//            permit.
// Must hold  never two inside (semaphore.hpp, law 3): the grant on its way is refused before any thread can see the
//            permit free.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct withdraw_after_paid : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A waiter leaves whose debt is paid and whose grant is on its way: one permit, or two?",
      .law = "law 3: a paid grant of a waiter that left is refused in time",
      .samples = 100'000, .preemptions = 2};  // a bug took 9'375
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"holder", "impatient", "newcomer"};

  withdraw_after_paid() : withdraw_after_paid::fixture(1, 1) {}

  void thread(unsigned i) {
    switch (i) {
      case 0: return this->held().release();
      case 1: return static_cast<void>(this->limit().try_acquire_for(a_moment));
      default:
        // The thread that holds one permit of one keeps all others out, itself too.
        if (auto const one = this->limit().try_acquire()) {
          if (auto const p = this->limit().try_acquire_for(a_moment))
            P::broken("phantom grant: two permits of a semaphore of one are held");
        }
    }
  }

  void after() { at_rest(this->limit(), 1); }
};

}  // namespace surewake::models
