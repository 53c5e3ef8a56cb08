// surewake/models/bugs/around_synchronizer.hpp: intrusive_list under hand_off with one mistake put around its limit,
// core/semaphore/monitor_synchronizer.hpp.
#pragma once

#include <surewake/core/platform/lock_hold.hpp>
#include <surewake/queues/intrusive_list.hpp>

namespace surewake::models::bugs {

/// Loses a grant that comes while its waiter gives up.
template <class Synchronizer> struct drops_on_cancel : Synchronizer {
  using Synchronizer::Synchronizer;
  enqueued after_grant(waiter<typename Synchronizer::platform_type>& w, std::int64_t n, detail::then next) noexcept {
    return next == detail::then::leave ? enqueued::waiting : Synchronizer::after_grant(w, n, next);
  }
};

/// Does not give back what was set aside for a waiter when close() ends its wait.
template <class Synchronizer> struct keeps_fed : Synchronizer {
  using Synchronizer::Synchronizer;
  enqueued after_grant(waiter<typename Synchronizer::platform_type>& w, std::int64_t n, detail::then next) noexcept {
    return w.closed() ? enqueued::closed : Synchronizer::after_grant(w, n, next);
  }
};

/// Loses what was set aside for a waiter that gives up: reports that the waiter still lacked all of it.
template <class Synchronizer> struct forgets_fed : Synchronizer {
  using Synchronizer::Synchronizer;
  bool withdraw(waiter<typename Synchronizer::platform_type>& w, std::int64_t n) noexcept {
    if (!Synchronizer::withdraw(w, n)) return false;
    if (std::int64_t const fed = n - w.missing(); fed > 0) static_cast<void>(Synchronizer::reduce(fed));
    return true;
  }
};

/// Loses what was granted to a waiter that is destroyed before it runs.
template <class Synchronizer> struct declines_in_vain : Synchronizer {
  using Synchronizer::Synchronizer;
  enqueued after_grant(waiter<typename Synchronizer::platform_type>& w, std::int64_t n, detail::then next) noexcept {
    return next == detail::then::decline ? enqueued::waiting : Synchronizer::after_grant(w, n, next);
  }
};

/// Lets a waiter that comes after close() wait.
template <class Synchronizer> struct misses_arriving : Synchronizer {
  using Synchronizer::Synchronizer;
  enqueued wait(waiter<typename Synchronizer::platform_type>& w, std::int64_t n, take_result taken) noexcept {
    enqueued const r = Synchronizer::wait(w, n, taken);
    return r == enqueued::closed ? enqueued::waiting : r;
  }
};

/// Hands waiters over under a lock.
template <class Synchronizer> struct hands_over_locked : Synchronizer {
  using Synchronizer::Synchronizer;
  void give_back(std::int64_t n) noexcept {
    lock_hold const hold(outer_);
    Synchronizer::give_back(n);
  }

 private:
  spin_lock<typename Synchronizer::platform_type> outer_;
};

/// Lets the releaser look at the synchronizer after its release is done.
template <class Synchronizer> struct looks_back : Synchronizer {
  using Synchronizer::Synchronizer;
  void give_back(std::int64_t n) noexcept {
    Synchronizer::give_back(n);
    static_cast<void>(Synchronizer::waiters());
  }
};

/// Lets close() look at the synchronizer after it is done.
template <class Synchronizer> struct closes_and_looks : Synchronizer {
  using Synchronizer::Synchronizer;
  void close() noexcept {
    Synchronizer::close();
    static_cast<void>(Synchronizer::waiters());
  }
};

/// Gives a permit back twice.
template <class Synchronizer> struct gives_twice : Synchronizer {
  using Synchronizer::Synchronizer;
  void give_back(std::int64_t n) noexcept { Synchronizer::give_back(2 * n); }
};

/// Lets a release that finds another release at work leave its permit to that one, which does not know of it.
template <class Synchronizer> struct coalesces : Synchronizer {
  using Synchronizer::Synchronizer;
  void give_back(std::int64_t n) noexcept {
    using P = typename Synchronizer::platform_type;
    if (delivering_.exchange(1U, P::acq_rel) != 0U) return;
    Synchronizer::give_back(n);
    delivering_.store(0U, P::release);
  }

 private:
  typename Synchronizer::platform_type::template atomic<std::uint32_t> delivering_{0U};
};

/// Lets a try take first, and then give back what was not there.
template <class Synchronizer> struct takes_then_looks : Synchronizer {
  using Synchronizer::Synchronizer;
  bool try_take(std::int64_t n) noexcept {
    if (Synchronizer::take(n).is_granted()) return true;
    Synchronizer::give_back(n);
    return false;
  }
};

/// A discipline, because that is where a semaphore looks for its synchronizer: basic_semaphore<intrusive_list, P,
/// around_gate<looks_back>>.
template <template <class> class Around> struct around_gate : hand_off {};

}  // namespace surewake::models::bugs

template <template <class> class Around>
struct surewake::synchronizer_for<surewake::intrusive_list, surewake::models::bugs::around_gate<Around>> {
  template <class P> using type = Around<typename synchronizer_for<intrusive_list, hand_off>::template type<P>>;
};
