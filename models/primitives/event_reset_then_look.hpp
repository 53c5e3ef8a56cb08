// surewake/models/primitives/event_reset_then_look.hpp: an event that is set is reset, and then the resetter looks
// whether there is work before it waits. Work comes meanwhile, and the event is set for it. Is that heard?
// Shape      2 threads: setter brings work, then sets; looker resets, looks for the work, and waits if there is none.
// Must hold  the looker sees the work, or its wait ends (otherwise: deadlock).
// Seen       in basic_manual_reset_event: set() read the phase, found the event set, and then did nothing in the RMW
//            that came after the reset, while the work was still in the store buffer
#pragma once

#include <surewake/models/primitives/event_fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue> struct event_reset_then_look {
  static constexpr model_facts facts{
      .question = "An event is reset, and what it was set for is looked for: can a set meanwhile be missed?",
      .law = "a set that comes as the event is reset is heard, or its work is seen",
      .over = over_what::queues_in_order, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"setter", "looker"};

  void thread(unsigned i) {
    if (i == 0) {
      // relaxed: the event has the order.
      work_.store(1, P::relaxed);
      return event_.set();
    }
    static_cast<void>(event_.reset());
    // relaxed: as above.
    if (work_.load(P::relaxed) == 0) event_.wait_blocking();
  }

  void after() {
    static_cast<void>(event_.reset());
    event_at_rest(event_);
  }

 private:
  basic_manual_reset_event<Queue, P> event_{true};
  typename P::template atomic<int> work_{0};
};

}  // namespace surewake::models
