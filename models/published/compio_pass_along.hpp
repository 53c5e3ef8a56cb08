// surewake/models/published/compio_pass_along.hpp: one permit goes from hand to hand. Does everybody get it in the end?
#pragma once

#include <surewake/models/published/compio_semaphore.hpp>

namespace surewake::models::published {

/// How the scenario begins and goes on.
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
      case 0: Shape.to_all ? semaphore_.release_to_all() : semaphore_.release(); break;
      case 1:
        take_and_pass(tasks_[0]);
        if constexpr (Shape.again) take_and_pass(tasks_[0]);
        break;
      default: take_and_pass(tasks_[1]);
    }
  }
  void after() {
    if (semaphore_.available() != 1) P::broken("conservation: the one permit is free again");
  }
  [[nodiscard]] std::string state() const { return semaphore_.state(); }

 private:
  using acquiring = typename compio_semaphore<P, R>::acquiring;

  void take_and_pass(task<P, R>& me) {
    semaphore_.acquire(me);
    semaphore_.release();
  }

  compio_semaphore<P, R> semaphore_{0};
  std::array<task<P, R>, 2> tasks_;
  std::array<task<P, R>, 2> before_;
};

}  // namespace surewake::models::published
