// surewake/bench/peers/mutex_condvar.hpp: the semaphore that textbooks build from a mutex and a condition variable, be
// they those of threads or of fibers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace surewake::bench {

template <class Mutex, class Condition>
class condition_semaphore {
 public:
  static constexpr char const* withdrawal = "time-out";
  explicit condition_semaphore(unsigned permits) : permits_(permits) {}
  void acquire() {
    std::unique_lock hold(mutex_);
    more_.wait(hold, [this] { return permits_ != 0; });
    --permits_;
  }
  bool acquire_for(std::chrono::nanoseconds limit) {
    std::unique_lock hold(mutex_);
    if (!more_.wait_for(hold, limit, [this] { return permits_ != 0; })) return false;
    --permits_;
    return true;
  }
  bool try_acquire() {
    std::scoped_lock const hold(mutex_);
    if (permits_ == 0) return false;
    --permits_;
    return true;
  }
  void release(unsigned n = 1) {
    {
      std::scoped_lock const hold(mutex_);
      permits_ += n;
    }
    n == 1 ? more_.notify_one() : more_.notify_all();
  }

 private:
  Mutex mutex_;
  Condition more_;
  unsigned permits_;
};

struct mutex_condvar_peer : condition_semaphore<std::mutex, std::condition_variable> {
  static constexpr char const* name = "std::mutex + condition_variable";
  static constexpr char const* package = "libstdc++";
  using condition_semaphore::condition_semaphore;
};

}  // namespace surewake::bench
