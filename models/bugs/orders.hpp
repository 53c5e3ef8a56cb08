// surewake/models/bugs/orders.hpp: platforms on which one order is too weak, or one read-modify-write is not atomic.
//
// If a part of the shipped source is built on such a platform, it has the bug in every place where it uses the order.
#pragma once

#include <surewake/core/platform/spin_lock.hpp>
#include <surewake/queues/intrusive_list.hpp>

namespace surewake::models::bugs {

/// Publishes nothing.
template <platform P> struct without_release : P {
  static constexpr auto release = P::relaxed;
};

/// Sees nothing.
template <platform P> struct without_acquire : P {
  static constexpr auto acquire = P::relaxed;
};

/// Splits fetch_add into a load and a store, between which other threads may come.
template <platform P> struct torn_addition : P {
  template <class T> class atomic : public P::template atomic<T> {
    using base = typename P::template atomic<T>;

   public:
    using base::base;
    T fetch_add(T n, typename P::order) noexcept {
      T const old = base::load(P::acquire);
      base::store(old + n, P::release);
      return old;
    }
  };
};

/// A discipline whose counter is built on such a platform.
template <class Discipline, template <class> class Platform> struct word_on : Discipline {
  template <platform P> using counter = typename Discipline::template counter<Platform<P>>;
};

template <class Discipline> using release_relaxed = word_on<Discipline, without_release>;
template <class Discipline> using acquire_relaxed = word_on<Discipline, without_acquire>;
template <class Discipline> using torn_release = word_on<Discipline, torn_addition>;

/// intrusive_list with a lock that does not publish the section to the next holder.
template <platform P> class unlock_relaxed : public locked_queue<P, spin_lock<without_release<P>>, waiter_list<P>> {};

/// intrusive_list with a lock that does not see the last holder's section.
template <platform P> class lock_relaxed : public locked_queue<P, spin_lock<without_acquire<P>>, waiter_list<P>> {};

}  // namespace surewake::models::bugs
