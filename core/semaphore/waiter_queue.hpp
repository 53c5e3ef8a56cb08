// surewake/core/semaphore/waiter_queue.hpp: the contract between the semaphore and its strategies.
//
// A strategy is a queue in which waiters and grants meet, in either order. The discipline's counter decides which
// acquire must wait and how many grants a release owes; the queue only matches them.
//
//   enqueue(w)          registers w, which needs w.missing() grants. `waiting`: w will be handed over later, possibly
//                       before this call returns. `granted`: all it needs was there. `closed`: the queue is closed.
//                       In the last two cases nobody else has or will have touched w.
//   enqueue(w, look)    the same, but before w enters the wait list look() is called, in the same section. If it
//                       returns less than 0, w has to wait. Otherwise w is `granted` what it wants, and that many
//                       grants are refused. (Barging asks this way.)
//   grant(n)            n ≥ 1 grants, each to the first registered waiter that still needs one, now or when it arrives.
//                       A waiter that has all it needs is handed over, outside every lock.
//                       Who is first, the strategy decides, with two rules:
//                       R1  A waiter that has a part of its grants stays first until it has the rest. Otherwise two
//                           with a part each wait for ever (models/waking/two_big_requests.hpp).
//                       R2  Where grants are not final (barging), waiters are served in the order of registration.
//                           Otherwise a waiter that its wake has not helped registers again and takes the wake of
//                           one that was there before (models/waking/mixed_sizes.hpp). `fits`, below, has it.
//   withdraw(w, refund) true: w will never be handed over, and nobody touches it again. The queue has called
//                       refund(w.missing()) once, before a grant or an enqueue of another thread could go by w's
//                       absence, and refuses as many grants as refund returned.
//                       false: w was handed over or is being handed over; refund was not called.
//                       The call comes after enqueue(w) has returned `waiting`, so that it reads what that has written.
//   close()             every registered waiter is handed over with closed() set; later enqueues answer `closed`,
//                       later grants are dropped. Idempotent.
//   size()              registered waiters; a snapshot, which may cost a look at each of them.
//
// Why refund is called inside (semaphore.hpp, law 3): a release can have paid w's debt while its grant is still on the
// way. The refund finds that out from the counter. Between "the permit is free again" and "that grant is refused" no
// waiter may enqueue, or it takes both. models/giving_up/withdraw_after_paid.hpp shows it: with refund after withdraw,
// two hold one permit.
#pragma once

#include <surewake/core/semaphore/take_result.hpp>
#include <surewake/core/semaphore/waiter.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// What giving up a wait costs, in the number of waiters.
enum class withdrawal_cost : std::uint8_t { constant, linear };

enum class enqueued : std::uint8_t { waiting, granted, closed };

namespace detail {

template <class Q, class P> struct waiter_choice {
  using type = waiter<P>;
};
template <class Q, class P>
  requires requires { typename Q::waiter_type; }
struct waiter_choice<Q, P> {
  using type = typename Q::waiter_type;
};

}  // namespace detail

/// The waiters that Q takes: Q::waiter_type if it has one, which is waiter<P> or derived from it; else waiter<P>.
template <class Q, class P> using waiter_for = typename detail::waiter_choice<Q, P>::type;

template <class Q, class P>
concept waiter_queue = platform<P> && requires(Q& q, Q const& cq, waiter_for<Q, P>& w, std::int64_t n,
                                               std::int64_t (&refund)(std::uint32_t), std::int64_t (&look)()) {
  { q.enqueue(w) } -> std::same_as<enqueued>;
  { q.enqueue(w, look) } -> std::same_as<enqueued>;
  q.grant(n);
  { q.withdraw(w, refund) } -> std::same_as<bool>;
  q.close();
  { cq.size() } -> std::same_as<std::size_t>;
};

namespace detail {

/// Whether Q says that it serves in the order of registration, or says nothing.
template <class Q> constexpr bool says_first_come_first_served = [] {
  if constexpr (requires { Q::first_come_first_served; }) return Q::first_come_first_served;
  else return true;
}();

/// Whether Q grants in the order of registration. One that hands over in another order, though it grants in this one,
/// has a member grants_in_order besides.
template <class Q> constexpr bool grants_in_order = [] {
  if constexpr (requires { Q::grants_in_order; }) return Q::grants_in_order;
  else return says_first_come_first_served<Q>;
}();

/// Whether the queue Q may serve under the discipline D: R2.
template <class Q, class D> constexpr bool fits = D::grants_are_final || grants_in_order<Q>;

}  // namespace detail

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
