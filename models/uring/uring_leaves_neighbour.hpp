// surewake/models/uring/uring_leaves_neighbour.hpp: a ring is destroyed with two waiters, and the first waiter that
// runs ends the wait of the other. Was that one granted, is it being granted, or neither, and which thread runs it?
// Shape      2 threads: granter releases two permits one by one; leaver has a ring with two waiters, and destroys it.
//            `stopped`: it does so meanwhile, and the first waiter asks the second one to stop. `destroyed`: it does so
//            once both were granted, and the first waiter destroys the second one, which has yet to run.
// Must hold  a stopped coroutine ends once, and a destroyed one never; two permits are free in the end.
#pragma once

#include <surewake/models/fixture/stop_source.hpp>
#include <surewake/models/uring/uring_give_up.hpp>

#include <optional>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline, class Ring, giving_up How>
struct uring_leaves_neighbour : uring_fixture<P, Queue, Discipline, Ring> {
  static constexpr model_facts facts{
      .question = "A ring goes, and one of its waiters ends another's wait: who runs that one?",
      .law = "a ring goes, and one of its waiters ends the wait of another: that one ends once"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"granter", "leaver"};

  uring_leaves_neighbour() : uring_leaves_neighbour::uring_fixture(2, 2) {}

  void thread(unsigned i) {
    if (i == 0) {
      // relaxed: only that both wait.
      if (How == giving_up::destroyed) P::await(waiting_, [](std::uint32_t v) { return v != 0; }, P::relaxed);
      this->held().split(1).release();
      this->held().release();
      // relaxed: only that both were granted.
      released_.store(1, P::relaxed);
      return;
    }
    Ring const ring;
    start_detached<P>(first());
    if constexpr (How == giving_up::stopped) {
      start_detached<P>(second());
    } else {
      waits_.emplace(endless(*this));
      // relaxed: as above.
      waiting_.store(1, P::relaxed);
      // relaxed: as above.
      P::await(released_, [](std::uint32_t v) { return v != 0; }, P::relaxed);
    }
  }

  void after() {
    if (over_.get() != (How == giving_up::stopped ? 2 : 1)) P::broken("lost wakeup: a coroutine has not ended once");
    at_rest(this->limit(), 2);
  }

 private:
  task<void, P> first() {
    auto const p = co_await this->limit().acquire();
    if constexpr (How == giving_up::stopped) {
      source_.request_stop();
    } else {
      waits_.reset();
    }
    over_.add(1);
  }
  task<void, P> second() {
    static_cast<void>(co_await this->limit().acquire(stop_signal<P>{&source_}));
    over_.add(1);
  }
  static destroyed_while_waiting<P> endless(uring_leaves_neighbour& self) {
    auto const p = co_await self.limit().acquire();
    P::broken("a coroutine ran on that was to be destroyed");
  }

  typename P::template atomic<std::uint32_t> waiting_{0U};
  typename P::template atomic<std::uint32_t> released_{0U};
  stop_source<P> source_{};
  std::optional<destroyed_while_waiting<P>> waits_{};
  ghost<P> over_{};
};

}  // namespace surewake::models
