// surewake/queues/parts/locked_queue.hpp: a list of waiters under a lock, served in the list's order: what mutex_deque
// and intrusive_list share.
//
//   lock_ guards list_: queues/parts/locked_wait_list.hpp has its states and invariants
//
// Invariants
//   I1  Only the holder of lock_ moves a waiter, or assigns grants to it.
//   I2  The thread that took a waiter out hands it over, with lock_ released, and never accesses it again; so a resumed
//       coroutine may use the semaphore, and the last one destroy it. Grants that are due after it stay with the
//       granter meanwhile, and no other thread can deliver them. So a waiter still waits for them, or has given up and
//       the destructor waits until they are refused; either way the queue exists when the granter comes back.
// Progress  enqueue, grant, withdraw, close: blocking (a short section under lock_). A release that finds nobody
//           waiting does not come here at all (core/semaphore/hand_off.hpp: it is wait-free).
// Fairness  the list's: FIFO over those that keep the order in which enqueue gets the lock.
// Source    the waiter lists of tokio's batch_semaphore, with CQS's refusal of grants in place of its lock-before-CAS
//           rule. [@tokio] [@cqs2023]
// Checked   models/ over both disciplines; seeded bugs in models/bugs/.
#pragma once

#include <surewake/core/platform/lock_hold.hpp>
#include <surewake/queues/parts/locked_wait_list.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <platform P, class Lock, wait_list<P> WaitList>
class locked_queue : public detail::list_under_lock<P, Lock, WaitList> {
  using base = detail::list_under_lock<P, Lock, WaitList>;
  using base::list_;
  using base::lock_;

 public:
  /// The claim of order that verify/cases/strategies.hpp has checked. A strategy whose list has another order says so.
  static constexpr bool first_come_first_served = true;

  [[nodiscard]] enqueued enqueue(waiter<P>& w) noexcept {
    return enqueue(w, []() noexcept { return std::int64_t{-1}; });
  }

  template <class LookAgain> [[nodiscard]] enqueued enqueue(waiter<P>& w, LookAgain&& look_again) noexcept {
    lock_hold const hold(lock_);
    return list_.enqueue(w, look_again);
  }

  void grant(std::int64_t n) noexcept {
    while (n > 0) {
      lock_.lock();
      waiter<P>* const w = list_.grant(n);
      lock_.unlock();
      if (w != nullptr) w->hand_over();  // I2
    }
  }

  template <class Refund> [[nodiscard]] bool withdraw(waiter<P>& w, Refund&& refund) noexcept {
    lock_hold const hold(lock_);
    return list_.withdraw(w, refund);
  }

  void close() noexcept {
    lock_.lock();
    list_.close(lock_);
  }
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
