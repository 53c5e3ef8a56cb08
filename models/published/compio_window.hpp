// surewake/models/published/compio_window.hpp: a permit is released while an acquirer registers. Does it hear of it?
//
// Shape      2 threads, no permit: one releases, one acquires.
// Must hold  the acquirer gets the permit (otherwise: deadlock, with the permit free).
// Fails      first version: under sequential consistency. The attempt fails, the release comes and finds the queue
//            Empty, the waiter registers and does not look again.
//            S1: under weak memory only. An RMW on the permits and a load of the mode are two words to the hardware,
//            and no RMW is a fence for another word: both sides may read the past, each missing what the other has
//            just written.
// In words   First version: the bus comes while you look for the bench, and you sit down and wait for it.
//            S1: two people put notes up and look for the other's; each looks at the board as it was a moment ago.
#pragma once

#include <surewake/models/published/compio_semaphore.hpp>

namespace surewake::models::published {

template <platform P, repairs R> class compio_window {
 public:
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"releaser", "waiter"};

  void thread(unsigned i) {
    if (i == 0) {
      semaphore_.release();
    } else {
      semaphore_.acquire(waiter_);
    }
  }
  void after() {
    if (semaphore_.available() != 0) P::broken("conservation: the waiter has the only permit");
  }
  [[nodiscard]] std::string state() const { return semaphore_.state(); }

 private:
  compio_semaphore<P, R> semaphore_{0};
  task<P, R> waiter_;
};

}  // namespace surewake::models::published
