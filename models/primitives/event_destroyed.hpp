// surewake/models/primitives/event_destroyed.hpp: the thread whose wait has ended destroys the event, of either kind.
// Is the setter through with it?
// Shape      2 threads: setter sets one event, then the other; owner waits for each, the second time for a
//            moment first, and destroys it.
// Must hold  no touch of an event after the wait that its set ends (otherwise: use after free).
#pragma once

#include <surewake/core/platform/platform_new.hpp>
#include <surewake/models/primitives/event_fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue> struct event_destroyed {
  static constexpr model_facts facts{
      .question = "The thread whose wait has ended destroys the event: is the setter through with it?",
      .law = "the thread whose wait has ended may destroy the event",
      .over = over_what::queues_in_order, .samples = 40'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"setter", "owner"};

  void thread(unsigned i) {
    if (i == 0) {
      one_->set();
      all_->set();
    } else {
      one_->wait_blocking();
      platform_delete<P>()(one_);
      if (!all_->try_wait_for(a_moment)) all_->wait_blocking();
      platform_delete<P>()(all_);
    }
  }

  void after() {}

 private:
  using one_type = basic_auto_reset_event<Queue, P>;
  using all_type = basic_manual_reset_event<Queue, P>;
  one_type* const one_ = platform_new<one_type, P>();
  all_type* const all_ = platform_new<all_type, P>();
};

}  // namespace surewake::models
