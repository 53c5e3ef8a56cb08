// surewake/models/lifetime/semaphore_destroyed_by_last.hpp: one thread gets both permits, from two releases, and
// destroys the semaphore. Is the first release through with it, when the second one is?
// Shape      3 threads, 2 permits: two release one each; last acquires one after the other, and destroys the semaphore.
// Must hold  no thread touches what is gone (law 4).
#pragma once

#include <surewake/models/fixture/owned_semaphore.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off> struct semaphore_destroyed_by_last {
  static constexpr model_facts facts{
      .question = "The thread that got both permits destroys the semaphore: is the first release through?",
      .law = "the thread that got both permits may destroy the semaphore",
      .samples = 15'000, .preemptions = 1};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"holder", "another", "last"};

  semaphore_destroyed_by_last() {
    limit_->add_permits(1);
    for (auto& p : held_) p = *limit_->try_acquire();
  }

  void thread(unsigned i) {
    if (i != 2) return held_[i].release();
    auto both = limit_->acquire_blocking();
    both.merge(limit_->acquire_blocking());
    destroy_as_last<semaphore>(std::move(both), limit_);
  }

  void after() {
    if (limit_) P::broken("lost wakeup: somebody waits and nobody will wake it");
  }

 private:
  using semaphore = basic_semaphore<Queue, P, Discipline>;

  owned_semaphore<semaphore> limit_{make_semaphore<semaphore>()};
  std::array<typename semaphore::permit, 2> held_{};
};

}  // namespace surewake::models
