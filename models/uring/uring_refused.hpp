// surewake/models/uring/uring_refused.hpp: the kernel refuses the futex wait of a ring on which a coroutine waits.
// Which thread runs it?
// Shape      2 threads: sleeper has a ring with a waiter, processes what there is, and leaves; granter releases once
//            the ring was refused.
// Must hold  the coroutine ends; the ring's thread is not kept busy (otherwise: livelock).
#pragma once

#include <surewake/models/uring/uring_fixture.hpp>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline, class Ring>
struct uring_refused : uring_fixture<P, Queue, Discipline, Ring> {
  static constexpr model_facts facts{
      .question = "The kernel refuses the futex wait: who runs the waiter?",
      .law = "a kernel that refuses the futex wait is not asked for ever",
      .unfit = "it is about a kernel that behaves in a certain way"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"granter", "sleeper"};

  uring_refused() : uring_refused::uring_fixture(1, 1), quiet_held_(*quiet_.try_acquire()) {}

  void thread(unsigned i) {
    if (i == 0) {
      static_cast<void>(quiet_.acquire_blocking());
      return this->held().release();
    }
    Ring ring;
    start_detached<P>(wait());
    ring.poll();
    quiet_held_.release();
  }

  void after() {
    if (over_.get() != 1) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    at_rest(this->limit(), 1);
  }

 private:
  task<void, P> wait() {
    static_cast<void>(co_await this->limit().acquire());
    over_.add(1);
  }

  using semaphore = typename uring_refused::semaphore;
  semaphore quiet_{1};
  typename semaphore::permit quiet_held_;
  ghost<P> over_{};
};

}  // namespace surewake::models
