// surewake/models/published/compio_semaphore.hpp: the semaphore of compio-sync, over either form of its queue.
//
//   acquire = loop { take a permit if there is one; wait in the queue unless a permit is there }
//   release = one permit more; wake_one()
//
// Permits and queue are two words. The first version waited unconditionally: a permit that came between the failed
// attempt and the registration was lost. The second version (#8) looks at the permits again once it is registered.
// Source    compio-sync, before and at cf6ef3b (#8); the algorithm is theirs, the code ours.
#pragma once

#include <surewake/models/published/compio_one_word.hpp>
#include <surewake/models/published/compio_queue.hpp>

#include <string>
#include <type_traits>

namespace surewake::models::published {

template <platform P, repairs R> class compio_semaphore {
 public:
  using queue = std::conditional_t<R.one_word, compio_one_word<P, R>, compio_queue<P, R>>;
  using task_type = task<P, R>;

  explicit compio_semaphore(std::uint32_t permits) : permits_(permits) {}

  [[nodiscard]] bool try_acquire() {
    // acquire [S1]: what the permit's last holder did, pairs with [S2] and [S3].
    std::uint32_t free = permits_.load(P::acquire);
    while (free != 0) {
      // acq_rel [S2]: as acquire, sees what [S1] sees, pairs with [S3]; as release, keeps the chain of holders,
      // pairs with [S1]; on failure acquire, as published: the value read may be the one that is taken next.
      // Strong where the original is weak: the loop is the same, the tree smaller.
      if (permits_.compare_exchange_strong(free, free - 1, P::acq_rel, P::acquire)) return true;
    }
    return false;
  }

  /// The future of one acquire.
  class acquiring {
   public:
    explicit acquiring(compio_semaphore& s) : semaphore_(s), wait_(s.queue_) {}

    /// Returns true when a permit was taken.
    [[nodiscard]] bool poll(task_type& me) {
      for (;;) {
        if (!wait_.registered() && semaphore_.try_acquire()) return true;
        if (!wait_.poll(me, [this] { return R.recheck && semaphore_.available() != 0; })) return false;
      }
    }
    void drop() { wait_.drop(); }
    void block(task_type& me) {
      while (!poll(me)) me.sleep();
    }

   private:
    compio_semaphore& semaphore_;
    add_waiter<P, queue> wait_;
  };

  void acquire(task_type& me) { acquiring{*this}.block(me); }

  void release() {
    add_permit();
    queue_.wake_one();
  }

  /// Adds one permit, and lets every waiter try for it, as a user of wake_all does.
  void release_to_all() {
    add_permit();
    queue_.wake_all();
  }

  // acquire: as [S1].
  [[nodiscard]] std::uint32_t available() const { return permits_.load(P::acquire); }

  [[nodiscard]] std::string state() const {
    return std::to_string(permits_.load(P::relaxed)) + " free, queue " + queue_.state();  // relaxed: for a report
  }

 private:
  // release [S3]: what the holder did, for the next one, pairs with [S1] and [S2].
  void add_permit() { permits_.fetch_add(1, P::release); }

  typename P::template atomic<std::uint32_t> permits_;
  queue queue_;
};

}  // namespace surewake::models::published
