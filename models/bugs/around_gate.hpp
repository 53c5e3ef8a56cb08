// surewake/models/bugs/around_gate.hpp: intrusive_list under hand_off with one mistake put around its gate,
// core/semaphore/monitor_synchronizer.hpp.
#pragma once

#include <surewake/core/platform/lock_hold.hpp>
#include <surewake/queues/intrusive_list.hpp>

namespace surewake::models::bugs {

/// A grant that comes while its waiter gives up is thrown away with it.
template <class Gate> struct drops_on_cancel : Gate {
  using Gate::Gate;
  enqueued woken_last_time(waiter<typename Gate::platform_type>&, std::int64_t) noexcept { return enqueued::waiting; }
};

/// What was set aside for a waiter is not given back when close() ends its wait.
template <class Gate> struct keeps_fed : Gate {
  using Gate::Gate;
  enqueued woken(waiter<typename Gate::platform_type>& w, std::int64_t) noexcept {
    return w.closed() ? enqueued::closed : enqueued::granted;
  }
};

/// What was set aside for a waiter that gives up is lost: it is told to have needed all of it still.
template <class Gate> struct forgets_fed : Gate {
  using Gate::Gate;
  bool withdraw(waiter<typename Gate::platform_type>& w, std::int64_t n) noexcept {
    if (!Gate::withdraw(w, n)) return false;
    if (std::int64_t const fed = n - w.needs(); fed > 0) static_cast<void>(Gate::reduce(fed));
    return true;
  }
};

/// What was granted to a waiter that is destroyed before it runs is lost with it.
template <class Gate> struct declines_in_vain : Gate {
  using Gate::Gate;
  void decline(waiter<typename Gate::platform_type>&, std::int64_t) noexcept {}
};

/// A waiter that comes after close() waits.
template <class Gate> struct misses_arriving : Gate {
  using Gate::Gate;
  enqueued wait(waiter<typename Gate::platform_type>& w, std::int64_t n, take_result taken) noexcept {
    enqueued const r = Gate::wait(w, n, taken);
    return r == enqueued::closed ? enqueued::waiting : r;
  }
};

/// Waiters are handed over under a lock.
template <class Gate> struct hands_over_locked : Gate {
  using Gate::Gate;
  void give_back(std::int64_t n) noexcept {
    lock_hold const hold(outer_);
    Gate::give_back(n);
  }

 private:
  spin_lock<typename Gate::platform_type> outer_;
};

/// The releaser looks at the gate when it is done.
template <class Gate> struct looks_back : Gate {
  using Gate::Gate;
  void give_back(std::int64_t n) noexcept {
    Gate::give_back(n);
    static_cast<void>(Gate::waiters());
  }
};

/// close() looks at the gate when it is done.
template <class Gate> struct closes_and_looks : Gate {
  using Gate::Gate;
  void close() noexcept {
    Gate::close();
    static_cast<void>(Gate::waiters());
  }
};

/// A permit is given back twice.
template <class Gate> struct gives_twice : Gate {
  using Gate::Gate;
  void give_back(std::int64_t n) noexcept { Gate::give_back(2 * n); }
};

/// A release that finds another one at work leaves its permit to that one, which does not know of it.
template <class Gate> struct coalesces : Gate {
  using Gate::Gate;
  void give_back(std::int64_t n) noexcept {
    using P = typename Gate::platform_type;
    if (delivering_.exchange(1U, P::acq_rel) != 0U) return;
    Gate::give_back(n);
    delivering_.store(0U, P::release);
  }

 private:
  typename Gate::platform_type::template atomic<std::uint32_t> delivering_{0U};
};

/// A try takes first, and gives back what was not there.
template <class Gate> struct takes_then_looks : Gate {
  using Gate::Gate;
  bool try_take(std::int64_t n) noexcept {
    if (Gate::take(n).is_granted()) return true;
    Gate::give_back(n);
    return false;
  }
};

/// As a discipline, since that is where a semaphore looks for its gate: basic_semaphore<intrusive_list, P,
/// around_gate<looks_back>>.
template <template <class> class Around> struct around_gate : hand_off {};

}  // namespace surewake::models::bugs

template <template <class> class Around>
struct surewake::gate_for<surewake::intrusive_list, surewake::models::bugs::around_gate<Around>> {
  template <class P> using type = Around<typename gate_for<intrusive_list, hand_off>::template type<P>>;
};
