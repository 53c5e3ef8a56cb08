// surewake/models/uring/uring_table_moves.hpp: a coroutine waits on the first ring of a process of one thread; then a
// thread comes, or a worker of the kernel's. Before all that the process may have been forked. Does the coroutine's
// wake find it?
// Shape      2 threads: sleeper has a ring, and a coroutine waits there; granter, which comes second, releases the only
//            permit. `worker`: sleeper alone, which releases it itself once there is a worker. `fork`: a ring of the
//            parent's was there before; sleeper and granter are the child's.
// Must hold  the coroutine ends (otherwise: deadlock) on its ring's thread.
#pragma once

#include <surewake/models/uring/uring_fixture.hpp>

namespace surewake::models {

enum class newcomer { thread, worker, fork };

template <platform P, template <class> class Queue, class Discipline, class Ring, newcomer Who>
struct uring_table_moves : uring_fixture<P, Queue, Discipline, Ring> {
  static constexpr model_facts facts{
      .question = "The first thread, worker or fork comes after a wait was armed: does its wake find it?",
      .law = "the first thread, worker or fork of a process comes after a wait was armed, and the wait's wake finds it",
      .unfit = "it is about a kernel that behaves in a certain way"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"granter", "sleeper"};

  uring_table_moves() : uring_table_moves::uring_fixture(1, 1) {}

  void thread(unsigned i) {
    if (i == 0) {
      if (Who == newcomer::worker) return;
      // relaxed: only that this thread belongs to the child.
      if (Who == newcomer::fork) P::await(forked_, [](std::uint32_t v) { return v != 0; }, P::relaxed);
      return this->held().release();
    }
    if (Who == newcomer::fork) {
      { Ring const of_the_parent; }
      Ring::fork();
      // relaxed: as above.
      forked_.store(1, P::relaxed);
    }
    Ring ring;
    start_detached<P>(this->visit(over_));
    if (Who == newcomer::worker) {
      ring.poll();
      Ring::take_worker();
      this->held().release();
    }
    ring.run_until([this] { return over_.get() == 1; });
  }

  void after() { at_rest(this->limit(), 1); }

 private:
  typename P::template atomic<std::uint32_t> forked_{0U};
  ghost<P> over_{};
};

}  // namespace surewake::models
