// surewake/models/uring/uring_give_up.hpp: on a ring's thread a wait is given up, its place is used again, and the
// permit comes at any moment. Is it lost, doubled, or taken for another waiter's?
// Shape      2 threads: granter releases the only permit; sleeper has a ring. There a coroutine waits, and gives up
//            before another coroutine waits, or is destroyed after that.
// Must hold  the second coroutine gets the permit (otherwise: deadlock), and sees the granter's work; one permit is
//            free at last.
#pragma once

#include <surewake/models/uring/uring_fixture.hpp>

namespace surewake::models {

enum class giving_up { stopped, destroyed };

template <platform P, template <class> class Queue, class Discipline, class Ring, giving_up How>
struct uring_give_up : uring_fixture<P, Queue, Discipline, Ring> {
  static constexpr model_facts facts{
      .question = "A waiter gives up, its place is used again: does the kernel's late answer harm?",
      .law = "a waiter's place on a ring is used again, its late completion does no harm"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"granter", "sleeper"};

  uring_give_up() : uring_give_up::uring_fixture(1, 1) {}

  void thread(unsigned i) {
    if (i == 0) {
      // relaxed: only that a coroutine waits by now.
      P::await(waits_, [](std::uint32_t v) { return v != 0; }, P::relaxed);
      this->do_work();
      return this->held().release();
    }
    Ring ring;
    if constexpr (How == giving_up::stopped) {
      start_detached<P>(this->visit_or_stop(source_, stopped_));
      ring.poll();  // armed
      waits();
      source_.request_stop();
      start_detached<P>(this->visit(over_, 1));
    } else {
      destroyed_while_waiting<P> const first = wait_for_ever(*this);
      waits();
      start_detached<P>(this->visit(over_, 1));
    }
    ring.run_until([this] { return over_.get() == 1; });
    ring.run();
    if (How == giving_up::stopped && stopped_.get() != 1) P::broken("lost wakeup: who was stopped still waits");
  }

  void after() { at_rest(this->limit(), 1); }

 private:
  static destroyed_while_waiting<P> wait_for_ever(uring_give_up& self) {
    auto const p = co_await self.limit().acquire();
  }
  // relaxed: as above.
  void waits() noexcept { waits_.store(1, P::relaxed); }

  typename P::template atomic<std::uint32_t> waits_{0U};
  stop_source<P> source_{};
  ghost<P> stopped_{};
  ghost<P> over_{};
};

}  // namespace surewake::models
