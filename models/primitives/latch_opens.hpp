// surewake/models/primitives/latch_opens.hpp: two count a latch down, and the thread that waits for it destroys it.
// Does it wait for both, see what they did, and are they through with it?
// Shape      3 threads: two count down by 1; owner waits, first for a moment, and then destroys the latch.
// Must hold  the wait ends (otherwise: deadlock), after both (otherwise: data race); no touch afterwards.
#pragma once

#include <surewake/core/platform/platform_new.hpp>
#include <surewake/core/primitives/latch.hpp>
#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue> struct latch_opens {
  static constexpr model_facts facts{
      .question = "Two count a latch down, and the thread that waits destroys it: does it wait for both?",
      .law = "a latch opens after all that was to be counted down, for all, and may be destroyed then "
             "(`core/primitives/latch.hpp`)",
      .over = over_what::queues_in_order, .samples = 8'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"owner", "counter", "other counter"};

  latch_opens() {
    for (auto& w : work_) w.set(0);
  }

  void thread(unsigned i) {
    if (i != 0) {
      work_[i - 1].set(1);
      return latch_->count_down();
    }
    if (!latch_->try_wait_for(a_moment)) latch_->wait_blocking();
    if (work_[0].get() + work_[1].get() != 2) P::broken("the latch opened before all had counted down");
    platform_delete<P>()(latch_);
  }

  void after() {}

 private:
  using latch = basic_latch<Queue, P>;

  latch* const latch_ = platform_new<latch, P>(2);
  std::array<typename P::template plain<int>, 2> work_{};
};

}  // namespace surewake::models
