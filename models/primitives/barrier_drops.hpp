// surewake/models/primitives/barrier_drops.hpp: one of two arrives at a barrier for the last time, and the other one
// goes on alone, and destroys the barrier. Does it wait for nobody that has gone?
// Shape      2 threads: dropper writes, arrives and drops; stayer arrives and waits in two phases, and destroys it.
// Must hold  the stayer leaves both phases (otherwise: deadlock), the first one after the dropper arrived (otherwise:
//            data race); no touch of the barrier afterwards.
#pragma once

#include <surewake/core/platform/platform_new.hpp>
#include <surewake/core/primitives/barrier.hpp>
#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue> struct barrier_drops {
  static constexpr model_facts facts{
      .question = "One of two arrives at a barrier for the last time, the other goes on alone: does it wait in vain?",
      .law = "what was dropped is not expected any more, and a barrier may be destroyed when its waits have ended "
             "(`core/primitives/barrier.hpp`, I4)",
      .over = over_what::queues_in_order, .samples = 5'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"dropper", "stayer"};

  void thread(unsigned i) {
    if (i == 0) {
      work_.set(1);
      static_cast<void>(barrier_->arrive_and_drop());
      return;
    }
    barrier_->arrive_and_wait_blocking();
    if (work_.get() != 1) P::broken("left before all had arrived");
    if (barrier_->pending() != 1) P::broken("what was dropped is expected");
    barrier_->arrive_and_wait_blocking();
    platform_delete<P>()(barrier_);
  }

  void after() {}

 private:
  using barrier = basic_barrier<Queue, P>;
  barrier* const barrier_ = platform_new<barrier, P>(2);
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
