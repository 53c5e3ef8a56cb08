// surewake/core/semaphore/blocking_wait.hpp: an acquire that blocks a plain thread, which spins, then sleeps (futex).
//
//   spinning --hand-over--> done                    no system call
//   spinning --the spin is over--> sleeping --hand-over--> done, and a wake
//
// Invariants
//   I1  The granter's exchange is its last touch of the node; the wake after it uses the address only, so the thread
//       may leave (and its stack be reused) at once. A wake that hits somebody else's word there is a spurious one.
//   I2  Only the thread registers its node, and only the thread withdraws it; so after a withdraw that failed exactly
//       one hand-over comes, and the thread waits for it.
//   I3  The spin is part of the time that may be waited, and ends with it. (It once went on after the limit.)
//   I4  Where the wait of a condition variable has no limit, only the granter touches the node once it is registered.
//       So the granter moves it to the mutex's queue, and wakes the thread once it has the mutex. A wait with a limit
//       does that itself, because it may be giving up at that moment.
// Blocks    the calling thread. Before it sleeps it runs what is ready on it (trampoline::before_blocking): the permit
//           it waits for may be held by a coroutine that this thread was to resume.
// Source    Drepper, "Futexes are tricky"; the lifetime rule from glibc bug 12674.
// Checked   models/lifetime/waiter_destroyed_after_grant.hpp, models/waking/two_waiters_two_releases.hpp; I4:
//           models/primitives/notify_all_inside.hpp, models/primitives/limit_against_notify.hpp.
// Survived  [B3]: on success there is nothing to see yet.
#pragma once

#include <surewake/core/platform/deadline.hpp>
#include <surewake/core/node/trampoline.hpp>
#include <surewake/core/semaphore/synchronizer.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

enum class wait_outcome : std::uint8_t { granted, withdrawn, closed };

/// Where a thread sleeps until another one wakes it, once.
template <platform P> class sleeping_place {
 public:
  using limit = std::optional<time_limit<P>>;

  sleeping_place() noexcept {
    shown_as<P>(state_, "sleeper", [](std::uint32_t s) -> std::string {
      return s == spinning ? "spins" : s == sleeping ? "sleeps" : s == done ? "handed over" : std::to_string(s);
    });
  }

  /// Wakes the thread. The exchange is the last touch: I1.
  void wake() noexcept {
    auto& state = state_;
    // release [B1]: publishes the grant (and what the releaser did) to the thread, pairs with [B2], [B3], [B4].
    if (state.exchange(done, P::release) == sleeping) P::futex_wake(&state, 1);  // I1
  }

  /// After a wake: may be woken once more.
  // relaxed: the place is the thread's own until the node is registered again, and the queue publishes it then.
  void reset() noexcept { state_.store(spinning, P::relaxed); }

  /// True after wake(); false once `until` has passed without one.
  bool sleep(std::chrono::nanoseconds spin, limit& until) noexcept {
    trampoline<P>::before_blocking();
    auto const is_done = [](std::uint32_t s) { return s == done; };
    if (until && spin > spin.zero()) spin = std::min(spin, time_left(until->when()));  // I3
    // acquire [B2]: sees the hand-over, pairs with [B1].
    if (P::spin(state_, is_done, P::acquire, spin)) return true;
    std::uint32_t seen = spinning;
    // acquire [B3]: on failure acquire, which sees the hand-over, pairs with [B1]. On success it only announces the
    // sleep; relaxed would do, but g++ 12 warns of a failure order that is stronger.
    if (!state_.compare_exchange_strong(seen, sleeping, P::acquire, P::acquire) && seen == done) return true;
    for (;;) {
      bool const in_time = !until || P::futex_wait_until(state_, sleeping, until->when());
      if (!until) P::futex_wait(state_, sleeping);
      // acquire [B4]: sees the hand-over, pairs with [B1].
      if (state_.load(P::acquire) == done) return true;
      if (!in_time && until->over()) return false;
    }
  }

 private:
  static constexpr std::uint32_t spinning = 0, sleeping = 1, done = 2;

  [[nodiscard]] static std::chrono::nanoseconds time_left(typename P::clock::time_point t) noexcept {
    return std::chrono::nanoseconds(
        instant::of(t.time_since_epoch()).minus(instant::of(P::now().time_since_epoch())).count());
  }

  typename P::template atomic<std::uint32_t> state_{spinning};
};

template <parking_place Synchronizer> class blocking_wait : private Synchronizer::waiter_type {
  using P = typename Synchronizer::platform_type;
  using node = typename Synchronizer::waiter_type;
  using limit = std::optional<time_limit<P>>;

 public:
  blocking_wait(Synchronizer& at, std::uint32_t n) noexcept : node(&handed_over), synchronizer_(at), n_(n) {}

  /// Waits for the n permits at most until `until`; `taken` is what the synchronizer's take(n) said, and must_wait().
  [[nodiscard]] wait_outcome run(take_result taken, std::chrono::nanoseconds spin, limit until) noexcept {
    if constexpr (ends_later<Synchronizer>) return run_to_end(taken, spin, until);
    limit never;
    enqueued r = synchronizer_.wait(*this, n_, taken);
    while (r == enqueued::waiting) {
      if (!place_.sleep(spin, until)) {
        if (synchronizer_.withdraw(*this, n_)) return wait_outcome::withdrawn;
        place_.sleep(spin, never);  // I2: the hand-over is on its way
        r = synchronizer_.after_grant(*this, n_, then::leave);
        if (r == enqueued::waiting) return wait_outcome::withdrawn;
      } else {
        place_.reset();
        r = synchronizer_.after_grant(*this, n_, then::wait);
      }
    }
    return r == enqueued::granted ? wait_outcome::granted : wait_outcome::closed;
  }

 private:
  /// The same where a wait that is given up may be registered again.
  [[nodiscard]] wait_outcome run_to_end(take_result taken, std::chrono::nanoseconds spin, limit until) noexcept {
    moved_by_granter_ = !until;
    enqueued r = synchronizer_.wait(*this, n_, taken);
    for (bool given_up = false; r == enqueued::waiting;) {
      if (!place_.sleep(spin, until)) {
        if (synchronizer_.give_up(*this, n_)) return wait_outcome::withdrawn;
        given_up = true;
        until.reset();
        place_.sleep(spin, until);
      }
      if (moved_by_granter_) break;  // I4
      place_.reset();
      r = synchronizer_.after_grant(*this, n_, given_up ? then::leave : then::wait);
    }
    return wait_outcome::granted;
  }

  static void handed_over(work<P>& w) noexcept {
    if constexpr (ends_later<Synchronizer>) {
      auto& self = static_cast<blocking_wait&>(w);
      if (self.moved_by_granter_ && self.synchronizer_.after_grant(self, self.n_, then::wait) == enqueued::waiting) {
        return;
      }
    }
    static_cast<blocking_wait&>(w).place_.wake();
  }

  Synchronizer& synchronizer_;
  std::uint32_t n_;
  sleeping_place<P> place_;
  struct nothing {};
  // I4; set before the node is registered.
  [[no_unique_address]] std::conditional_t<ends_later<Synchronizer>, bool, nothing> moved_by_granter_{};
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
