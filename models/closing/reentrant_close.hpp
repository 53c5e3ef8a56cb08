// surewake/models/closing/reentrant_close.hpp: a coroutine that close() wakes ends another one's wait, and uses the
// semaphore. Does it meet a lock of its own thread?
// Shape      2 threads, 2 permits: two coroutines wait; closer closes; holder releases one. The first one, done or
//            turned away, stops the other one; turned away, it tries, and acquires once more.
// Must hold  re-entrancy (law 5); both end, and what was released is free (laws 1, 2).
#pragma once

#include <surewake/models/fixture/fixture.hpp>
#include <surewake/models/fixture/stop_source.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct reentrant_close : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Coroutines that close() wakes use the semaphore: do they meet a lock of their own thread?",
      .law = "a coroutine that is resumed by close() may use the semaphore",
      .samples = 15'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"closer", "holder"};

  reentrant_close() : reentrant_close::fixture(2, 2) {
    start_detached<P>(visit());
    start_detached<P>(be_stopped());
  }

  void thread(unsigned i) { i == 0 ? this->limit().close() : this->held().split(1).release(); }

  void after() {
    if (ended_.get() != 2) P::broken("lost wakeup: close() left somebody waiting");
    this->held().release();
    at_rest_closed(this->limit(), 2);
  }

 private:
  task<void, P> visit() {
    bool turned_away = false;
    try {
      static_cast<void>(co_await this->limit().acquire());
    } catch (closed_error const&) {
      turned_away = true;
    }
    source_.request_stop();
    if (turned_away && (can_have(this->limit()) || this->visit_unless_closed()))
      P::broken("somebody gets into a closed semaphore");
    ended_.add(1);
  }
  task<void, P> be_stopped() {
    try {
      static_cast<void>(co_await this->limit().acquire(stop_signal<P>{&source_}));
    } catch (closed_error const&) {
    }
    ended_.add(1);
  }

  stop_source<P> source_{};
  ghost<P> ended_{};
};

}  // namespace surewake::models
