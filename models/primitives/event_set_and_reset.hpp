// surewake/models/primitives/event_set_and_reset.hpp: an event that stays set is set and reset while one wait, which
// was called before, comes to register, and another one is called after it. Which of them ends?
// Shape      3 threads: early awaits what was called before; setter sets; resetter resets and, if the event was set,
//            starts a coroutine that waits.
// Must hold  the early wait ends (otherwise: lost wakeup); the late one does not, until the next set.
#pragma once

#include <surewake/models/primitives/event_fixture.hpp>

#include <array>
#include <optional>

namespace surewake::models {

template <platform P, template <class> class Queue> struct event_set_and_reset {
  static constexpr model_facts facts{
      .question = "An event is set and reset, one wait was called before and one after: which of them ends?",
      .law = "a set ends the waits that were called before it, and no later one (`core/primitives/phases.hpp`, I1, I3)",
      .over = over_what::queues_in_order, .samples = 8'000, .preemptions = 3};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"early", "setter", "resetter"};

  event_set_and_reset() : called_(event_.wait()) {}

  void thread(unsigned i) {
    switch (i) {
      case 0: return start_detached<P>(wait_early());
      case 1: work_.set(1); return event_.set();
      default:
        if (event_.reset()) start_detached<P>(hear(event_, late_));
    }
  }

  void after() {
    if (early_.get() != 1) P::broken("lost wakeup: a set did not end a wait that was called before it");
    if (late_.get() != 0) P::broken("phantom wake: a wait was ended by a set from before it");
    auto const waiting = static_cast<std::int64_t>(event_.waiters());
    event_.set();
    if (late_.get() != waiting) P::broken("lost wakeup: somebody waits and nobody will wake it");
    static_cast<void>(event_.reset());
    event_at_rest(event_);
  }

 private:
  using event = basic_manual_reset_event<Queue, P>;

  task<void, P> wait_early() {
    co_await std::move(called_);
    if (work_.get() != 1) P::broken("visibility: the work of the setter was lost");
    early_.add(1);
  }

  event event_{};
  decltype(std::declval<event&>().wait()) called_;
  ghost<P> early_{}, late_{};
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
