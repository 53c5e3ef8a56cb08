// surewake/models/counting/resize_against_several.hpp: permits are added and taken away while requests of several sizes
// come. Do the existing permits go to the requests that are due?
// Shape      3 threads, 2 permits, which are held: adder adds one, and releases the two; reducer takes away up to two;
//            visitor starts a coroutine that wants two, and one that wants one.
// Must hold  in the end as many permits are held or free as exist (law 1), and no coroutine waits for what is free
//            (law 2). Once what was taken away is added again, both have what they want.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct resize_against_several : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Permits are added and taken away while requests of several sizes come: who gets what exists?",
      .law = "what is added and taken away goes to requests of several sizes",
      .samples = 5'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"adder", "reducer", "visitor"};

  resize_against_several() : resize_against_several::fixture(2, 2) {}

  void thread(unsigned i) {
    switch (i) {
      case 0: this->limit().add_permits(1); return this->held().release();
      case 1: return static_cast<void>(taken_.add(this->limit().reduce_permits(2)));
      default:
        start_detached<P>(this->keep(two_, 2));
        start_detached<P>(this->keep(one_));
    }
  }

  void after() {
    if (this->limit().max_permits() != 3 - taken_.get()) P::broken("conservation: max_permits() is not what exists");
    std::ptrdiff_t const left = 3 - taken_.get() - two_.count() - one_.count();
    std::ptrdiff_t const wanted = two_.count() == 0 ? 2 : one_.count() == 0 ? 1 : 4;
    if (left < 0) P::broken("conservation: more permits are held than exist");
    if (left >= wanted || (!this->in_turn && one_.count() == 0 && left != 0)) {
      P::broken("lost wakeup: somebody sleeps while the permits it wants are free");
    }
    if (taken_.get() > 0) this->limit().add_permits(taken_.get());
    if (two_.count() != 2 || one_.count() != 1) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    at_rest(this->limit(), 0);
  }

 private:
  ghost<P> taken_{};
  typename resize_against_several::permit two_{};
  typename resize_against_several::permit one_{};
};

}  // namespace surewake::models
