// surewake/models/uring/uring_wake_before_block.hpp: a thread wakes a waiter of another ring, and blocks for what that
// waiter will do. Did the wake leave?
// Shape      2 threads with a ring each: giver releases the permit of one semaphore, then blocks for that of another;
//            taker's coroutine waits for the first, and releases the second.
// Must hold  both threads come to their ends (otherwise: deadlock).
#pragma once

#include <surewake/models/uring/uring_fixture.hpp>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline, class Ring>
struct uring_wake_before_block : uring_fixture<P, Queue, Discipline, Ring> {
  static constexpr model_facts facts{
      .question = "A thread wakes another ring, and blocks: did the wake leave?",
      .law = "a wake leaves before its thread blocks"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"giver", "taker"};

  uring_wake_before_block() : uring_wake_before_block::uring_fixture(1, 1), answer_held_(*answer_.try_acquire()) {}

  void thread(unsigned i) {
    Ring ring;
    if (i == 0) {
      this->held().release();
      static_cast<void>(answer_.acquire_blocking());
    } else {
      start_detached<P>(pass_on());
      ring.run_until([this] { return over_.get() == 1; });
    }
  }

  void after() {
    at_rest(this->limit(), 1);
    at_rest(answer_, 1);
  }

 private:
  task<void, P> pass_on() {
    auto const p = co_await this->limit().acquire();
    answer_held_.release();
    over_.add(1);
  }

  using semaphore = typename uring_wake_before_block::semaphore;
  semaphore answer_{1};
  typename semaphore::permit answer_held_;
  ghost<P> over_{};
};

}  // namespace surewake::models
