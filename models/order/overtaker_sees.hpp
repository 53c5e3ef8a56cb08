// surewake/models/order/overtaker_sees.hpp: a permit is given back while the first waiter sits and waits for it, and a
// newcomer takes it first. Does it see what the holder did?
// Shape      2 threads: holder has the only permit, starts a coroutine that waits, works, and gives the permit back;
//            newcomer tries to take it.
// Must hold  visibility: the newcomer that gets the permit sees the work. The coroutine ends.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
class overtaker_sees : public fixture<P, Queue, Discipline> {
 public:
  static constexpr model_facts facts{
      .question = "A newcomer takes the permit that the first waiter is woken for: does it see the holder's work?",
      .law = "a newcomer that overtakes the first waiter sees the work of the holder before it"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "newcomer"};

  overtaker_sees() : overtaker_sees::fixture(1, 1) {}

  void thread(unsigned i) {
    if (i == 0) {
      start_detached<P>(wait_once(this->limit(), ended_));
      work_.set(1);
      return this->held().release();
    }
    auto const p = this->limit().try_acquire();
    if (p && work_.get() != 1) P::broken("visibility: the work of a holder was lost");
  }

  void after() {
    if (ended_.get() != 1) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    at_rest(this->limit(), 1);
  }

 private:
  typename P::template plain<int> work_{0};
  ghost<P> ended_{};
};

}  // namespace surewake::models
