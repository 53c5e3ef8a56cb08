// surewake/models/waking/reentrant_release.hpp: a resumed coroutine releases to the next one, inside the grant that
// resumed it.
// Shape      2 threads: holder releases, which runs two waiting coroutines one after the other; newcomer acquires too.
// Must hold  all get in, none while another is inside (law 5), and the coroutines in their order where there is one.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct reentrant_release : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A resumed coroutine releases to the next one, inside the grant that resumed it: does it hang, or "
                  "overtake?",
      .law = "a resumed coroutine releases inside the grant",
      .samples = 15'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "newcomer"};

  reentrant_release() : reentrant_release::fixture(1, 1) {
    for (int turn = 1; turn != 3; ++turn) start_detached<P>(visit(turn));
  }

  void thread(unsigned i) {
    if (i == 0) {
      this->held().release();
    } else {
      auto const p = this->limit().acquire_blocking();
      auto const inside = room_.enter();
    }
  }

  void after() {
    if (visits_.get() != 2) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    at_rest(this->limit(), 1);
  }

 private:
  task<void, P> visit(int turn) {
    auto const p = co_await this->limit().acquire();
    auto const inside = room_.enter();
    if constexpr (reentrant_release::in_order) order_.comes(turn);
    visits_.add(1);
  }

  room<P> room_{1};
  turns<P> order_{};
  ghost<P> visits_{};
};

}  // namespace surewake::models
