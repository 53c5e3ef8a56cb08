// surewake/models/published/compio_pass_along.hpp: one permit goes from hand to hand. Does every thread get it in the
// end?
//
// Shape      3 threads, no permit: one releases; two acquire and release. Before them, or not, two waiters came and
//            went.
// Must hold  no thread sleeps for ever (otherwise: deadlock, with the permit free); at the end the permit is free; each
//            holder sees what the last one wrote.
// Fails      all under sequential consistency:
//   S2  the waiter is in the deque and has looked at the permits for the last time, but the mode does not say so yet:
//       the release that comes now reads Empty. In words: you take a seat out of sight before you ring the bell.
//   S3  a registrant that finds a permit after all stores Empty over the Multi of another that registered meanwhile. In
//       words: a guest who leaves turns off the light without asking whether others are still in the room.
//   S4  a release finds Single with nothing in the slot, concludes that nobody is there and stores Empty; the thread
//       that had claimed the slot fills it now. In words: a reserved seat is given away while its owner walks towards
//       it.
//   S5  a release finds the deque empty, unlocks it and only then stores Empty: over the Multi of a thread that came in
//       between. In words: "nobody is waiting" was true when it was seen, and is hung up when it no longer is.
//   S6  the same after the release took the slot's waker: the mode that it decided on is stored too late. A
//       compare-and-exchange helps against that store, and nothing helps against two words: a claim (Single) that
//       another waiter's Multi has replaced is forgotten once that one is gone and the mode goes to Empty, and its
//       owner fills the slot of an empty queue. In words: two signs on one door, and nobody can turn both at once.
//   S7  wake_all drains all entries, then stores Empty: over the Multi of a thread that came in between. In words: the
//       hall is emptied and locked, and somebody came in by the back door between the two.
#pragma once

#include <surewake/models/published/compio_semaphore.hpp>

namespace surewake::models::published {

/// Says how the scenario begins and goes on.
struct pass_along_shape {
  bool used_before = false;  // two waiters came and went: the published queue is left in Multi, its deque empty
  bool to_all = false;       // the first release wakes all instead of one
  bool again = false;        // "first" comes back for the permit once more
};

template <platform P, repairs R, pass_along_shape Shape = {}> class compio_pass_along {
 public:
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"releaser", "first", "second"};

  compio_pass_along() {
    if constexpr (Shape.used_before) {
      acquiring a{semaphore_}, b{semaphore_};
      static_cast<void>(a.poll(before_[0]) || b.poll(before_[1]));
      semaphore_.release();
      semaphore_.release();
      if (!a.poll(before_[0]) || !b.poll(before_[1])) P::broken("the prelude: two waiters, two permits");
    }
  }
  void thread(unsigned i) {
    switch (i) {
      case 0:
        turns_.set(1);
        Shape.to_all ? semaphore_.release_to_all() : semaphore_.release();
        break;
      case 1:
        take_and_pass(tasks_[0]);
        if constexpr (Shape.again) take_and_pass(tasks_[0]);
        break;
      default: take_and_pass(tasks_[1]);
    }
  }
  void after() {
    if (semaphore_.available() != 1) P::broken("conservation: the one permit is free again");
    if (turns_.get() != 3 + (Shape.again ? 1 : 0)) P::broken("visibility: each holder sees what the last one wrote");
  }
  [[nodiscard]] std::string state() const { return semaphore_.state(); }

 private:
  using acquiring = typename compio_semaphore<P, R>::acquiring;

  void take_and_pass(task<P, R>& me) {
    semaphore_.acquire(me);
    turns_.set(turns_.get() + 1);
    semaphore_.release();
  }

  compio_semaphore<P, R> semaphore_{0};
  typename P::template plain<int> turns_{0};  // belongs to the holder of the permit
  std::array<task<P, R>, 2> tasks_;
  std::array<task<P, R>, 2> before_;
};

}  // namespace surewake::models::published
