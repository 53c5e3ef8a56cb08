// surewake/models/published/compio_polled_again.hpp: a task is polled though no wake came. Is the next wake its own?
//
// Shape      3 threads, no permit: one whose future was polled twice before any wake, one patient; one releases.
// Must hold  both get the permit in turn (otherwise: deadlock, with the permit free).
// Fails      S12, under sequential consistency: the second poll ends the wait; there is no permit, so the task
//            registers again, and its first registration stays. When the task has had its permit, the next release
//            wakes that old registration. In words: a person who queues twice gets called twice, and the second call is
//            somebody else's.
#pragma once

#include <surewake/models/published/compio_semaphore.hpp>

namespace surewake::models::published {

template <platform P, repairs R> class compio_polled_again {
 public:
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"releaser", "polled twice", "patient"};

  compio_polled_again() {
    // Two polls with no wake between them, as when a task waits for two things at once and the other one moves.
    if (twice_.poll(tasks_[0]) || twice_.poll(tasks_[0]) || patient_.poll(tasks_[1])) {
      P::broken("the prelude: two waiters, no permit");
    }
  }
  void thread(unsigned i) {
    switch (i) {
      case 0: semaphore_.release(); break;
      case 1:
        twice_.block(tasks_[0]);
        semaphore_.release();
        break;
      default:
        patient_.block(tasks_[1]);
        semaphore_.release();
    }
  }
  void after() {
    if (semaphore_.available() != 1) P::broken("conservation: the one permit is free again");
  }
  [[nodiscard]] std::string state() const { return semaphore_.state(); }

 private:
  using acquiring = typename compio_semaphore<P, R>::acquiring;

  compio_semaphore<P, R> semaphore_{0};
  std::array<task<P, R>, 2> tasks_;
  acquiring twice_{semaphore_};
  acquiring patient_{semaphore_};
};

}  // namespace surewake::models::published
