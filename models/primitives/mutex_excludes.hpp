// surewake/models/primitives/mutex_excludes.hpp: threads and a coroutine lock a mutex in every way, some not for long.
// Is each alone inside, and does each get in that does not give up?
// Shape      3 threads: thread locks, blocking; hasty tries with a limit; starter starts a coroutine that locks, or is
//            stopped.
// Must hold  exclusion and visibility; all that were to get in did (otherwise: deadlock, broken law).
#pragma once

#include <surewake/models/fixture/fixture.hpp>
#include <surewake/models/fixture/monitor.hpp>
#include <surewake/models/fixture/stop_source.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct mutex_excludes : monitor<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Three lock a mutex in three ways: is each alone inside, and does each get in that does not give up?",
      .law = "the holder is alone, and sees the last holder's work (`core/primitives/mutex.hpp`)",
      .samples = 5'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"blocking", "hasty", "starter"};

  void thread(unsigned i) {
    switch (i) {
      case 0: {
        auto const held = this->lock().lock_blocking();
        return this->work();
      }
      case 1: {
        auto const held = this->lock().try_lock_for(a_moment);
        if (held) this->work();
        else gave_up_.add(1);
        return source_.request_stop();
      }
      default: return start_detached<P>(visit());
    }
  }

  void after() {
    if (ended_.get() != 1) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    this->at_rest(3 - static_cast<int>(gave_up_.get()));
  }

 private:
  task<void, P> visit() {
    auto const held = co_await this->lock().lock(stop_signal<P>{&source_});
    if (held) this->work();
    else gave_up_.add(1);
    ended_.add(1);
  }

  stop_source<P> source_{};
  ghost<P> gave_up_{}, ended_{};
};

}  // namespace surewake::models
