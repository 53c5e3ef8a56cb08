// surewake/models/waking/turns_under_lock.hpp: three threads take turns under a lock, and the last one to leave
// destroys it. Is each alone, does each get in, and is every thread through with the lock?
// Shape      3 threads on a bare lock; each counts down once, inside. The thread that counts to 0 destroys the lock
//            after its unlock.
// Must hold  exclusion and visibility (otherwise: data race); no thread sleeps on (otherwise: deadlock); no touch after
//            unlock.
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/models/fixture/facts.hpp>

#include <memory>
#include <string>

namespace surewake::models {

template <platform P, template <class> class Lock> struct turns_under_lock {
  static constexpr model_facts facts{
      .question = "Three threads take turns under a lock, the last one destroys it: does each get in, and is it "
                  "through?",
      .law = "each gets in, alone, and the last one may destroy the lock (`core/platform/futex_lock.hpp`)",
      .over = over_what::locks, .samples = 15'000, .preemptions = 4};
  static constexpr unsigned threads = 3;

  turns_under_lock() : lock_(std::construct_at(static_cast<lock*>(P::allocate(sizeof(lock), alignof(lock))))) {}

  void thread(unsigned) {
    lock_->lock();
    int const left = left_.get() - 1;
    left_.set(left);
    lock_->unlock();
    if (left != 0) return;
    std::destroy_at(lock_);
    P::deallocate(lock_, sizeof(lock), alignof(lock));
  }

  void after() {
    if (left_.get() != 0) P::broken("exclusion: a turn was lost");
  }

  [[nodiscard]] std::string state() const { return std::to_string(left_.get()) + " turns left"; }

 private:
  using lock = Lock<P>;
  lock* const lock_;
  typename P::template plain<int> left_{static_cast<int>(threads)};  // guarded by *lock_
};

}  // namespace surewake::models
