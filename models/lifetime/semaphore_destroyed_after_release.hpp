// surewake/models/lifetime/semaphore_destroyed_after_release.hpp: the thread that gets the last permit knows that the
// other one is through, and destroys the semaphore. Is the other one's release through with it?
// Shape      2 threads, 1 permit, which was handed to a waiter before: holder releases it; last acquires it, and
//            destroys the semaphore at once.
// Must hold  no thread touches what is gone (law 4).
#pragma once

#include <surewake/models/fixture/owned_semaphore.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct semaphore_destroyed_after_release {
  static constexpr model_facts facts{
      .question = "The thread that gets the last permit destroys the semaphore: is the release that gave it through?",
      .law = "the thread that gets the last permit may destroy the semaphore",
      .samples = 15'000, .preemptions = 4};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "last"};

  semaphore_destroyed_after_release() {
    auto first = *limit_->try_acquire();
    start_detached<P>(keep());
    first.release();
  }

  void thread(unsigned i) { i == 0 ? kept_.release() : destroy_as_last<semaphore>(limit_->acquire_blocking(), limit_); }

  void after() {
    if (limit_) P::broken("lost wakeup: somebody waits and nobody will wake it");
  }

 private:
  using semaphore = basic_semaphore<Queue, P, Discipline>;

  task<void, P> keep() { kept_ = co_await limit_->acquire(); }

  owned_semaphore<semaphore> limit_{make_semaphore<semaphore>()};
  typename semaphore::permit kept_{};
};

}  // namespace surewake::models
