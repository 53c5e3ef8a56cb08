// surewake/models/waking/two_big_requests.hpp: two requests want all the permits there are, at once. Does each get a
// part?
// Shape      3 threads: two acquire two permits each, and give them back; holder gives the two back one by one; 2
//            permits.
// Must hold  both get in (otherwise: deadlock), never at once.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct two_big_requests : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Two want all the permits there are, at once: does each get a part?",
      .law = "two that want all permits at once get them one after the other",
      .samples = 15'000, .preemptions = 1};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"wants two", "wants two, too", "holder"};

  two_big_requests() : two_big_requests::fixture(2, 2) {}

  void thread(unsigned i) {
    if (i == 2) {
      this->held().split(1).release();
      this->held().release();
    } else {
      auto const both = this->limit().acquire_blocking(2);
      auto const inside = room_.enter(2);
    }
  }

  void after() { at_rest(this->limit(), 2); }

 private:
  room<P> room_{2};
};

}  // namespace surewake::models
