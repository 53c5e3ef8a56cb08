// surewake/models/primitives/barrier_turns.hpp: two meet at a barrier, twice. Does either leave a phase before the
// other has arrived, and does the completion function run between?
// Shape      2 threads: each writes, arrives, waits and reads what the other one wrote, in two phases.
// Must hold  both leave (otherwise: deadlock), each after the other arrived (otherwise: data race); the completion
//            function runs once in each phase, after all have arrived and before any leaves.
#pragma once

#include <surewake/core/primitives/barrier.hpp>
#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue> struct barrier_turns {
  static constexpr model_facts facts{
      .question = "Two meet at a barrier, twice: does either leave a phase before the other has arrived?",
      .law = "none leaves a phase before all have arrived and the completion function has run, once "
             "(`core/primitives/barrier.hpp`, I1, I2)",
      .over = over_what::queues_in_order, .samples = 5'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"one", "other"};

  barrier_turns() {
    for (auto& work : work_) work[0].set(0), work[1].set(0);
  }

  void thread(unsigned i) {
    for (auto& work : work_) {
      work[i].set(1);
      barrier_.arrive_and_wait_blocking();
      if (work[1 - i].get() != 1) P::broken("left before the other one had arrived");
    }
  }

  void after() {
    if (completed_.get() != 2) P::broken("the completion function did not run once in each phase");
    if (barrier_.pending() != 2 || barrier_.waiters() != 0) P::broken("lost wakeup: somebody waits");
  }

 private:
  struct completion {
    barrier_turns* model;
    void operator()() const noexcept { model->complete(); }
  };
  void complete() noexcept {
    int const phase = completed_.get();
    auto& work = work_[static_cast<std::size_t>(phase)];
    if (work[0].get() + work[1].get() != 2) P::broken("the completion function ran before all had arrived");
    completed_.set(phase + 1);
    for (auto& w : work) w.set(1);  // a thread that leaves too early reads this meanwhile
  }

  std::array<std::array<typename P::template plain<int>, 2>, 2> work_{};
  typename P::template plain<int> completed_{0};
  basic_barrier<Queue, P, completion> barrier_{2, completion{this}};
};

}  // namespace surewake::models
