// surewake/models/waking/try_acquire_against_waiter.hpp: a visitor tries while a permit goes to a waiter. Does the try
// overtake, or disturb?
// Shape      2 threads: holder releases; visitor tries, starts a coroutine that waits for the permit and keeps it,
//            tries again.
// Must hold  the coroutine is granted; under hand_off the second try fails, as the permit is spoken for; what a try
//            gets shows the holder's work.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct try_acquire_against_waiter : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A thread tries while a permit goes to a waiter: does it overtake, or disturb?",
      .law = "a try neither overtakes nor disturbs",
      .samples = 15'000, .preemptions = 4, .complete = "intrusive_list mutex_deque"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "visitor"};

  try_acquire_against_waiter() : try_acquire_against_waiter::fixture(1, 1) {}

  void thread(unsigned i) {
    if (i == 0) {
      work_.set(1);
      return this->held().release();
    }
    try_once();
    start_detached<P>(this->keep(kept_));
    if (try_once() && this->hands_off) P::broken("order: a try overtook one who waited");
  }

  void after() {
    if (!kept_) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    at_rest(this->limit(), 0);
  }

 private:
  bool try_once() {
    auto const p = this->limit().try_acquire();
    if (p && work_.get() != 1) P::broken("visibility: the work of a holder was lost");
    return p.has_value();
  }

  typename try_acquire_against_waiter::permit kept_{};
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
