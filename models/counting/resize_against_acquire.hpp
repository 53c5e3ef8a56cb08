// surewake/models/counting/resize_against_acquire.hpp: permits are added and taken away while an acquire waits. Does
// the account stay right?
// Shape      3 threads: adder adds one permit, then releases the one it held; reducer takes away up to one; patient
//            acquires.
// Must hold  the patient one gets in (otherwise: deadlock); as many permits are free in the end as exist (law 1).
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct resize_against_acquire : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Permits are added and taken away while somebody waits: does the account stay right?",
      .law = "permits free = created - reduced",
      .samples = 15'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"adder", "reducer", "patient"};

  resize_against_acquire() : resize_against_acquire::fixture(1, 1) {}

  void thread(unsigned i) {
    switch (i) {
      case 0: this->limit().add_permits(1); return this->held().release();
      case 1: return static_cast<void>(exist_.add(-this->limit().reduce_permits(1)));
      default: return static_cast<void>(this->limit().acquire_blocking());
    }
  }

  void after() {
    if (this->limit().max_permits() != exist_.get()) P::broken("conservation: max_permits() is not what was created");
    at_rest(this->limit(), exist_.get());
  }

 private:
  ghost<P> exist_{2};
};

}  // namespace surewake::models
