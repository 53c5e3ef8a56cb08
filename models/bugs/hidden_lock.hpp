// surewake/models/bugs/hidden_lock.hpp: a strategy that counts its operations under a lock, and forgets that it has
// one, so that what its header says of progress is no longer true.
#pragma once

#include <surewake/core/platform/lock_hold.hpp>
#include <surewake/core/platform/spin_lock.hpp>
#include <surewake/core/semaphore/waiter_queue.hpp>

namespace surewake::models::bugs {

template <template <class> class Real> struct hidden_lock {
  template <class P> struct queue : Real<P> {
    template <class... Look> [[nodiscard]] enqueued enqueue(waiter<P>& w, Look&&... look) noexcept {
      count();
      return Real<P>::enqueue(w, std::forward<Look>(look)...);
    }
    void grant(std::int64_t n) noexcept {
      count();
      Real<P>::grant(n);
    }

   private:
    void count() noexcept {
      lock_hold const hold(lock_);
      calls_.set(calls_.get() + 1);
    }

    spin_lock<P> lock_;
    typename P::template plain<std::uint64_t> calls_{std::uint64_t{0}};
  };
};

}  // namespace surewake::models::bugs
