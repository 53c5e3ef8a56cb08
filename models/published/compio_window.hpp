// surewake/models/published/compio_window.hpp: a permit is released while somebody registers. Does he hear of it?
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
