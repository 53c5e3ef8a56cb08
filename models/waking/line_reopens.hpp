// surewake/models/waking/line_reopens.hpp: nobody waits any more and permits are free again, while a release is still
// on its way. Is its permit given out twice?
// Shape      3 threads: slow releases; quick releases, and acquires again; eager acquires two; 2 permits, one of which
//            was handed to a waiter before: a wait list has formed, and it is empty.
// Must hold  never more than two inside (law 1), and every thread gets in (otherwise: deadlock).
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct line_reopens : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "The semaphore reopens while a release is on its way: is its permit given out twice?",
      .law = "a contended word that is opened keeps nothing of an arrival that is pending "
             "(`core/semaphore/monitor_synchronizer.hpp`, I3)",
      .samples = 15'000, .preemptions = 3};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"slow", "quick", "eager"};

  line_reopens() : line_reopens::fixture(2, 2) {
    start_detached<P>(keep_one(this->limit(), handed_));
    this->held().split(1).release();
  }

  void thread(unsigned i) {
    switch (i) {
      case 0: return this->held().release();
      case 1: handed_.release(); return visit(1);
      default: return visit(2);
    }
  }

  void after() { at_rest(this->limit(), 2); }

 private:
  void visit(std::ptrdiff_t n) {
    auto const p = this->limit().acquire_blocking(n);
    auto const inside = room_.enter(n);
  }

  using permit = typename line_reopens::permit;
  static task<void, P> keep_one(typename line_reopens::semaphore& limit, permit& kept) {
    kept = co_await limit.acquire();
  }

  permit handed_;
  room<P> room_{2};
};

}  // namespace surewake::models
