// surewake/models/giving_up/stop_against_thread.hpp: a thread blocks for a permit, with a limit; its stop is requested,
// its permit comes and its limit passes, all at once. Does it go on, and with what?
// Shape      3 threads: blocked acquires and blocks; granter releases the only permit; stopper requests the stop.
// Must hold  the thread goes on (otherwise: deadlock), with the permit or without; nothing touches its stack
//            afterwards; the permit is free in the end.
#pragma once

#include <surewake/models/fixture/fixture.hpp>
#include <surewake/models/fixture/stop_source.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct stop_against_thread : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A blocked thread is stopped, granted and out of time at once: does it go on, and with what?",
      .law = "a blocked thread that is stopped goes on, with the permit or without",
      .samples = 20'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"blocked", "granter", "stopper"};

  stop_against_thread() : stop_against_thread::fixture(1, 1) {}

  void thread(unsigned i) {
    switch (i) {
      case 0: {
        auto const p = this->limit().acquire_blocking(stop_signal<P>{&source_}, a_moment, 1, {.spin = {}});
        if (p && work_.get() != 1) P::broken("visibility: the work of a holder was lost");
        return;
      }
      case 1: work_.set(1); return this->held().release();
      default: return source_.request_stop();
    }
  }

  void after() { at_rest(this->limit(), 1); }

 private:
  stop_source<P> source_{};
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
