// surewake/core/primitives/event.hpp: something has happened, or not yet. Two kinds: one whose set() releases one wait,
// and one that stays set until it is reset.
//
//   basic_auto_reset_event     not set --set, nobody waits--> set --a wait ends--> not set
//                              not set --set, somebody waits--> not set, and the first wait ends
//   basic_manual_reset_event   not set --set--> set, and all waits end --reset--> not set
//
// Invariants
//   I1  No set is lost. Of auto reset it ends the first wait, or is stored, if none is stored; a wait that is given up
//       as its signal comes passes it on (core/primitives/auto_reset.hpp, I3). Of manual reset it ends every wait that
//       was called before it, whether it has registered yet or not, also if a reset follows at once.
//   I2  A wait of a manual reset event that is called after a reset does not end by a set before that
//       (core/primitives/phases.hpp, I1).
// Progress  set and reset lock-free while nobody waits; else as the strategy says.
// Lifetime  A thread whose wait has ended may destroy the event, if no other thread waits or is inside of a call, but
//           for the set that ended that wait.
// Fairness  auto reset: that of the strategy, first come, first served with each of surewake's.
// Source    the events of Windows and of System V; the calls are cppcoro's, with the waits of a semaphore.
// Checked   models/primitives/, queues/conformance/event.test.cpp.
#pragma once

#include <surewake/core/primitives/auto_reset.hpp>
#include <surewake/core/primitives/phases.hpp>
#include <surewake/core/primitives/waits.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// An event that resets itself: each set() ends one wait. While nobody waits one set is stored, and more are not.
/// `Queue` keeps the waiters (queues/). The ways to wait: core/primitives/waits.hpp. Any number of threads may make
/// calls at once.
template <template <class> class Queue, platform P = std_platform>
  requires waiter_queue<Queue<P>, P>
class basic_auto_reset_event : public detail::waits<basic_auto_reset_event<Queue, P>, P, detail::from_now> {
 public:
  using platform_type = P;
  using queue_type = Queue<P>;

  explicit basic_auto_reset_event(bool is_set = false) noexcept : place_(is_set ? 1 : 0) {}

  /// Ends the first wait, or is stored; where one is stored already, nothing changes.
  ///
  /// Orders   releases: what was done before is visible after the wait that ends.
  /// Resumes  a waiter, inside the call, as basic_semaphore's releases.   Cost  nobody waits: one RMW.
  void set() noexcept { place_.put(1); }
  /// Takes back a set that is stored. Returns whether there was one.   Orders  acquires what was done before that.
  bool reset() noexcept { return place_.reduce(1) != 0; }
  /// Returns whether a set is stored: a snapshot.
  [[nodiscard]] bool is_set() const noexcept { return place_.available() != 0; }

 private:
  friend detail::waits<basic_auto_reset_event, P, detail::from_now>;
  [[nodiscard]] static std::uint32_t number(detail::from_now) noexcept { return 1; }

  detail::waiting_place<Queue, P, detail::auto_reset> place_;
};

/// An event that stays set: set() ends all waits, and later ones do not wait, until reset(). `Queue` keeps the waiters
/// (queues/). A wait begins when it is called: a set() between that and the co_await ends it. Any number of threads may
/// make calls at once.
template <template <class> class Queue, platform P = std_platform>
  requires waiter_queue<Queue<P>, P>
class basic_manual_reset_event : public detail::waits<basic_manual_reset_event<Queue, P>, P, detail::from_now> {
 public:
  using platform_type = P;
  using queue_type = Queue<P>;

  explicit basic_manual_reset_event(bool is_set = false) noexcept : place_(is_set ? 1 : 0) {}

  /// Ends all waits. Of an event that is set, nothing changes.   Orders, Resumes, Cost  as of basic_auto_reset_event.
  void set() noexcept { place_.put(detail::phases::even); }
  /// Makes it not set. Returns whether it was.   Orders  acquires what was done before it was set.
  bool reset() noexcept { return place_.reduce(unset_phase() + 1) != 0; }
  /// Returns whether it is set: a snapshot, which orders nothing. try_wait() does.
  [[nodiscard]] bool is_set() const noexcept { return place_.available() % 2 != 0; }

 private:
  friend detail::waits<basic_manual_reset_event, P, detail::from_now>;
  /// The present phase in which it is not set, or the last one before the present.
  [[nodiscard]] std::int64_t unset_phase() const noexcept { return place_.available() / 2 * 2; }
  [[nodiscard]] std::uint32_t number(detail::from_now) const noexcept {
    return static_cast<std::uint32_t>(unset_phase());
  }

  detail::waiting_place<Queue, P, detail::phases> place_;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
