// surewake/models/waking/release_of_several.hpp: permits come back two at a time, and the waiters want one, two and
// one. Does each get what it wants, and none of them more?
// Shape      2 threads, 4 permits: holder releases two, and the other two; visitor starts three coroutines, which keep
//            what they get.
// Must hold  all three are granted (laws 1, 2): what a release has left over after one waiter goes to the next, once.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct release_of_several : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Permits come back two at a time, and the waiters want one, two and one: who gets what?",
      .law = "what a release has left over after one waiter goes to the next, once",
      .samples = 15'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "visitor"};

  release_of_several() : release_of_several::fixture(4, 4) {}

  void thread(unsigned i) {
    if (i == 0) {
      this->held().split(2).release();
      this->held().release();
    } else {
      for (std::size_t k = 0; k != kept_.size(); ++k) start_detached<P>(this->keep(kept_[k], wanted[k]));
    }
  }

  void after() {
    for (std::size_t k = 0; k != kept_.size(); ++k) {
      if (kept_[k].count() != wanted[k]) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    }
    at_rest(this->limit(), 0);
  }

 private:
  static constexpr std::array<std::ptrdiff_t, 3> wanted{1, 2, 1};
  std::array<typename release_of_several::permit, 3> kept_{};
};

}  // namespace surewake::models
