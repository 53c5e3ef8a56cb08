// surewake/models/primitives/event_each_ends_one.hpp: two wait for an event, and two threads set it at once. Does each
// set end one wait?
// Shape      3 threads: waiter starts a coroutine that waits, beside one that waits from the beginning; two set, each
//            once that has begun.
// Must hold  both waits end, and the event is not set afterwards.
#pragma once

#include <surewake/models/primitives/event_fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue> struct event_each_ends_one {
  static constexpr model_facts facts{
      .question = "Two wait for an event, and two set it at once: does each set end one wait?",
      .law = "each set ends one of those that wait",
      .over = over_what::queues, .samples = 8'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"waiter", "setter", "other setter"};

  event_each_ends_one() { start_detached<P>(hear(event_, heard_)); }

  void thread(unsigned i) {
    if (i == 0) {
      start_detached<P>(hear(event_, heard_));
      // release [E1]: shows the wait to the setters, pairs with [E2].
      counted_.store(1U, P::release);
    } else {
      // acquire [E2]: sees the wait, pairs with [E1].
      P::await(counted_, [](std::uint32_t v) { return v == 1; }, P::acquire);
      event_.set();
    }
  }

  void after() {
    if (heard_.get() != 2) P::broken("lost wakeup: a set ended no wait");
    event_at_rest(event_);
  }

 private:
  basic_auto_reset_event<Queue, P> event_{};
  ghost<P> heard_{};
  typename P::template atomic<std::uint32_t> counted_{0U};
};

}  // namespace surewake::models
