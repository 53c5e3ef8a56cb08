// surewake/core/primitives/lock_calls.hpp: the calls of a mutex, and of each side of a shared one, once for all.
//
// A Lock has a synchronizer. A lock of it takes permits() permits, which its `permit`, a guard, gives back. Place,
// lifetime and cost are those of acquire_awaiter.hpp and cancellable_awaiter.hpp. Tested over every strategy by
// queues/conformance/mutex.test.cpp and shared_mutex.test.cpp.
#pragma once

#include <surewake/core/semaphore/blocking_acquire.hpp>
#include <surewake/core/semaphore/cancellable_awaiter.hpp>
#include <surewake/core/semaphore/stop_sources.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// The calls that a Lock has from it. A guard is the Lock's, an optional guard is one or none.
template <class Lock, platform P> class lock_calls {
 public:
  /// Awaitable of the guard. A coroutine that waits on an executor or a loop goes on there, however its wait ends; one
  /// that has neither goes on on the thread that ended its wait (core/node/home.hpp).
  ///
  /// Returns  a guard.   Errors  none.   Orders  acquires what the last holders did.
  /// Cost     uncontended: one RMW, no allocation. Waiting: a node in the coroutine's frame.
  [[nodiscard]] auto lock() noexcept {
    return acquire_awaiter<Lock, resume_in_place<P>>(self(), self().permits(), {});
  }

  /// As lock; where it has to wait it resumes on `ex`, which must outlive the wait, however the wait ends.
  template <executor<P> Executor> [[nodiscard]] auto lock_on(Executor& ex) noexcept {
    return acquire_awaiter<Lock, resume_on<Executor>>(self(), self().permits(), {&ex});
  }

  /// Awaitable of an optional guard: empty when `stop` is requested before the lock is had. One that is free is taken
  /// even if `stop` was requested.
  ///
  /// Errors, Orders  as lock; an empty one orders nothing.   Resumes, Cost  as basic_semaphore::acquire(stop).
  template <class Stop>
    requires stop_source_for<P, Stop>
  [[nodiscard]] auto lock(Stop stop) {
    return cancellable_awaiter<Lock, Stop, stop_traits<P, Stop>::template canceller>(self(), self().permits(),
                                                                                     std::move(stop));
  }

  /// Awaitable of an optional guard: empty once `limit` has passed, or the time `t` of any clock has come. By timers of
  /// the coroutine's home, of the shared pool, or by `timers`: as basic_semaphore::acquire_for and acquire_until say,
  /// where Errors, Cost and Needs are, too.
  template <class Rep, class Period>
    requires stop_source_for<P, stop_at<P>>
  [[nodiscard]] auto lock_for(std::chrono::duration<Rep, Period> limit) {
    return lock(stop_at<P>(time_limit<P>::in(limit)));
  }
  template <class Clock, class Duration>
    requires stop_source_for<P, stop_at<P>>
  [[nodiscard]] auto lock_until(std::chrono::time_point<Clock, Duration> t) {
    return lock(stop_at<P>(time_limit<P>(t)));
  }
  template <class Timers, class Rep, class Period>
    requires stop_source_for<P, stop_at_of<P, Timers>>
  [[nodiscard]] auto lock_for(Timers& timers, std::chrono::duration<Rep, Period> limit) {
    return lock(stop_at_of<P, Timers>{time_limit<P>::in(limit), &timers});
  }
  template <class Timers, class Clock, class Duration>
    requires stop_source_for<P, stop_at_of<P, Timers>>
  [[nodiscard]] auto lock_until(Timers& timers, std::chrono::time_point<Clock, Duration> t) {
    return lock(stop_at_of<P, Timers>{time_limit<P>(t), &timers});
  }

  /// Locks, blocking the calling thread: after spinning at most `options.spin` on a futex, as
  /// basic_semaphore::acquire_blocking.   Returns  a guard.   Errors  none.   Orders  as lock.
  [[nodiscard]] auto lock_blocking(wait_options options = {}) { return *block(options, std::nullopt); }
  /// As lock_blocking, waiting (the spin included) at most `limit`, or until `t`: empty once it has passed.
  template <class Rep, class Period>
  [[nodiscard]] auto try_lock_for(std::chrono::duration<Rep, Period> limit, wait_options options = {}) {
    return block(options, time_limit<P>::in(limit));
  }
  template <class Clock, class Duration>
  [[nodiscard]] auto try_lock_until(std::chrono::time_point<Clock, Duration> t, wait_options options = {}) {
    return block(options, time_limit<P>(t));
  }

  /// Locks if it is free now; never waits, never overtakes a waiter under hand_off.
  ///
  /// Returns  an optional guard, empty where it is held.   Orders  as lock, or nothing.   Cost  one RMW, or none.
  [[nodiscard]] auto try_lock() noexcept {
    using optional_guard = typename Lock::optional_permit;
    if (!self().synchronizer_.try_take(self().permits())) return optional_guard();
    return optional_guard(self().make_permit(1));
  }

 private:
  [[nodiscard]] Lock& self() noexcept { return static_cast<Lock&>(*this); }
  [[nodiscard]] auto block(wait_options const& options, std::optional<time_limit<P>> const& until) {
    return blocking_acquire<Lock>::run(self(), self().permits(), options, until);
  }
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
