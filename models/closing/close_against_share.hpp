// surewake/models/closing/close_against_share.hpp: the first waiter wants two permits, has one set aside, and gives up
// while the semaphore is closed. Which waiter gets that one?
// Shape      2 threads, 2 permits, which are held: a coroutine waits for two, and one for one, when one permit is
//            released; closer closes; stopper looks whether the semaphore is closed, and stops the first coroutine.
// Must hold  what was set aside is free or the next one's (law 1), and free where the semaphore was closed before,
//            because a closed semaphore grants nothing. Both coroutines end.
#pragma once

#include <surewake/models/fixture/fixture.hpp>
#include <surewake/models/fixture/stop_source.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct close_against_share : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A waiter that has a permit set aside gives up while the semaphore is closed: who gets that permit?",
      .law = "what was set aside for a waiter that leaves a closed semaphore is free",
      .samples = 5'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"closer", "stopper"};

  close_against_share() : close_against_share::fixture(2, 2) {
    start_detached<P>(want_two());
    start_detached<P>(want_one());
    this->held().split(1).release();
  }

  void thread(unsigned i) {
    if (i == 0) return this->limit().close();
    knew_.set(this->limit().is_closed() ? 1 : 0);
    source_.request_stop();
  }

  void after() {
    if (ended_.get() != 2) P::broken("lost wakeup: close() left somebody waiting");
    this->held().release();
    one_.release();
    at_rest_closed(this->limit(), 2);
  }

 private:
  task<void, P> want_two() {
    try {
      auto const both = co_await this->limit().acquire(stop_signal<P>{&source_}, 2);
      if (both.has_value()) P::broken("conservation: two permits were got, one is in use");
    } catch (closed_error const&) {
    }
    ended_.add(1);
  }
  task<void, P> want_one() {
    try {
      one_ = co_await this->limit().acquire();
      // Only the stopper can grant it.
      if (this->hands_off && knew_.get() != 0) P::broken("a closed semaphore grants a permit");
    } catch (closed_error const&) {
    }
    ended_.add(1);
  }

  stop_source<P> source_{};
  ghost<P> ended_{};
  ghost<P> knew_{};  // the stopper, before it stops anybody, that the semaphore is closed
  typename close_against_share::permit one_{};
};

}  // namespace surewake::models
