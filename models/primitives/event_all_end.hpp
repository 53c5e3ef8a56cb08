// surewake/models/primitives/event_all_end.hpp: an event that stays set is set while one waits, one comes, and one
// gives up. Do all end?
// Shape      3 threads: setter sets; patient waits; impatient waits for a moment. A coroutine waits from the beginning.
// Must hold  all waits end (otherwise: deadlock); a reset shows what was done before the set.
#pragma once

#include <surewake/models/primitives/event_fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue> struct event_all_end {
  static constexpr model_facts facts{
      .question = "An event that stays set is set while some wait, come and give up: do all end?",
      .law = "a set ends all waits, also beside one that is given up (`core/primitives/phases.hpp`, I2)",
      .over = over_what::queues_in_order, .samples = 8'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"setter", "patient", "impatient"};

  event_all_end() { start_detached<P>(hear(event_, heard_)); }

  void thread(unsigned i) {
    switch (i) {
      case 0: work_.set(1); return event_.set();
      case 1: return event_.wait_blocking();
      default:
        if (!event_.try_wait() && !event_.try_wait_for(a_moment) && !event_.reset()) return;
        if (work_.get() != 1) P::broken("visibility: the work of the setter was lost");
        event_.set();  // for the patient one, where it was reset
    }
  }

  void after() {
    if (heard_.get() != 1) P::broken("lost wakeup: somebody waits and nobody will wake it");
    if (!event_.reset()) P::broken("lost: the event is not set, and was not reset");
    event_at_rest(event_);
  }

 private:
  basic_manual_reset_event<Queue, P> event_{};
  ghost<P> heard_{};
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
