// surewake/models/closing/close_against_giving_up.hpp: a wait ends by its time limit and by close() at once. Is what it
// asked for given back, once?
// Shape      2 threads, 2 permits, which are held: closer releases one, and closes; impatient acquires two with a time
//            limit, and may have that one set aside.
// Must hold  whether the limit or close() ends the wait, no permit is lost or doubled (law 1), and both threads end.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct close_against_giving_up : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A wait ends by its time limit and by close() at once: is what it asked for given back once?",
      .law = "a wait that ends by limit and close() at once gives back once",
      .samples = 15'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"closer", "impatient"};

  close_against_giving_up() : close_against_giving_up::fixture(2, 2) {}

  void thread(unsigned i) {
    if (i == 0) {
      this->held().split(1).release();
      return this->limit().close();
    }
    try {
      if (auto const both = this->limit().try_acquire_for(a_moment, 2)) got_.add(1);
    } catch (closed_error const&) {
    }
  }

  void after() {
    if (got_.get() != 0) P::broken("conservation: two permits were got, one is in use");
    this->held().release();
    at_rest_closed(this->limit(), 2);
  }

 private:
  ghost<P> got_{};
};

}  // namespace surewake::models
