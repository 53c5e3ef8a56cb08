// surewake/core/node/loop_signals.hpp: what other threads tell a loop without its lock, that it shall stop and that
// they still use it.
//
//   quiet --begin, or stop, by a thread that signals the loop's event--> signalling --end, its last touch--> quiet
//   running --stop--> stopping --reset, by the loop, which has seen it--> running
//
// Invariants
//   I1  A thread that signals uses the loop's memory until it has counted itself out of signalling_; the loop waits for
//       that before it ends.
//   I2  stop() counts its caller before it sets stopping_, so a loop that has seen the stop waits for the caller too.
// Progress  wait-free, but for await_quiet, which blocks.   Signals  stop is async-signal-safe if `signal` is.
// Checked   models/lifetime/loop_signalled.hpp.
#pragma once

#include <surewake/core/platform/platform.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

template <platform P> class loop_signals {
 public:
  /// Counts the caller in, which will signal. To be called under a lock that the loop takes before it can end.
  void begin() noexcept {
    // relaxed: the lock has the order; [U2] carries the rest.
    signalling_.fetch_add(1, P::relaxed);
  }
  /// Counts the caller out, which has signalled and touches the loop no more.
  void end() noexcept {
    // release [U2]: the loop is not touched any more, pairs with [U1].
    signalling_.fetch_sub(1, P::release);
  }
  /// Waits until no thread signals. To be called by the loop, when no thread can begin any more.
  void await_quiet() const noexcept {
    // acquire [U1]: sees that the signalling threads are done with the loop, pairs with [U2].
    P::await(signalling_, [](std::uint32_t n) { return n == 0; }, P::acquire);
  }

  /// Asks the loop to stop, and calls `signal`. The loop exists until the call has returned or the stop was seen.
  template <class Signal> void stop(Signal&& signal) noexcept {
    // relaxed: [U3] publishes it, and the loop ends only after it has seen that.
    signalling_.fetch_add(1, P::relaxed);
    // release [U3]: what the caller did, and that it is counted, comes before the end of the loop, pairs with [U4].
    stopping_.store(true, P::release);
    signal();  // in any case: the loop may be about to sleep
    end();
  }
  /// Returns whether a stop was asked for, and sees what its caller did before.
  [[nodiscard]] bool stops() const noexcept {
    // acquire [U4]: the loop ends after what the caller of stop() did, pairs with [U3].
    return stopping_.load(P::acquire);
  }
  /// Returns the same, and sees nothing.
  // relaxed: a hint.
  [[nodiscard]] bool may_stop() const noexcept { return stopping_.load(P::relaxed); }
  /// Forgets the stop that was seen. A stop that comes in between counts as the same.
  // relaxed: the loop's own.
  void reset() noexcept { stopping_.store(false, P::relaxed); }

 private:
  typename P::template atomic<bool> stopping_{false};
  typename P::template atomic<std::uint32_t> signalling_{0};  // I1
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
