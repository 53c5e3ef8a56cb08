// surewake/queues/parts/uring_wait_list.hpp: the queue of uring_futex, a wait list in user space whose waiters sleep
// where a layout says.
//
//   enqueue   the layout finds the waiter's ring; the list registers the waiter; then its sleep begins
//   grant     the list picks the first waiters; the layout hands them over, each on its own ring's thread
//   withdraw  out of the list, then out of the layout; granted and not run yet, on its own thread: taken back
//
// The list alone decides which waiters wait, which of them is next, and what is refused
// (queues/parts/locked_wait_list.hpp). The kernel keeps only the sleep. So a wake that is lost or comes twice in the
// kernel cannot lose or double a permit.
//
// Invariants
//   I1  A waiter that resumes a coroutine (handle() is set) and was enqueued on a thread with a ring is run by that
//       thread, as long as the ring is there. All others are handed over by the granter, as in intrusive_list.
//   I2  Between the list and the layout a waiter belongs to the granter, which touches nothing of it after deliver().
// Progress  `progress` below: a short section under lock_. A thread that gives up a waiter of its own ring as that
//           waiter is granted waits besides in its layout's header, for a granter between the list and the layout.
// Fairness  FIFO in the order in which enqueue gets the lock. A ring runs its waiters in the order of their grants, if
//           the layout says so (runs_in_order). Two grants have no order if neither returned before the other was
//           called.
// Errors    none.
// Checked   models/ over both layouts and disciplines, with a ring on every thread; models/uring/.
#pragma once

#include <surewake/core/platform/spin_lock.hpp>
#include <surewake/queues/parts/locked_wait_list.hpp>
#include <surewake/queues/parts/waiter_list.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// `Layout` is uring_per_ring or uring_per_waiter.
template <platform P, class Layout>
class uring_wait_list : public detail::list_under_lock<P, spin_lock<P>, waiter_list<P>> {
  using base = detail::list_under_lock<P, spin_lock<P>, waiter_list<P>>;
  using base::list_;
  using base::lock_;

 public:
  using waiter_type = placed_waiter<P>;

  static constexpr char const* progress =
      "enqueue, grant and close blocking under spin_lock; single, many and closing: withdraw blocking under spin_lock; "
      "ring: withdraw blocking under spin_lock or uring_per_ring or uring_per_waiter";
  /// The claim of order, which the cases of verify/cases/strategies.hpp check.
  static constexpr bool first_come_first_served = Layout::runs_in_order;
  /// The list is first in, first out; a layout that runs in another order only runs so.
  static constexpr bool grants_in_order = true;

  [[nodiscard]] enqueued enqueue(waiter_type& w) noexcept {
    return enqueue(w, []() noexcept { return std::int64_t{-1}; });
  }

  template <class LookAgain> [[nodiscard]] enqueued enqueue(waiter_type& w, LookAgain&& look_again) noexcept {
    auto const place = Layout::enter(w);
    lock_.lock();
    enqueued const r = list_.enqueue(w, look_again);
    lock_.unlock();
    r == enqueued::waiting ? Layout::entered(place) : Layout::refused(w, place);
    return r;
  }

  void grant(std::int64_t n) noexcept {
    while (n > 0) {
      lock_.lock();
      waiter<P>* const w = list_.grant(n);
      lock_.unlock();
      if (w != nullptr) Layout::deliver(static_cast<waiter_type&>(*w));
    }
  }

  template <class Refund> [[nodiscard]] bool withdraw(waiter_type& w, Refund&& refund) noexcept {
    lock_.lock();
    bool const left = list_.withdraw(w, refund);
    lock_.unlock();
    if (left) return Layout::withdrawn(w), true;
    if (!Layout::take_back(w)) return false;
    static_cast<void>(refund(w.missing()));  // it had all its grants: they are passed on, there is nothing to refuse
    return true;
  }

  void close() noexcept {
    lock_.lock();
    list_.close(lock_, [](waiter<P>& w) noexcept { Layout::deliver(static_cast<waiter_type&>(w)); });
  }
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
