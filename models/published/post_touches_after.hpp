// surewake/models/published/post_touches_after.hpp: one look at the semaphore after the post. Is it still there?
//
// Shape      2 threads, no permit: one posts; one waits, then destroys the semaphore, as POSIX allows.
// Must hold  no thread touches the semaphore after it is gone (otherwise: use after free).
// Fails      as published, under sequential consistency: the value is raised, the waiter takes it, goes on and
//            destroys the semaphore, and then the poster reads how many wait, in memory that is no longer a
//            semaphore.
// In words   A person who hands over the last key must not come back to see whether the door is locked: the house may
//            be gone.
// Repair     value and number of waiters are one word; the futex wake uses its address only.
// Source     glibc bug 12674. Our code. [@glibc12674]
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/models/published/form.hpp>

#include <array>
#include <memory>

namespace surewake::models::published {

template <platform P, form Form> class post_touches_after {
 public:
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"poster", "waiter"};

  post_touches_after() : semaphore_(std::construct_at(static_cast<semaphore*>(P::allocate(bytes, align)))) {}

  void thread(unsigned i) {
    if (i == 0) {
      semaphore_->post();
    } else {
      semaphore_->wait();
      std::destroy_at(semaphore_);
      P::deallocate(semaphore_, bytes, align);
    }
  }
  void after() {}

 private:
  class semaphore {
   public:
    void post() {
      if constexpr (Form == form::as_published) {
        // release [T1]: what the poster did, pairs with [T2].
        value_.fetch_add(1, P::release);
        // seq_cst [T3]: forbids seeing no waiter while the waiter sees the old value, pairs with [T3].
        P::fence(P::seq_cst);
        if (waiters_.load(P::relaxed) != 0) P::futex_wake(&value_, 1);  // relaxed: a number, no data
      } else {
        // The address, before the semaphore may be gone; the wake reads nothing there.
        auto const* const address = &value_;
        // release: as [T1]
        if (value_.fetch_add(2, P::release) % 2 != 0) P::futex_wake(address, 1);
      }
    }

    // The repaired word: twice the value, plus 1 once a thread waited.
    void wait() {
      constexpr std::uint32_t one = Form == form::as_published ? 1 : 2;
      if constexpr (Form == form::as_published) {
        waiters_.fetch_add(1, P::relaxed);  // relaxed: a number, no data
        P::fence(P::seq_cst);               // seq_cst: as [T3]
      } else {
        value_.fetch_or(1, P::relaxed);  // relaxed: as above
      }
      std::uint32_t v = value_.load(P::relaxed);  // relaxed: the exchange below orders
      for (;;) {
        if (v < one) {
          P::futex_wait(value_, v);
          v = value_.load(P::relaxed);  // relaxed: as above
        } else {
          // acquire [T2]: what the poster did, pairs with [T1].
          if (value_.compare_exchange_strong(v, v - one, P::acquire, P::relaxed)) return;
        }
      }
    }

   private:
    typename P::template atomic<std::uint32_t> value_{0};
    typename P::template atomic<std::uint32_t> waiters_{0};
  };
  static constexpr std::size_t bytes = sizeof(semaphore);
  static constexpr std::size_t align = alignof(semaphore);

  semaphore* semaphore_;
};

}  // namespace surewake::models::published
