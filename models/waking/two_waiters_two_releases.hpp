// surewake/models/waking/two_waiters_two_releases.hpp: two wait, two permits come one by one. Does each waiter get one?
// Shape      3 threads: holder releases two permits, one after the other; two waiters keep what they get.
// Must hold  both waiters get a permit (otherwise: deadlock).
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct two_waiters_two_releases : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Two wait, two permits come one by one: does each waiter get one?",
      .law = "two permits, one after the other, wake two",
      .samples = 15'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"holder", "first waiter", "second waiter"};

  two_waiters_two_releases() : two_waiters_two_releases::fixture(2, 2) {}

  void thread(unsigned i) {
    if (i == 0) {
      this->held().split(1).release();
      this->held().release();
    } else {
      kept_[i - 1] = this->limit().acquire_blocking();  // a permit that came back would hide that one was lost
    }
  }

  void after() { at_rest(this->limit(), 0); }

 private:
  std::array<typename two_waiters_two_releases::permit, 2> kept_{};
};

}  // namespace surewake::models
