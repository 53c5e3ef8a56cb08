// surewake/queues/intrusive_list.hpp: first come, first served; the node is in the waiter, so waiting allocates
// nothing.
//
//   w1 <-> w2 <-> w3    registered waiters, oldest first, linked through the nodes in their own coroutine frames
//
// Under hand_off the list is beside the permits, under their lock: core/semaphore/monitor_synchronizer.hpp has
// states and invariants. Under barging it is a waiter queue like others: queues/parts/locked_queue.hpp. Added here:
//   I1  The links of a registered waiter belong to the holder of the lock; a waiter leaves from any place in O(1).
// Progress  `progress` below; the lock is held for a few instructions. A release that finds nobody waiting is
//           wait-free. Under hand_off: core/semaphore/monitor_synchronizer.hpp.
// Fairness  FIFO.   Errors  none.
// Cost      enqueue, withdraw, and grant per waiter: one RMW and one store for the lock, no allocation, O(1).
// Source    the intrusive waiter lists of tokio's batch_semaphore and cppcoro's async_mutex. [@tokio] [@cqs2023]
// Decision  a short lock, not a lock-free list. `surewake-bench run list_decision`, in units of a bare pair of
//           locked RMWs, medians on 2 cores: push and pop on one thread 1.3 under the lock, 1.9 with an exchange push
//           (Vyukov), 2.0 with a Treiber push, 3.1 under std::mutex; withdrawal 0.6, 0.75, 0.9, 1.5. On two threads
//           that do nothing else the runs differ too much for an order: the lock 7 to 41, the exchange push 9 to 12.
//           A pop or a withdrawal needs exclusion either way, so a lock-free push does not save it.
// Checked   models/ over both disciplines; `surewake-verify weaken core/platform/spin_lock.hpp`, `…
//           core/semaphore/monitor_synchronizer.hpp`.
#pragma once

#include <surewake/core/semaphore/counter_synchronizer.hpp>
#include <surewake/core/semaphore/monitor_synchronizer.hpp>
#include <surewake/core/platform/spin_lock.hpp>
#include <surewake/core/platform/std_platform.hpp>
#include <surewake/queues/parts/locked_queue.hpp>
#include <surewake/queues/parts/waiter_list.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <platform P> class intrusive_list : public locked_queue<P, spin_lock<P>, waiter_list<P>> {
 public:
  static constexpr char const* name = "intrusive_list";
  static constexpr withdrawal_cost withdrawal = withdrawal_cost::constant;
  static constexpr char const* a_wait_allocates = "nothing";
  static constexpr char const* progress = "enqueue, grant, withdraw and close blocking under spin_lock";
};

static_assert(waiter_queue<intrusive_list<std_platform>, std_platform>);

/// Under hand_off the list shares its lock with the permits.
template <> struct synchronizer_for<intrusive_list, hand_off> {
  template <class P> using type = detail::monitor_synchronizer<P, spin_lock<P>, waiter_list<P>>;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
