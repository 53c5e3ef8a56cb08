// surewake/models/lifetime/waiter_destroyed_after_grant.hpp: the waiter that is granted the last permit destroys the
// semaphore, and itself. Does the granter touch either of them?
// Shape      2 threads: holder releases the only permit of two semaphores; visitor waits for one as a coroutine, which
//            the holder resumes, and for the other one blocked. Each destroys the semaphore at once.
// Must hold  no thread touches what is gone (law 4), and everything is gone in the end.
#pragma once

#include <surewake/models/fixture/owned_semaphore.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off> struct waiter_destroyed_after_grant {
  static constexpr model_facts facts{
      .question = "A waiter that is granted the last permit destroys the semaphore and itself: does the granter look "
                  "back?",
      .law = "the granter touches neither the waiter nor the semaphore it waited for",
      .samples = 15'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "visitor"};

  void thread(unsigned i) {
    if (i == 0) {
      for (auto& p : held_) p.release();
    } else {
      start_detached<P>(destroy_when_granted());
      destroy_as_last<semaphore>(semaphores_[1]->acquire_blocking(), semaphores_[1]);
    }
  }

  void after() {
    if (semaphores_[0] || semaphores_[1]) P::broken("lost wakeup: somebody waits and nobody will wake it");
  }

 private:
  using semaphore = basic_semaphore<Queue, P, Discipline>;
  task<void, P> destroy_when_granted() {
    auto p = co_await semaphores_[0]->acquire();
    destroy_as_last<semaphore>(std::move(p), semaphores_[0]);
  }

  std::array<owned_semaphore<semaphore>, 2> semaphores_{make_semaphore<semaphore>(), make_semaphore<semaphore>()};
  std::array<typename semaphore::permit, 2> held_{*semaphores_[0]->try_acquire(), *semaphores_[1]->try_acquire()};
};

}  // namespace surewake::models
