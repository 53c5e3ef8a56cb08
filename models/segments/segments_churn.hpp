// surewake/models/segments/segments_churn.hpp: cells are finished from several sides at once, in segments that come and
// go. Is a grant lost, a segment forgotten, or one used that is gone?
// Shape      3 threads on a bare queue: two register and leave again, twice each, and take what comes; granter grants
//            twice.
// Must hold  grants: every one is taken, or there for the next to come; a segment whose cells are finished goes.
#pragma once

#include <surewake/models/fixture/law.hpp>
#include <surewake/models/fixture/sleeper.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue> class segments_churn {
 public:
  static constexpr model_facts facts{
      .question = "Cells are finished from several sides: is a grant lost, a segment forgotten, or gone?",
      .law = "cells are finished from several sides while segments come and go: no grant is lost, no segment "
             "forgotten"};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"leaving", "leaving too", "granter"};

  void thread(unsigned i) {
    if (i == 2) {
      queue_.grant(1);
      queue_.grant(1);
    } else {
      visit();
      visit();
    }
  }

  void after() {
    if (!queue_.no_segment_forgotten()) P::broken("memory: a segment stays, and all of its cells are finished");
    for (; taken_.get() != 2; taken_.add(1)) {
      sleeper<P> next(1);
      if (queue_.enqueue(next) != enqueued::granted) P::broken("lost wakeup: a grant was lost");
    }
    sleeper<P> last(1);
    if (queue_.enqueue(last) != enqueued::waiting) P::broken("phantom grant: there are more than were granted");
    if (queue_.size() != 1) P::broken("size: one waits");
    if (!queue_.withdraw(last, none)) P::broken("who waits cannot leave");
    if (queue_.size() != 0) P::broken("size: nobody waits");
  }

 private:
  static std::int64_t none(std::uint32_t) noexcept { return 0; }

  void visit() noexcept {
    sleeper<P> me(1);
    if (queue_.enqueue(me) == enqueued::waiting) {
      if (queue_.withdraw(me, none)) return;
      me.sleep();
    }
    taken_.add(1);
  }

  Queue<P> queue_;
  ghost<P> taken_{};
};

}  // namespace surewake::models
