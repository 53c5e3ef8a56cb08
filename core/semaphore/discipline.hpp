// surewake/core/semaphore/discipline.hpp: what a discipline is: it decides to which acquire a released permit belongs.
//
// A discipline D has a counter, D::counter<P>, which every acquire and every release of a semaphore changes by one RMW.
// What that RMW found decides whether an acquire waits, and how many grants a release owes to the waiters.
//
//   D::name, D::progress  as cases and traces spell it; what the operations promise (verify/engine/progress.hpp)
//   D::grants_are_final   true: a grant is a permit, so a waiter that was handed over owns what it asked for.
//                         false: a grant is a wake, and the waiter competes for its permits again.
//   D::overtaken_at_most  optional: the waiters are served in the order of registration, and at most that many
//                         acquisitions take permits without having waited before the first waiter has its own
//                         (bounded_barging.hpp says it precisely; -1: as many as is said at run time)
//   D::max_permits        optional: the most permits that a semaphore can have, where that is less than 2^31 - 1
//   D                     may have members, such as a limit: a semaphore is made with one, and so is the counter,
//                         D::counter<P>(permits, d). d.check(), optional, throws where the members are out of range.
//   take(n)               asks for n permits: 0 if the caller has them, k > 0 if k grants are owed to it, closed
//   put(n)                gives n permits back; returns how many grants the queue must deliver
//   refund(n, missing)    ends a wait for n permits that lacked `missing` grants; called inside the queue's protection
//   brings(n, k)          returns how many of n permits the counter had, k being owed: the queue hands them out in
//                         order
//   pass_on(n)            a granted waiter does not want its n permits; returns how many grants go to others
//   abandon(n)            ends a wait for n permits that close() ended
//   try_take(n)           n permits, if they are free now
//   reduce(n)             takes up to n free permits out of existence, also of a closed semaphore; returns how many
//   close(), is_closed(), available()
// Where grants are not final, besides:
//   look_again(n)         optional; inside the queue's protection, before the waiter sleeps: negative, or its n permits
//                         are taken
//   retake(n)             after the wake: competes again, as take(n)
//   take_granted(n)       after the wake of a waiter that will not wait again: whether it has its n permits
#pragma once

#include <surewake/core/platform/platform.hpp>

#include <concepts>
#include <cstdint>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

/// Whether D serves the waiters in the order of registration, whichever newcomers overtake them.
template <class D> constexpr bool serves_in_turn = requires { D::overtaken_at_most; };
/// Whether no newcomer does.
template <class D> constexpr bool in_order_of_registration = [] {
  if constexpr (serves_in_turn<D>) return D::overtaken_at_most == 0;
  else return false;
}();

/// Returns d, whose members are in range; throws what its check() throws.
template <class D> constexpr D const& checked(D const& d) {
  if constexpr (requires { d.check(); }) d.check();
  return d;
}

}  // namespace detail

/// What the end of a wait leads to.
struct refunded {
  std::int64_t grants;    // to deliver to others: permits that were in hand when the wait ended
  std::int64_t refusals;  // grants on their way for debts that no longer exist
};

/// D is a discipline on the platform P.
template <class D, class P>
concept discipline =
    platform<P> &&
    requires(typename D::template counter<P>& c, typename D::template counter<P> const& cc, std::int64_t n) {
      { D::name } -> std::convertible_to<char const*>;
      { D::progress } -> std::convertible_to<char const*>;
      { D::grants_are_final } -> std::convertible_to<bool>;
      { D::closed } -> std::convertible_to<std::int64_t>;
      { c.take(n) } -> std::same_as<std::int64_t>;
      { c.put(n) } -> std::same_as<std::int64_t>;
      { c.refund(n, n) } -> std::same_as<refunded>;
      { c.brings(n, n) } -> std::same_as<std::int64_t>;
      { c.pass_on(n) } -> std::same_as<std::int64_t>;
      { c.try_take(n) } -> std::same_as<bool>;
      { c.reduce(n) } -> std::same_as<std::int64_t>;
      c.abandon(n);
      c.close();
      { cc.is_closed() } -> std::same_as<bool>;
      { cc.available() } -> std::same_as<std::int64_t>;
    } && (D::grants_are_final || requires(typename D::template counter<P>& c, std::int64_t n) {
      { c.retake(n) } -> std::same_as<std::int64_t>;
      { c.take_granted(n) } -> std::same_as<bool>;
    });

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
