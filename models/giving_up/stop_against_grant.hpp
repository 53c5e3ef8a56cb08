// surewake/models/giving_up/stop_against_grant.hpp: a coroutine waits, its stop is requested, and its permit comes: all
// at once. Which thread resumes it, how often, and with what?
// Shape      3 threads: registrant starts the coroutine; granter releases the only permit; stopper requests the stop.
// Must hold  the coroutine goes on exactly once, with the permit or without; the permit is free in the end.
#pragma once

#include <surewake/models/fixture/fixture.hpp>
#include <surewake/models/fixture/stop_source.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct stop_against_grant : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A coroutine waits, is stopped and granted, all at once: who resumes it, how often, and with what?",
      .law = "a stopped coroutine goes on once, with the permit or without",
      .samples = 15'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"registrant", "granter", "stopper"};

  stop_against_grant() : stop_against_grant::fixture(1, 1) {}

  void thread(unsigned i) {
    switch (i) {
      case 0: return start_detached<P>(visit());
      case 1: work_.set(1); return this->held().release();
      default: return source_.request_stop();
    }
  }

  void after() {
    if (ended_.get() != 1) P::broken("lost wakeup: a stopped coroutine waits and nobody will resume it");
    at_rest(this->limit(), 1);
  }

 private:
  task<void, P> visit() {
    auto const p = co_await this->limit().acquire(stop_signal<P>{&source_});
    ended_.add(1);
    if (p && work_.get() != 1) P::broken("visibility: the work of a holder was lost");
  }

  stop_source<P> source_{};
  ghost<P> ended_{};
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
