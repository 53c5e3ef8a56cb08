// surewake/models/closing/close_against_grants.hpp: permits are released to waiters of several sizes, and the semaphore
// is closed meanwhile. Does each waiter end with all it wanted or with nothing?
// Shape      2 threads, 3 permits, which are held: a coroutine waits for one, one for two; holder releases two, which
//            leaves one set aside, and then one; closer closes, and adds a permit.
// Must hold  each coroutine ends, once, with its permits or with closed_error; what no coroutine has is free (law 1).
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct close_against_grants : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Permits come for waiters of several sizes, and the semaphore is closed: does each have all or "
                  "nothing?",
      .law = "each of two sizes ends with all it wanted or nothing, around close()",
      .samples = 5'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "closer"};

  close_against_grants() : close_against_grants::fixture(3, 3) {
    start_detached<P>(want(one_, 1));
    start_detached<P>(want(two_, 2));
  }

  void thread(unsigned i) {
    if (i == 0) {
      this->held().split(2).release();
      return this->held().release();
    }
    this->limit().close();
    this->limit().add_permits(1);
  }

  void after() {
    if (ended_.get() != 2) P::broken("lost wakeup: close() left somebody waiting");
    std::ptrdiff_t const got = one_.count() + two_.count();
    if (this->limit().available_permits() != 4 - got) P::broken("conservation: a permit was lost or invented");
    one_.release();
    two_.release();
    at_rest_closed(this->limit(), 4);
  }

 private:
  task<void, P> want(typename close_against_grants::permit& kept, std::ptrdiff_t n) {
    try {
      kept = co_await this->limit().acquire(n);
    } catch (closed_error const&) {
    }
    ended_.add(1);
  }

  ghost<P> ended_{};
  typename close_against_grants::permit one_{};
  typename close_against_grants::permit two_{};
};

}  // namespace surewake::models
