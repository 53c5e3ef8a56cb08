// surewake/models/uring/uring_grant_across.hpp: a coroutine waits on a ring whose thread sleeps in the kernel, and its
// permit comes from another thread, which has a ring, or none. Does it wake, and where does it go on?
// Shape      2 threads: granter releases the only permit; sleeper has a ring, and runs it until its coroutine has
//            ended.
// Must hold  the coroutine ends (otherwise: deadlock) on its ring's thread, and sees the granter's work.
#pragma once

#include <surewake/models/uring/uring_fixture.hpp>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline, class Ring, bool GranterHasRing>
struct uring_grant_across : uring_fixture<P, Queue, Discipline, Ring> {
  static constexpr model_facts facts{
      .question = "A sleeping ring's waiter is granted: does it wake, and where?",
      .law = "a ring that sleeps in the kernel wakes for its waiter, which goes on there"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"granter", "sleeper"};

  uring_grant_across() : uring_grant_across::uring_fixture(1, 1) {}

  void thread(unsigned i) {
    if (i == 1) {
      Ring ring;
      start_detached<P>(look());
      ring.run_until([this] { return over_.get() == 1; });
    } else if constexpr (GranterHasRing) {
      Ring const ring;
      grant();
    } else {
      grant();
    }
  }

  void after() { at_rest(this->limit(), 1); }

 private:
  void grant() {
    work_.set(1);
    this->held().release();
  }
  task<void, P> look() {
    co_await this->visit(departed_);
    if (work_.get() != 1) P::broken("visibility: the work of a holder was lost");
    over_.add(1);
  }

  ghost<P> departed_{};
  ghost<P> over_{};
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
