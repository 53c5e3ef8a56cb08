// surewake/models/primitives/barrier_meets.hpp: three meet at a barrier, and one of them waits for a moment only. Do
// the others leave, and not too early?
// Shape      3 threads: each writes and arrives; two wait, one of them in a coroutine; impatient waits for a moment.
// Must hold  all leave (otherwise: deadlock); those that have not given up, after all have arrived (otherwise: data
//            race).
#pragma once

#include <surewake/core/primitives/barrier.hpp>
#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue> struct barrier_meets {
  static constexpr model_facts facts{
      .question = "Three meet at a barrier, and one waits for a moment only: do the others leave, not too early?",
      .law = "an arrival counts, also where its wait is given up",
      .over = over_what::queues_in_order, .samples = 8'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"thread", "coroutine", "impatient"};

  barrier_meets() {
    for (auto& w : work_) w.set(0);
  }

  void thread(unsigned i) {
    work_[i].set(1);
    switch (i) {
      case 0: barrier_.arrive_and_wait_blocking(); return sees();
      case 1: return start_detached<P>(visit());
      default:
        if (barrier_.try_wait_for(a_moment, barrier_.arrive())) sees();
    }
  }

  void after() {
    if (left_.get() != 1 || barrier_.waiters() != 0) P::broken("lost wakeup: somebody waits and nobody will wake it");
    if (barrier_.pending() != 3) P::broken("the next phase does not expect all");
  }

 private:
  void sees() {
    if (work_[0].get() + work_[1].get() + work_[2].get() != 3) P::broken("left before all had arrived");
  }
  task<void, P> visit() {
    co_await barrier_.arrive_and_wait();
    sees();
    left_.add(1);
  }

  basic_barrier<Queue, P> barrier_{3};
  std::array<typename P::template plain<int>, 3> work_{};
  ghost<P> left_{};
};

}  // namespace surewake::models
