// surewake/models/uring/uring_leaves.hpp: a thread leaves its ring while coroutines of it wait, as they are granted.
// Which thread runs them?
// Shape      2 threads: granter releases two permits one by one; leaver has a ring with two waiters, polls between
//            them, and leaves.
// Must hold  both coroutines end, by whichever thread; two permits are free in the end.
#pragma once

#include <surewake/models/uring/uring_fixture.hpp>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline, class Ring>
struct uring_leaves : uring_fixture<P, Queue, Discipline, Ring> {
  static constexpr model_facts facts{
      .question = "A thread leaves its ring as its waiters are granted: who runs them?",
      .law = "a thread that leaves its ring leaves no granted waiter behind"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"granter", "leaver"};

  uring_leaves() : uring_leaves::uring_fixture(2, 2) {}

  void thread(unsigned i) {
    if (i == 0) {
      this->held().split(1).release();
      return this->held().release();
    }
    Ring ring;
    start_detached<P>(wait());
    ring.poll();  // the first waiter's sleep is armed, and that of the second is not
    start_detached<P>(wait());
  }

  void after() {
    if (over_.get() != 2) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    at_rest(this->limit(), 2);
  }

 private:
  task<void, P> wait() {
    static_cast<void>(co_await this->limit().acquire());
    over_.add(1);
  }

  ghost<P> over_{};
};

}  // namespace surewake::models
