// surewake/models/closing/close_twice.hpp: two close the semaphore at once, and each tries to get in afterwards. Is it
// closed when a close() returns, whichever was first?
// Shape      2 threads, 2 permits, of which one is held: a coroutine waits for two; each closes, tries, and acquires.
// Must hold  no thread gets in after a close() of its own; the coroutine is turned away, once; what it asked for is
//            free.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct close_twice : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Two close the semaphore at once, and then try to get in: is it closed when a close() returns?",
      .law = "no thread gets in after a close() of its own, whichever closed first",
      .samples = 5'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"closer", "another"};

  close_twice() : close_twice::fixture(2, 1) { start_detached<P>(be_turned_away()); }

  void thread(unsigned) {
    this->limit().close();
    bool const in = can_have(this->limit());
    if (in || !this->limit().is_closed() || this->visit_unless_closed(2)) {
      P::broken("somebody gets into a closed semaphore");
    }
  }

  void after() {
    if (turned_away_.get() != 1) P::broken("lost wakeup: close() left somebody waiting");
    this->held().release();
    at_rest_closed(this->limit(), 2);
  }

 private:
  task<void, P> be_turned_away() {
    try {
      static_cast<void>(co_await this->limit().acquire(2));
    } catch (closed_error const&) {
      turned_away_.add(1);
    }
  }

  ghost<P> turned_away_{};
};

}  // namespace surewake::models
