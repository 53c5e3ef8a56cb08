// surewake/models/giving_up/several_withdrawn.hpp: a request for two permits is withdrawn while both of them come, one
// by one. Which waiter gets which?
// Shape      2 threads, 2 permits, which are held: a coroutine waits for two, and one for one; holder releases one, and
//            then the other; stopper stops the first coroutine.
// Must hold  the first coroutine ends, once, with both permits or without; in the end the second one has one, and the
//            other one is free (laws 1, 2).
#pragma once

#include <surewake/models/fixture/fixture.hpp>
#include <surewake/models/fixture/stop_source.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct several_withdrawn : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A request for two permits is withdrawn while both come: who gets which?",
      .law = "two permits for a request that leaves: each is had, or the next one's, or free",
      .samples = 10'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "stopper"};

  several_withdrawn() : several_withdrawn::fixture(2, 2) {
    start_detached<P>(want_two());
    start_detached<P>(this->keep(one_));
  }

  void thread(unsigned i) {
    if (i == 1) return source_.request_stop();
    this->held().split(1).release();
    this->held().release();
  }

  void after() {
    if (ended_.get() != 1) P::broken("lost wakeup: a stopped coroutine waits and nobody will resume it");
    two_.release();
    if (one_.count() != 1) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    at_rest(this->limit(), 1);
  }

 private:
  task<void, P> want_two() {
    auto both = co_await this->limit().acquire(stop_signal<P>{&source_}, 2);
    if (both.has_value()) two_ = std::move(*both);
    ended_.add(1);
  }

  stop_source<P> source_{};
  ghost<P> ended_{};
  typename several_withdrawn::permit two_{};
  typename several_withdrawn::permit one_{};
};

}  // namespace surewake::models
