// surewake/models/counting/reduce_against_waiter.hpp: one permit is added, a coroutine waits for it, and a reducer
// wants to take one out of existence. Can both have it?
// Shape      3 threads, 1 permit, which stays held: adder creates one more; reducer takes one away; visitor starts a
//            coroutine, which keeps what it gets.
// Must hold  the coroutine has it or it is gone (law 1): only a free permit can be taken away, not one that is on its
//            way to a waiter.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct reduce_against_waiter : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A permit is added, one waits for it, one takes it out of existence: can both have it?",
      .law = "a permit is taken away or granted, not both",
      .samples = 15'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"adder", "reducer", "visitor"};

  reduce_against_waiter() : reduce_against_waiter::fixture(1, 1) {}

  void thread(unsigned i) {
    switch (i) {
      case 0: return this->limit().add_permits(1);
      case 1: return static_cast<void>(taken_.add(this->limit().reduce_permits(1)));
      default: return start_detached<P>(this->keep(kept_));
    }
  }

  void after() {
    if (taken_.get() + kept_.count() != 1) P::broken("conservation: a permit that somebody holds was taken away");
    this->held().release();
    if (!kept_) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    at_rest(this->limit(), 1 - taken_.get());
  }

 private:
  ghost<P> taken_{};
  typename reduce_against_waiter::permit kept_{};
};

}  // namespace surewake::models
