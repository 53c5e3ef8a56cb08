// surewake/models/bugs/queues.hpp: strategies with one mistake, put around a real one:
// `forget_early<intrusive_list>::queue`.
#pragma once

#include <surewake/core/platform/lock_hold.hpp>
#include <surewake/core/platform/spin_lock.hpp>
#include <surewake/queues/intrusive_list.hpp>
#include <surewake/queues/mutex_deque.hpp>

namespace surewake::models::bugs {

/// Drops a grant that finds no waiter in the list: the waiter whose debt it paid is still on its way (co_context,
/// libcoro #389).
template <template <class> class Real> struct forget_early {
  template <platform P> struct queue : Real<P> {
    void grant(std::int64_t n) noexcept {
      if (this->size() != 0) Real<P>::grant(n);
    }
  };
};

/// Refunds after the withdrawal instead of inside it: a newcomer takes the permit, and the grant too (law 3).
template <template <class> class Real> struct refund_late {
  template <platform P> struct queue : Real<P> {
    template <class Refund> [[nodiscard]] bool withdraw(waiter<P>& w, Refund&& refund) noexcept {
      std::uint32_t missing = 0;
      if (!Real<P>::withdraw(w, [&](std::uint32_t n) { return missing = n, std::int64_t{0}; })) return false;
      Real<P>::grant(-refund(missing));
      return true;
    }
  };
};

/// Delivers each grant twice.
template <template <class> class Real> struct grant_twice {
  template <platform P> struct queue : Real<P> {
    void grant(std::int64_t n) noexcept { Real<P>::grant(2 * n); }
  };
};

/// Takes a grant that comes while another one is delivered for the same one (async-lock's notify(1)).
template <template <class> class Real> struct coalesce {
  template <platform P> struct queue : Real<P> {
    void grant(std::int64_t n) noexcept {
      if (delivering_.exchange(1U, P::acq_rel) != 0U) return;
      Real<P>::grant(n);
      delivering_.store(0U, P::release);
    }

   private:
    typename P::template atomic<std::uint32_t> delivering_{0U};
  };
};

/// Lets a waiter sleep without a second look at the permits: the wake that was meant for it may have gone to another
/// waiter.
template <template <class> class Real> struct never_looks_again {
  template <platform P> struct queue : Real<P> {
    template <class... Look> [[nodiscard]] enqueued enqueue(waiter<P>& w, Look&&...) noexcept {
      return Real<P>::enqueue(w);
    }
  };
};

/// Lets a waiter that comes after close() wait.
template <template <class> class Real> struct close_misses_arriving {
  template <platform P> struct queue : Real<P> {
    template <class... Look> [[nodiscard]] enqueued enqueue(waiter<P>& w, Look&&... look) noexcept {
      enqueued const r = Real<P>::enqueue(w, std::forward<Look>(look)...);
      return r == enqueued::closed ? enqueued::waiting : r;
    }
  };
};

/// Ends later acquires in close(), and forgets those that wait already.
template <template <class> class Real> struct close_wakes_nobody {
  template <platform P> struct queue : Real<P> {
    void close() noexcept {
      if (this->size() == 0) Real<P>::close();
    }
  };
};

/// Looks at the queue in close() after the last hand-over.
template <template <class> class Real> struct close_looks_back {
  template <platform P> struct queue : Real<P> {
    void close() noexcept {
      Real<P>::close();
      static_cast<void>(this->size());
    }
  };
};

/// Hands waiters over under a lock (tokio #5429).
template <template <class> class Real> struct hand_over_locked {
  template <platform P> struct queue : Real<P> {
    void grant(std::int64_t n) noexcept {
      lock_hold const hold(outer_);
      Real<P>::grant(n);
    }

   private:
    spin_lock<P> outer_;
  };
};

/// Lets the granter look at the queue after its last hand-over (glibc 12674).
template <template <class> class Real> struct look_back {
  template <platform P> struct queue : Real<P> {
    void grant(std::int64_t n) noexcept {
      Real<P>::grant(n);
      static_cast<void>(this->size());
    }
  };
};

/// Lets the granter look at the waiter after its hand-over (tokio #2340).
template <template <class> class Real> struct look_at_waiter {
  template <platform P> struct queue : Real<P> {
    template <class... Look> [[nodiscard]] enqueued enqueue(waiter<P>& w, Look&&... look) noexcept {
      last_.store(&w, P::release);
      return Real<P>::enqueue(w, std::forward<Look>(look)...);
    }
    void grant(std::int64_t n) noexcept {
      waiter<P> const* const w = last_.load(P::acquire);
      bool const waits = this->size() != 0;
      Real<P>::grant(n);
      if (waits && w != nullptr) static_cast<void>(w->registered());
    }

   private:
    typename P::template atomic<waiter<P>*> last_{nullptr};
  };
};

}  // namespace surewake::models::bugs
