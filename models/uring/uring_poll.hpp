// surewake/models/uring/uring_poll.hpp: two coroutines of one ring were granted, and its thread polls once. Did both
// run?
// Shape      2 threads: poller has a ring with two waiters, which it polls, and polls once more after granter has
//            released both permits.
// Must hold  the second poll runs both: what is ready in the kernel does not wait for another poll.
#pragma once

#include <surewake/models/uring/uring_fixture.hpp>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline, class Ring>
struct uring_poll : uring_fixture<P, Queue, Discipline, Ring> {
  static constexpr model_facts facts{
      .question = "Two of a ring's waiters are ready, and its thread polls once: are both run?",
      .law = "one poll runs all that is ready, however few completions an enter brings"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"granter", "poller"};

  uring_poll() : uring_poll::uring_fixture(2, 2) {}

  void thread(unsigned i) {
    if (i == 0) {
      // relaxed: as below.
      P::await(polled_, [](std::uint32_t v) { return v != 0; }, P::relaxed);
      this->held().release();
      // relaxed: as below.
      released_.store(1, P::relaxed);
      return;
    }
    Ring ring;
    start_detached<P>(this->visit(over_));
    start_detached<P>(this->visit(over_));
    ring.poll();
    // relaxed: only that the waits are armed.
    polled_.store(1, P::relaxed);
    // relaxed: only that the wakes are done.
    P::await(released_, [](std::uint32_t v) { return v != 0; }, P::relaxed);
    ring.poll();
    if (over_.get() != 2) P::broken("poll() returned while somebody could have been run");
  }

  void after() { at_rest(this->limit(), 2); }

 private:
  typename P::template atomic<std::uint32_t> polled_{0U};
  typename P::template atomic<std::uint32_t> released_{0U};
  ghost<P> over_{};
};

}  // namespace surewake::models
