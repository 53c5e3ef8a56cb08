// surewake/models/bugs/counters.hpp: disciplines with one mistake in what they answer to the semaphore.
#pragma once

#include <surewake/core/semaphore/barging.hpp>
#include <surewake/core/semaphore/hand_off.hpp>

namespace surewake::models::bugs {

/// Does not look, in a withdrawal, for grants that are on their way: the permit is free and granted at once (kotlinx
/// #1477).
template <class Discipline> struct no_refusal : Discipline {
  template <platform P> struct counter : Discipline::template counter<P> {
    using Discipline::template counter<P>::counter;
    refunded refund(std::int64_t n, std::int64_t missing) noexcept {
      return {Discipline::template counter<P>::refund(n, missing).grants, 0};
    }
  };
};

/// Does not pass the balance that was kept for a waiter that leaves to the next one (shuttle #167, folly
/// BatchSemaphore).
template <class Discipline> struct bank_lost : Discipline {
  template <platform P> struct counter : Discipline::template counter<P> {
    using Discipline::template counter<P>::counter;
    refunded refund(std::int64_t n, std::int64_t missing) noexcept {
      return {0, Discipline::template counter<P>::refund(n, missing).refusals};
    }
  };
};

/// Loses a grant that comes while its waiter gives up (tokio #900, asyncio bpo-27585).
template <class Discipline> struct drop_on_cancel : Discipline {
  static constexpr bool grants_are_final = false;
  template <platform P> struct counter : Discipline::template counter<P> {
    using Discipline::template counter<P>::counter;
    std::int64_t retake(std::int64_t n) noexcept {
      if constexpr (Discipline::grants_are_final) return 0;
      else return Discipline::template counter<P>::retake(n);
    }
    bool take_granted(std::int64_t) noexcept { return false; }
  };
};

/// Does not pass on what was granted to a waiter that is destroyed before it runs.
template <class Discipline> struct passes_nothing_on : Discipline {
  template <platform P> struct counter : Discipline::template counter<P> {
    using Discipline::template counter<P>::counter;
    std::int64_t pass_on(std::int64_t) noexcept { return 0; }
  };
};

/// Wakes a waiter in a release only if nothing was free before the release (libc++ #46357).
template <class Discipline> struct wake_on_first : Discipline {
  template <platform P> struct counter : Discipline::template counter<P> {
    using Discipline::template counter<P>::counter;
    std::int64_t put(std::int64_t n) noexcept {
      bool const none_free = this->available() == 0;
      std::int64_t const grants = Discipline::template counter<P>::put(n);
      return none_free ? grants : 0;
    }
  };
};

/// Wakes one waiter only in a release of several permits, or in a release to waiters that want several.
template <class Discipline> struct wake_one : Discipline {
  template <platform P> struct counter : Discipline::template counter<P> {
    using Discipline::template counter<P>::counter;
    std::int64_t put(std::int64_t n) noexcept {
      return std::min<std::int64_t>(Discipline::template counter<P>::put(n), 1);
    }
  };
};

/// Lets a waiter that was woken and found the permit taken wait again without being counted.
struct uncounted : barging {
  template <platform P> struct counter : barging::counter<P> {
    using barging::counter<P>::counter;
    std::int64_t retake(std::int64_t n) noexcept { return this->try_take(n) ? 0 : 1; }
  };
};

/// Does not know, in a withdrawal, that the semaphore is closed, and has a wake refused that the queue has dropped
/// already.
struct refuses_when_closed : barging {
  template <platform P> class counter : public barging::counter<P> {
    using base = barging::counter<P>;

   public:
    using base::base;
    std::int64_t take(std::int64_t n) noexcept { return is_closed() ? closed : base::take(n); }
    std::int64_t retake(std::int64_t n) noexcept { return take(n); }
    bool try_take(std::int64_t n) noexcept { return !is_closed() && base::try_take(n); }
    bool take_granted(std::int64_t n) noexcept { return try_take(n); }
    // relaxed: as in the base, because what close() publishes goes through the queue's protection.
    void close() noexcept { closed_.store(1, P::relaxed); }
    // relaxed: as above.
    bool is_closed() const noexcept { return closed_.load(P::relaxed) != 0; }

   private:
    typename P::template atomic<std::uint32_t> closed_{0U};
  };
};

/// Lets try_acquire take first, and give back what was not there: in between a release grants to no waiter.
struct below_zero : hand_off {
  template <platform P> struct counter : hand_off::counter<P> {
    using hand_off::counter<P>::counter;
    bool try_take(std::int64_t n) noexcept {
      if (this->take(n) == 0) return true;
      this->abandon(n);
      return false;
    }
  };
};

/// Looks in reduce_permits how many permits are free, and then takes them whether they are still free or not.
struct reduce_blindly : hand_off {
  template <platform P> struct counter : hand_off::counter<P> {
    using hand_off::counter<P>::counter;
    std::int64_t reduce(std::int64_t n) noexcept {
      std::int64_t const taken = std::min(this->available(), n);
      if (taken > 0) static_cast<void>(this->take(taken));
      return taken;
    }
  };
};

/// Does not give back what a waiter asked for when close() ends its wait.
struct close_keeps_debts : hand_off {
  template <platform P> struct counter : hand_off::counter<P> {
    using hand_off::counter<P>::counter;
    void abandon(std::int64_t) noexcept {}
  };
};

/// Lets a withdrawal from a closed semaphore pass on what was set aside: the next waiter gets in.
struct refunds_when_closed : hand_off {
  template <platform P> struct counter : hand_off::counter<P> {
    using hand_off::counter<P>::counter;
    refunded refund(std::int64_t n, std::int64_t missing) noexcept {
      refunded const r = hand_off::counter<P>::refund(n, missing);
      return this->is_closed() ? refunded{n - missing, 0} : r;
    }
  };
};

/// Opens the semaphore again in the second close().
struct second_close_opens : hand_off {
  template <platform P> struct counter : hand_off::counter<P> {
    using hand_off::counter<P>::counter;
    void close() noexcept {
      hand_off::counter<P>::close();
      // relaxed: a count.
      times_.fetch_add(1U, P::relaxed);
    }
    // relaxed: as above.
    [[nodiscard]] bool is_closed() const noexcept { return times_.load(P::relaxed) % 2 == 1; }

   private:
    typename P::template atomic<std::uint32_t> times_{0U};
  };
};

}  // namespace surewake::models::bugs
