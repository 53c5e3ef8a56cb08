// surewake/models/giving_up/reentrant_withdraw.hpp: the first waiter wants two permits, has one set aside, and leaves;
// its thread resumes the next waiter, a coroutine that uses the semaphore. Does that one meet a lock of its own thread?
// Shape      2 threads: holder of two releases one and keeps the other; visitor starts a coroutine that acquires two
//            until it is stopped, one that acquires one, releases, and acquires again; then it stops the first. The
//            other one runs when that withdrawal is over.
//            reentrant_drop: by hand_off; it destroys the first, and the other one runs inside that withdrawal.
// Must hold  re-entrancy (law 5), in a withdrawal as in a release; the second coroutine goes on (law 2).
#pragma once

#include <surewake/models/fixture/fixture.hpp>
#include <surewake/models/fixture/stop_source.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct reentrant_withdraw : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "The first waiter leaves, and its thread resumes the next one, which uses the semaphore: does it "
                  "meet a lock?",
      .law = "a coroutine that is resumed by a withdrawal may use the semaphore",
      .samples = 15'000, .preemptions = 2};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "visitor"};

  reentrant_withdraw() : reentrant_withdraw::fixture(2, 2) {}

  void thread(unsigned i) {
    if (i == 0) return this->held().split(1).release();
    start_detached<P>(want_two());
    start_detached<P>(want_one());
    source_.request_stop();
  }

  void after() {
    if (ended_.get() != 2) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    this->held().release();
    at_rest(this->limit(), 2);
  }

 private:
  task<void, P> want_two() {
    auto const both = co_await this->limit().acquire(stop_signal<P>{&source_}, 2);
    if (both) P::broken("conservation: two permits were got, one is in use");
    ended_.add(1);
  }
  task<void, P> want_one() {
    for (int i = 0; i != 2; ++i) static_cast<void>(co_await this->limit().acquire());
    ended_.add(1);
  }

  stop_source<P> source_{};
  ghost<P> ended_{};
};

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct reentrant_drop : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "The first waiter is destroyed, which resumes the next one, and that uses the semaphore: does it "
                  "meet a lock?",
      .law = "a coroutine that is resumed as another one is destroyed may use the semaphore"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "visitor"};

  reentrant_drop() : reentrant_drop::fixture(2, 2) {}

  void thread(unsigned i) {
    if (i == 0) return this->held().split(1).release();
    destroyed_while_waiting<P> const two = want_two(*this);
    start_detached<P>(want_one());
  }

  void after() {
    if (ended_.get() != 1) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    this->held().release();
    at_rest(this->limit(), 2);
  }

 private:
  static destroyed_while_waiting<P> want_two(reentrant_drop& self) {
    static_cast<void>(co_await self.limit().acquire(2));
    P::broken("conservation: two permits were got, one is in use");
  }
  task<void, P> want_one() {
    for (int i = 0; i != 2; ++i) static_cast<void>(co_await this->limit().acquire());
    ended_.add(1);
  }

  ghost<P> ended_{};
};

}  // namespace surewake::models
