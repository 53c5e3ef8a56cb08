// surewake/models/law.hpp: what the laws of the models are written with: counters beside the schedule, and the state of
// rest.
//
// A law watches an execution without being part of it: a ghost is no step of a schedule, orders nothing, and no
// checker reorders it. Whatever the threads of a model tell each other by themselves goes through their platform.
#pragma once

#include <surewake/core/semaphore.hpp>
#include <surewake/core/start_detached.hpp>

namespace surewake::models {

/// A number that a law counts with. Atomic on real threads too, and relaxed, so that it hides no missing order there.
class ghost {
 public:
  ghost() = default;
  explicit ghost(std::int64_t v) noexcept : value_(v) {}
  ghost(ghost const&) = delete;
  ghost& operator=(ghost const&) = delete;

  /// The sum after adding.
  std::int64_t add(std::int64_t n) noexcept { return __atomic_add_fetch(&value_, n, __ATOMIC_RELAXED); }
  void set(std::int64_t n) noexcept { __atomic_store_n(&value_, n, __ATOMIC_RELAXED); }
  [[nodiscard]] std::int64_t get() const noexcept { return __atomic_load_n(&value_, __ATOMIC_RELAXED); }

 private:
  std::int64_t value_ = 0;
};

/// Where at most `permits` may be at a time.
template <platform P> class room {
 public:
  explicit room(std::int64_t permits) noexcept : permits_(permits) {}

  void enter(std::int64_t n = 1) noexcept {
    if (inside_.add(n) > permits_) P::broken("conservation: more permits are held than were created");
    // relaxed: orders nothing and reads nothing; under a checker it is a step, so that others may come in meanwhile.
    static_cast<void>(step_.load(P::relaxed));
  }
  void leave(std::int64_t n = 1) noexcept { inside_.add(-n); }
  [[nodiscard]] std::int64_t inside() const noexcept { return inside_.get(); }

 private:
  std::int64_t const permits_;
  ghost inside_{};
  typename P::template atomic<std::uint32_t> step_{0U};
};

/// Whether n permits can be had now; they are given back.
template <class Semaphore> [[nodiscard]] bool can_have(Semaphore& gate, std::ptrdiff_t n = 1) {
  auto const p = gate.try_acquire(n);
  return p.has_value();
}

/// The law of a closed semaphore at rest: `free` permits have come back, nobody waits, and nobody gets in, whatever is
/// added, taken away or closed again.
template <class Semaphore> void at_rest_closed(Semaphore& gate, std::ptrdiff_t free) {
  using P = typename Semaphore::platform_type;
  auto const stays_closed = [&gate](std::ptrdiff_t now) {
    if (gate.waiters() != 0) P::broken("lost wakeup: close() left somebody waiting");
    if (gate.available_permits() != now) P::broken("conservation: a permit was lost or invented");
    if (!gate.is_closed() || can_have(gate)) P::broken("somebody gets into a closed semaphore");
  };
  stays_closed(free);
  gate.add_permits(2);
  stays_closed(free + 2);
  gate.close();
  stays_closed(free + 2);
  stays_closed(free + 2 - gate.reduce_permits(1));
}

/// A waiter that says when it was granted.
template <class Semaphore> task<void, typename Semaphore::platform_type> wait_once(Semaphore& gate, ghost& granted) {
  auto const p = co_await gate.acquire();
  granted.add(1);
}

/// The law of a semaphore at rest, when nobody is inside an operation: `free` permits are free, nobody waits, and its
/// queue holds neither a grant that nobody is owed nor a refusal of one that somebody will be.
///
/// Both show in the next waiter, so one comes: it must wait while nothing is free, and get the next permit.
template <class Semaphore> void at_rest(Semaphore& gate, std::ptrdiff_t free) {
  using P = typename Semaphore::platform_type;
  if (gate.waiters() != 0) P::broken("lost wakeup: somebody waits and nobody will wake him");
  if (gate.available_permits() != free) P::broken("conservation: a permit was lost or invented");
  if (can_have(gate, free + 1)) P::broken("conservation: more permits than there are can be taken");
  auto all = gate.try_acquire(free);
  if (all.has_value() != (free > 0)) P::broken("conservation: a free permit cannot be taken");
  ghost granted;
  start_detached<P>(wait_once(gate, granted));
  if (granted.get() != 0) P::broken("phantom grant: somebody was granted a permit that another one holds");
  gate.add_permits(1);
  if (granted.get() != 1) P::broken("lost wakeup: a grant was refused that a waiter is owed");
  if (gate.reduce_permits(1) != 1) P::broken("conservation: a permit was lost or invented");
}

}  // namespace surewake::models
