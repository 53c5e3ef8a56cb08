// surewake/models/counting/limit_lowered.hpp: the limit is lowered while more permits are out, as they come back and
// others want them. Is one given away that should have gone?
// Shape      3 threads, 2 permits, which are held: holder releases them one by one; lowerer lowers the limit to 1, and
//            then acquires; visitor acquires and releases.
// Must hold  both acquires end (otherwise: deadlock). The lowerer's permit is the only one out: both of the holder's
//            have come back, and the visitor is not inside. In the end one permit exists, and it is free.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct limit_lowered : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "The limit is lowered while more permits are out, and others want them: is one too many given away?",
      .law = "a permit that comes back above the limit is nobody's"};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"holder", "lowerer", "visitor"};

  limit_lowered() : limit_lowered::fixture(2, 2) {}

  void thread(unsigned i) {
    switch (i) {
      case 0:
        this->held().split(1).release();
        back_.set(1);
        return this->held().release();
      case 1: {
        this->limit().set_limit(1);
        auto const mine = this->limit().acquire_blocking();
        if (back_.get() != 1) P::broken("a permit was given away while the limit was out");
        return inside_.set(inside_.get() + 1);
      }
      default: {
        auto const mine = this->limit().acquire_blocking();
        inside_.set(inside_.get() + 1);
      }
    }
  }

  void after() {
    if (this->limit().max_permits() != 1) P::broken("the limit is not what it was set to");
    at_rest(this->limit(), 1);
  }

 private:
  typename P::template plain<int> back_{0};    // by the holder, before its last release
  typename P::template plain<int> inside_{0};  // by the other two
};

}  // namespace surewake::models
