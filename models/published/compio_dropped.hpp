// surewake/models/published/compio_dropped.hpp: a waiter is dropped while a wake is on its way. Which waiter gets the
// wake?
//
// Must hold  the remaining waiter gets the permit (otherwise: deadlock, with the permit free).
// Fails      all under sequential consistency:
//   S9   the dropped waiter's registration stays in the deque, and the release wakes it. In words: the postman rings at
//        the flat of a tenant who has moved out, and his round is done.
//   S10  it was woken before it was dropped, and tells nobody. In words: a person who is called and leaves must call
//        the next.
//   S11  it empties the slot, but its own waker is long gone from there, so that it throws away a newcomer's. In words:
//        it clears the coat hook it once used, and with it somebody else's coat.
#pragma once

#include <surewake/models/published/compio_semaphore.hpp>

namespace surewake::models::published {

/// Two wait; the first is dropped while one permit is released. The other one must get it.
template <platform P, repairs R> class compio_dropped {
 public:
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"releaser", "dropped", "patient"};

  compio_dropped() {
    if (dropped_.poll(tasks_[0]) || patient_.poll(tasks_[1])) P::broken("the prelude: two waiters, no permit");
  }
  void thread(unsigned i) {
    switch (i) {
      case 0: semaphore_.release(); break;
      case 1: dropped_.drop(); break;
      default: patient_.block(tasks_[1]);
    }
  }
  void after() {
    if (semaphore_.available() != 0) P::broken("conservation: the patient one has the only permit");
  }
  [[nodiscard]] std::string state() const { return semaphore_.state(); }

 private:
  using acquiring = typename compio_semaphore<P, R>::acquiring;

  compio_semaphore<P, R> semaphore_{0};
  std::array<task<P, R>, 2> tasks_;
  acquiring dropped_{semaphore_};
  acquiring patient_{semaphore_};
};

/// One waits and is dropped while its wake comes; another registers meanwhile. No thread may take that one's waker.
template <platform P, repairs R> class compio_dropped_late {
 public:
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"releaser", "dropped", "newcomer"};

  compio_dropped_late() {
    if (dropped_.poll(tasks_[0])) P::broken("the prelude: one waiter, no permit");
  }
  void thread(unsigned i) {
    switch (i) {
      case 0:
        semaphore_.release();
        if (semaphore_.try_acquire()) semaphore_.release();
        break;
      case 1: dropped_.drop(); break;
      default: semaphore_.acquire(tasks_[1]);
    }
  }
  void after() {
    if (semaphore_.available() != 0) P::broken("conservation: the newcomer has the only permit");
  }
  [[nodiscard]] std::string state() const { return semaphore_.state(); }

 private:
  using acquiring = typename compio_semaphore<P, R>::acquiring;

  compio_semaphore<P, R> semaphore_{0};
  std::array<task<P, R>, 2> tasks_;
  acquiring dropped_{semaphore_};
};

}  // namespace surewake::models::published
