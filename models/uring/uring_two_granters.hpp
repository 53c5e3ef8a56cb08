// surewake/models/uring/uring_two_granters.hpp: two coroutines wait on one ring, and two threads grant at once. Do two
// wakes that meet wake both?
// Shape      3 threads: two granters release a permit each; sleeper has a ring with two waiters.
// Must hold  both coroutines end (otherwise: deadlock) on their ring's thread.
#pragma once

#include <surewake/models/uring/uring_fixture.hpp>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline, class Ring>
struct uring_two_granters : uring_fixture<P, Queue, Discipline, Ring> {
  static constexpr model_facts facts{
      .question = "Two threads grant to one ring at once: are both waiters run?",
      .law = "two grants to one ring at once wake two"};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"granter", "granter with a ring", "sleeper"};

  uring_two_granters() : uring_two_granters::uring_fixture(2, 2) { other_ = this->held().split(1); }

  void thread(unsigned i) {
    if (i == 0) return this->held().release();
    Ring ring;
    if (i == 1) return other_.release();
    start_detached<P>(this->visit(over_));
    start_detached<P>(this->visit(over_));
    ring.run_until([this] { return over_.get() == 2; });
  }

  void after() { at_rest(this->limit(), 2); }

 private:
  typename uring_two_granters::permit other_{};
  ghost<P> over_{};
};

}  // namespace surewake::models
