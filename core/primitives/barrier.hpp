// surewake/core/primitives/barrier.hpp: threads and coroutines that meet again and again: none leaves a phase before
// all have arrived in it.
//
//   pending > n  --arrive(n)-->  pending - n
//   pending = n  --arrive(n)-->  0: the completion function runs, pending is `expected` again, and the phase ends
//
// Terms
//   to arrive     to count as there. A token of type `arrival` says in which phase; to wait is for that phase to end.
//   the last one  the arrival that takes `pending` to 0
//
// Invariants
//   I1  Of the arrivals of a phase exactly one is the last one. It alone runs the completion function, after all others
//       have arrived and before any wait ends.
//   I2  pending is set for the next phase before this one ends. A thread that arrives knows that the phase before has
//       ended (its precondition), so it finds pending as set.
//   I3  A wait is for the phase of its token. A thread that has come round already waits for another phase, so neither
//       is released in place of the other (core/primitives/phases.hpp, I1).
//   I4  arrive_and_drop lowers `expected` before it arrives, so that the last one sees it.
// Progress  arrive lock-free, but for the completion function, while nobody waits; else as the strategy says.
// Fairness  none needed.   Range  2^31 phases, then their numbers begin again.
// Lifetime  When a phase has ended, and all that wait have left, a participant may destroy the barrier: the last
//           arrival touches nothing of it once every wait has ended.
// Source    std::barrier, with the waits of a semaphore; the phases are core/primitives/phases.hpp.
// Checked   models/primitives/barrier_turns.hpp, barrier_laps.hpp and barrier_drops.hpp,
//           queues/conformance/barrier.test.cpp; `surewake-verify weaken core/primitives/barrier.hpp`: its order is
//           caught.
#pragma once

#include <surewake/core/primitives/phases.hpp>
#include <surewake/core/primitives/waits.hpp>

#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

struct no_completion {
  void operator()() const noexcept {}
};

/// That something has arrived at a Barrier, in a phase.
template <class Barrier> class arrival {
 public:
  friend bool operator==(arrival, arrival) = default;

 private:
  friend Barrier;
  explicit arrival(std::uint32_t phase) noexcept : phase_(phase) {}
  std::uint32_t phase_;
};

}  // namespace detail

/// A barrier whose waiters `Queue` keeps (queues/). `Completion` is called once in each phase, by the last one that
/// arrives, and must not throw. The ways to wait: core/primitives/waits.hpp, with the token of an arrival at the end:
/// `co_await b.wait_for(5ms, b.arrive())`. A wait that is given up takes nothing back: its arrival counts.
///
/// Threads  any number may make calls at once. An arrival comes after the phase before has ended, as the thread that
///          arrives knows: it has waited for that, or heard of it from one that has.
template <template <class> class Queue, platform P = std_platform, class Completion = detail::no_completion>
  requires waiter_queue<Queue<P>, P> && std::is_nothrow_invocable_v<Completion&>
class basic_barrier : public detail::waits<basic_barrier<Queue, P, Completion>, P,
                                           detail::arrival<basic_barrier<Queue, P, Completion>>> {
 public:
  using platform_type = P;
  using queue_type = Queue<P>;
  using arrival_token = detail::arrival<basic_barrier>;

  /// A barrier at which `expected` (0 or more) arrive in each phase.   Errors  std::invalid_argument.
  explicit basic_barrier(std::ptrdiff_t expected, Completion completion = {})
      : place_(0), pending_(expected), expected_(expected), completion_(std::move(completion)) {
    if (expected >= 0) return;
    throw std::invalid_argument("surewake: barrier(" + std::to_string(expected) + "): 0 or more");
  }

  /// Arrives n times (1 to what is pending) in the present phase. The last arrival calls the completion function and
  /// ends the phase.
  ///
  /// Returns  the token of the phase, for wait().
  /// Errors   std::invalid_argument where n is out of range; nothing changed.
  /// Orders   releases: what each thread did before it arrived is visible to the completion function, and after a wait.
  /// Resumes  waiters, inside the call, as basic_semaphore's releases.   Cost  one RMW; the last one another.
  arrival_token arrive(std::ptrdiff_t n = 1) {
    auto const phase = static_cast<std::uint32_t>(place_.available());  // I2: it cannot end before this arrival
    // relaxed: a guess for the CAS.
    std::int64_t now = pending_.load(P::relaxed);
    do {
      if (n < 1 || n > now) [[unlikely]]
        bad_arrival(n, now);
      // acq_rel [B1]: as release, publishes what this thread did to the last one that arrives; as acquire, that one
      // sees what all did, and publishes it by phases.hpp [F2]; pairs with [B1]. On failure relaxed: a guess.
    } while (!pending_.compare_exchange_weak(now, now - n, P::acq_rel, P::relaxed));
    if (now == n) end(phase);
    return arrival_token(phase);
  }
  /// Arrives, and is not expected in later phases.   Returns, Errors, Orders, Resumes  as arrive().
  arrival_token arrive_and_drop() {
    // relaxed: as below; only so that an arrival that is refused changes nothing.
    if (std::int64_t const now = pending_.load(P::relaxed); now < 1) bad_arrival(1, now);
    // relaxed: the last one sees it by [B1], I4.
    expected_.fetch_sub(1, P::relaxed);
    return arrive();
  }

  /// Arrives, at once, and returns the awaitable of wait() for this phase; with `stop` that of bool.   Errors  as
  /// arrive().
  [[nodiscard]] auto arrive_and_wait() { return this->wait(arrive()); }
  template <class Stop>
    requires stop_source_for<P, Stop>
  [[nodiscard]] auto arrive_and_wait(Stop stop) {
    return this->wait(std::move(stop), arrive());
  }
  /// The same; where it has to wait it resumes on `ex`.
  template <executor<P> Executor> [[nodiscard]] auto arrive_and_wait_on(Executor& ex) {
    return this->wait_on(ex, arrive());
  }
  /// The same, and blocks the calling thread.
  void arrive_and_wait_blocking(wait_options options = {}) { this->wait_blocking(arrive(), options); }

  /// Returns how many have not arrived in this phase: a snapshot.
  [[nodiscard]] std::ptrdiff_t pending() const noexcept {
    // relaxed: monitoring only.
    return static_cast<std::ptrdiff_t>(pending_.load(P::relaxed));
  }

 private:
  friend detail::waits<basic_barrier, P, arrival_token>;
  [[nodiscard]] static std::uint32_t number(arrival_token t) noexcept { return t.phase_; }

  void end(std::uint32_t phase) noexcept {
    completion_();
    // relaxed: the thread that drops, or arrives next, is ordered with us by [B1], or by the end of this phase.
    pending_.store(expected_.load(P::relaxed), P::relaxed);
    place_.put(phase);
  }

  [[noreturn, gnu::cold, gnu::noinline]] static void bad_arrival(std::ptrdiff_t n, std::int64_t now) {
    throw std::invalid_argument("surewake: arrive(" + std::to_string(n) + ") at a barrier where " +
                                std::to_string(now) + " are pending: 1 to " + std::to_string(now));
  }

  detail::waiting_place<Queue, P, detail::phases> place_;
  typename P::template atomic<std::int64_t> pending_;   // of this phase
  typename P::template atomic<std::int64_t> expected_;  // in the next one
  [[no_unique_address]] Completion completion_;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
