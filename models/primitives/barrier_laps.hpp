// surewake/models/primitives/barrier_laps.hpp: a barrier goes on to the next phase while a wait for the phase before
// comes to register, and a wait for the next one comes as well. Which of them ends?
// Shape      2 threads: early awaits a phase in which it has arrived; runner arrives, which ends that phase, arrives
//            again, and starts a coroutine that waits for the second phase.
// Must hold  the early wait ends (otherwise: lost wakeup); the late one does not, until all have arrived again.
#pragma once

#include <surewake/core/primitives/barrier.hpp>
#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue> class barrier_laps {
 public:
  static constexpr model_facts facts{
      .question = "A barrier goes on while a wait for the phase before comes to register: which wait ends?",
      .law = "a wait for the next phase is not taken for one of this phase (`core/primitives/barrier.hpp`, I3)",
      .over = over_what::queues_in_order, .samples = 8'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"early", "runner"};

  barrier_laps() : first_(barrier_.wait(barrier_.arrive())) {}

  void thread(unsigned i) {
    if (i == 0) return start_detached<P>(wait_early());
    static_cast<void>(barrier_.arrive());
    start_detached<P>(wait_late(barrier_.arrive()));
  }

  void after() {
    if (early_.get() != 1) P::broken("lost wakeup: the end of a phase did not end a wait for it");
    if (late_.get() != 0) P::broken("a wait ended before all had arrived in its phase");
    static_cast<void>(barrier_.arrive());
    if (late_.get() != 1 || barrier_.waiters() != 0) P::broken("lost wakeup: somebody waits and nobody will wake it");
  }

 private:
  using barrier = basic_barrier<Queue, P>;

  task<void, P> wait_early() {
    co_await std::move(first_);
    early_.add(1);
  }
  task<void, P> wait_late(typename barrier::arrival_token t) {
    co_await barrier_.wait(t);
    late_.add(1);
  }

  barrier barrier_{2};
  decltype(barrier_.wait(barrier_.arrive())) first_;
  ghost<P> early_{}, late_{};
};

}  // namespace surewake::models
