// surewake/models/primitives/shared_excludes.hpp: a writer, a reader that may give up, and a coroutine that may be
// stopped lock a shared mutex. Is the writer alone, and does each get in that does not give up?
// Shape      3 threads: writer locks, blocking; hasty reads, with a limit, and then requests a stop; starter starts a
//            coroutine that writes, or is stopped.
// Must hold  exclusion and visibility; all that were to get in did (otherwise: deadlock, broken law).
#pragma once

#include <surewake/models/fixture/stop_source.hpp>
#include <surewake/models/primitives/shared_fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct shared_excludes : shared_fixture<P, Queue> {
  static constexpr model_facts facts{
      .question = "Writers and a reader lock a shared mutex, some not for long: is each writer alone, and does each "
                  "get in that does not give up?",
      .law = "a writer is alone, readers see what the last one did, and it sees them leave "
             "(`core/primitives/shared_mutex.hpp`, I1)",
      .over = over_what::ordered_strategies, .samples = 8'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"writer", "hasty", "starter"};

  void thread(unsigned i) {
    switch (i) {
      case 0: {
        auto const held = this->lock().lock_blocking();
        return static_cast<void>(this->write());
      }
      case 1: {
        auto const held = this->lock().try_lock_shared_for(a_moment);
        if (held) static_cast<void>(this->read());
        return source_.request_stop();
      }
      default: return start_detached<P>(visit());
    }
  }

  void after() {
    if (ended_.get() != 1) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    this->at_rest(2 - static_cast<int>(gave_up_.get()));
  }

 private:
  task<void, P> visit() {
    auto const held = co_await this->lock().lock(stop_signal<P>{&source_});
    if (held) static_cast<void>(this->write());
    else gave_up_.add(1);
    ended_.add(1);
  }

  stop_source<P> source_{};
  ghost<P> gave_up_{}, ended_{};
};

}  // namespace surewake::models
