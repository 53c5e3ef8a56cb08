// surewake/models/waking/work_of_all_holders.hpp: a taker takes two permits that two others gave back. Does it see the
// work of both?
// Shape      3 threads, 2 permits: two holders work and release one each; taker acquires two.
// Must hold  no race on what either of them did (law 8): a permit that was on the counter when the wait list formed,
//            and one that was set aside before, bring their past along like the last one.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct work_of_all_holders : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "One takes two permits that two others gave back: does it see the work of both?",
      .law = "an acquire of two permits sees the work of both threads that gave them back",
      .samples = 15'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"holder", "other holder", "taker"};

  work_of_all_holders() : work_of_all_holders::fixture(2, 2) { other_ = this->held().split(1); }

  void thread(unsigned i) {
    if (i == 2) {
      auto const both = this->limit().acquire_blocking(2);
      if (work_[0].get() + work_[1].get() != 2) P::broken("visibility: the work of a holder was lost");
    } else {
      work_[i].set(1);
      (i == 0 ? this->held() : other_).release();
    }
  }

  void after() { at_rest(this->limit(), 2); }

 private:
  typename work_of_all_holders::permit other_{};
  std::array<typename P::template plain<int>, 2> work_{0, 0};
};

}  // namespace surewake::models
