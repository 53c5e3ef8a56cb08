// surewake/models/uring/uring_order.hpp: coroutines of one ring are granted one after the other, by another thread and
// by their own. Do they run in that order?
// Shape      2 threads: granter releases two permits one by one; sleeper has a ring with a waiter for each permit.
//            `others`: sleeper runs meanwhile. `own_last`: once granter has ended, sleeper releases a third permit to
//            a third waiter, and then runs.
// Must hold  a ring runs its waiters in the order of their grants (law 6); all end on their ring's thread.
#pragma once

#include <surewake/models/uring/uring_fixture.hpp>

namespace surewake::models {

enum class granted_by { others, own_last };

template <platform P, template <class> class Queue, class Discipline, class Ring, granted_by Who>
struct uring_order : uring_fixture<P, Queue, Discipline, Ring> {
  static constexpr model_facts facts{
      .question = "Waiters of one ring are granted by others and by their own thread: do they run in order?",
      .law = "a ring runs its waiters in the order of their grants, whichever threads granted"};
  static_assert(std::derived_from<Discipline, hand_off>, "a discipline with an order");
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"granter", "sleeper"};
  static constexpr int waiters = Who == granted_by::others ? 2 : 3;

  uring_order() : uring_order::uring_fixture(waiters, waiters) {
    if (Who == granted_by::own_last) own_ = this->held().split(1);
  }

  void thread(unsigned i) {
    if (i == 0) {
      // relaxed: only that all wait.
      P::await(waiting_, [](std::uint32_t v) { return v != 0; }, P::relaxed);
      this->held().split(1).release();
      this->held().release();
      // release: both grants have returned.
      released_.store(1, P::release);
      return;
    }
    Ring ring;
    for (int turn = 1; turn <= waiters; ++turn) start_detached<P>(in_turn(turn));
    // relaxed: as above.
    waiting_.store(1, P::relaxed);
    if (Who == granted_by::own_last) {
      // acquire: the grants that returned come before this thread's own.
      P::await(released_, [](std::uint32_t v) { return v != 0; }, P::acquire);
      own_.release();
    }
    ring.run_until([this] { return over_.came() == waiters; });
  }

  void after() { at_rest(this->limit(), waiters); }

 private:
  task<void, P> in_turn(int turn) {
    co_await this->visit(visited_);
    over_.comes(turn, "order: who was granted later ran first");
  }

  typename uring_order::permit own_{};
  typename P::template atomic<std::uint32_t> waiting_{0U};
  typename P::template atomic<std::uint32_t> released_{0U};
  ghost<P> visited_{};
  turns<P> over_{};
};

}  // namespace surewake::models
