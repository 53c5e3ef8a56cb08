// surewake/models/bugs/lines.hpp: strategies whose wait list is not first come, first served.
//
// `last_come_first` and `smallest_first` are used by core/semaphore/counter_synchronizer.hpp, as any queue is; the
// others put the same list, or a lock that does not order, into core/semaphore/monitor_synchronizer.hpp.
#pragma once

#include <surewake/models/bugs/orders.hpp>

namespace surewake::models::bugs {

/// Keeps waiters so that a new one goes before the first waiter for which `Before` says so.
template <platform P, class Before> class unfair_line {
 public:
  [[nodiscard]] bool empty() const noexcept { return list_.empty(); }
  [[nodiscard]] waiter<P>& front() const noexcept { return static_cast<waiter<P>&>(*list_.front()); }
  void erase(waiter<P>& w) noexcept { list_.erase(w); }
  void push_back(waiter<P>& w) noexcept {
    detail::work_list<P> all;
    bool in = false;
    while (work<P>* const other = list_.pop_front()) {
      if (!in && Before{}(w, static_cast<waiter<P>&>(*other))) {
        all.push_back(w);
        in = true;
      }
      all.push_back(*other);
    }
    if (!in) all.push_back(w);
    while (work<P>* const other = all.pop_front()) list_.push_back(*other);
  }

 private:
  detail::work_list<P> list_;
};

/// Orders last come, first served (libcoro).
struct always {
  template <class W> bool operator()(W const&, W const&) const noexcept { return true; }
};
template <platform P> class last_come_first : public locked_queue<P, spin_lock<P>, unfair_line<P, always>> {};
template <platform P> class last_come_first_in_gate : public last_come_first<P> {};

/// Lets the waiter that wants less go first (folly fibers' semaphore).
struct wants_less {
  template <class W> bool operator()(W const& a, W const& b) const noexcept { return a.missing() < b.missing(); }
};
template <platform P> class smallest_first : public locked_queue<P, spin_lock<P>, unfair_line<P, wants_less>> {};
template <platform P> class smallest_first_in_gate : public smallest_first<P> {};

/// Lets the synchronizer's lock not publish its section, or not see the last one.
template <platform P> class gate_unlock_relaxed : public intrusive_list<P> {};
template <platform P> class gate_lock_relaxed : public intrusive_list<P> {};

}  // namespace surewake::models::bugs

template <> struct surewake::synchronizer_for<surewake::models::bugs::last_come_first_in_gate, surewake::hand_off> {
  template <class P> using type =
      detail::monitor_synchronizer<P, spin_lock<P>, models::bugs::unfair_line<P, models::bugs::always>>;
};
template <> struct surewake::synchronizer_for<surewake::models::bugs::smallest_first_in_gate, surewake::hand_off> {
  template <class P> using type =
      detail::monitor_synchronizer<P, spin_lock<P>, models::bugs::unfair_line<P, models::bugs::wants_less>>;
};
template <> struct surewake::synchronizer_for<surewake::models::bugs::gate_unlock_relaxed, surewake::hand_off> {
  template <class P> using type =
      detail::monitor_synchronizer<P, spin_lock<models::bugs::without_release<P>>, waiter_list<P>>;
};
template <> struct surewake::synchronizer_for<surewake::models::bugs::gate_lock_relaxed, surewake::hand_off> {
  template <class P> using type =
      detail::monitor_synchronizer<P, spin_lock<models::bugs::without_acquire<P>>, waiter_list<P>>;
};
