// surewake/models/primitives/event_stored_once.hpp: an event is set twice while its only wait is given up. Is a set
// stored, and not two of them?
// Shape      3 threads: two set; impatient waits for a moment.
// Must hold  what was heard and what is stored afterwards: one or two sets, at most one of them stored.
#pragma once

#include <surewake/models/primitives/event_fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue> struct event_stored_once {
  static constexpr model_facts facts{
      .question = "An event is set twice while its only wait is given up: is a set stored, and not two?",
      .law = "a set that meets a wait which is given up is stored, once (`core/primitives/auto_reset.hpp`, I3)",
      .over = over_what::queues, .samples = 5'000, .preemptions = 3};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"impatient", "setter", "other setter"};

  void thread(unsigned i) {
    if (i == 0) heard_ = event_.try_wait_for(a_moment);
    else event_.set();
  }

  void after() {
    bool const stored = event_.try_wait();
    if (!stored && !heard_) P::broken("lost: a set was neither heard nor stored");
    event_at_rest(event_);
  }

 private:
  basic_auto_reset_event<Queue, P> event_{};
  bool heard_ = false;
};

}  // namespace surewake::models
