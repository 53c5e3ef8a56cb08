// surewake/models/waking/two_releases_two_waiters_same_queue.hpp: two threads release at once to two waiters. Does each
// waiter get one permit?
// Shape      2 threads, each releases one of two permits; two coroutines wait, and keep what they get.
// Must hold  both coroutines are granted.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct two_releases_two_waiters_same_queue : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Two threads release at once to two waiters: does each get one?",
      .law = "two releases at once reach two waiters",
      .samples = 15'000, .preemptions = 4, .complete = "intrusive_list mutex_deque"};
  static constexpr unsigned threads = 2;

  two_releases_two_waiters_same_queue() : two_releases_two_waiters_same_queue::fixture(2, 2) {
    for (auto& k : kept_) start_detached<P>(this->keep(k));
    other_ = this->held().split(1);
  }

  void thread(unsigned i) { i == 0 ? this->held().release() : other_.release(); }

  void after() {
    if (!kept_[0] || !kept_[1]) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    at_rest(this->limit(), 0);
  }

 private:
  using permit = typename two_releases_two_waiters_same_queue::permit;
  std::array<permit, 2> kept_{};
  permit other_{};
};

}  // namespace surewake::models
