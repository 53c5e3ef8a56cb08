// surewake/models/waking/mixed_sizes.hpp: two wait for one permit each, two come back, and one that wants three comes
// meanwhile. Does it take the wakes of the others?
// Shape      2 threads, 3 permits, which are held: two coroutines wait for one each; holder releases two; visitor
//            starts a coroutine that wants three.
// Must hold  no waiter sleeps while the permit it wants is free (law 2). Under barging this asks the queue to grant in
//            the order of registration: R2 in core/semaphore/waiter_queue.hpp. Once the others give theirs back, the
//            one that wants three has them, and in the end all have had theirs.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct mixed_sizes : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Two want one each, two come back, and one comes that wants three: does it take the others' wakes?",
      .law = "two wakes for two that want one each, while one comes that wants three",
      .samples = 10'000, .preemptions = 1};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "visitor"};

  mixed_sizes() : mixed_sizes::fixture(3, 3) {
    start_detached<P>(this->keep(one_));
    start_detached<P>(this->keep(other_));
  }

  void thread(unsigned i) {
    if (i == 0) return this->held().split(2).release();
    start_detached<P>(this->keep(three_, 3));
  }

  void after() {
    if ((!one_ || !other_) && this->limit().available_permits() != 0) {
      P::broken("lost wakeup: somebody sleeps while the permit it wants is free");
    }
    this->held().release();
    one_.release();
    other_.release();
    if (!three_) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    three_.release();
    one_.release();  // of a strategy that served the three first
    other_.release();
    at_rest(this->limit(), 3);
  }

 private:
  typename mixed_sizes::permit one_{};
  typename mixed_sizes::permit other_{};
  typename mixed_sizes::permit three_{};
};

}  // namespace surewake::models
