// surewake/models/primitives/event_passes_on.hpp: one waits for an event with patience, one for a moment, and it is set
// once. Does exactly one of them hear it?
// Shape      3 threads: setter sets once; impatient waits for a moment, then tries, then resets; patient starts a
//            coroutine that waits.
// Must hold  the set is heard once; if neither heard it, it is stored, and then nobody waits. The one that heard it
//            sees what was done before.
#pragma once

#include <surewake/models/primitives/event_fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue> struct event_passes_on {
  static constexpr model_facts facts{
      .question = "One waits for an event, another gives up, and it is set once: does exactly one hear it?",
      .law = "a set ends one wait, and not one that was given up (`core/primitives/auto_reset.hpp`, I3)",
      .over = over_what::queues, .samples = 8'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"setter", "impatient", "patient"};

  void thread(unsigned i) {
    switch (i) {
      case 0: work_.set(1); return event_.set();
      case 1:
        if (event_.try_wait_for(a_moment) || event_.try_wait() || event_.reset()) sees();
        return;
      default: start_detached<P>(wait());
    }
  }

  void after() {
    std::int64_t const waiting = static_cast<std::int64_t>(event_.waiters());
    if (bool const stored = event_.is_set(); heard_.get() + (stored ? 1 : 0) != 1) {
      P::broken(heard_.get() > 1 ? "doubled: one set ended two waits" : "lost: a set was neither heard nor stored");
    }
    if (event_.is_set() && waiting != 0) P::broken("lost wakeup: the event is set and somebody waits");
    static_cast<void>(event_.reset());
    if (waiting != 0) event_.set();
    event_at_rest(event_);
  }

 private:
  void sees() {
    if (work_.get() != 1) P::broken("visibility: the work of the setter was lost");
    heard_.add(1);
  }
  task<void, P> wait() {
    co_await event_.wait();
    sees();
  }

  basic_auto_reset_event<Queue, P> event_{};
  ghost<P> heard_{};
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
