// surewake/core/primitives/mutex.hpp: a mutex for coroutines and threads, which is handed from holder to holder.
//
//   free --lock, try_lock--> held --unlock, nobody waits--> free
//                            held --unlock, somebody waits--> held by the first waiter, which is resumed
//
// It is the synchronizer of a semaphore with one permit (core/semaphore/semaphore.hpp, whose laws 2 to 8 hold), with a
// guard for the permit. What a semaphore can do besides is not here, since none of it is what a mutex is for:
//   several permits     one holder at a time
//   close()             what a mutex guards can be closed, by a flag that it guards; its waiters then see it in turn.
//                       Were there a close() of the mutex, nobody could clean up what it guards
//   add, reduce, forget a permit that vanishes is a mutex that stays locked
// Terms     the *holder* has the guard. Under hand_off, the default, an unlock makes the first waiter the holder. Under
//           barging it is free for all (core/README.md, discipline).
// Not recursive: a holder that locks again waits for itself.
// Progress  as the semaphore's.   Fairness  the discipline's.   Cost  uncontended: one RMW to lock, one to unlock.
// Checked   models/primitives/mutex_excludes.hpp, and by all models of the synchronizer.
#pragma once

#include <surewake/core/primitives/guard.hpp>
#include <surewake/core/semaphore/blocking_acquire.hpp>
#include <surewake/core/semaphore/cancellable_awaiter.hpp>
#include <surewake/core/semaphore/counter_synchronizer.hpp>
#include <surewake/core/semaphore/stop_sources.hpp>

#include <cassert>
#include <string>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// A mutex whose waiters `Queue` keeps (queues/), on the platform P, under `Discipline`.
///
/// Threads   every call may be made by any number of threads at once; construction and destruction by one, alone, while
///           nobody holds it or waits.
/// Resumes   unlock, and a wait that is given up, may resume coroutines before they return, as core/node/trampoline.hpp
///           says; they may use the mutex, and destroy it.
/// Signals   no call is async-signal-safe.
template <template <class> class Queue, platform P = std_platform, class Discipline = hand_off>
  requires waiter_queue<Queue<P>, P>
class basic_mutex {
 public:
  using platform_type = P;
  using queue_type = Queue<P>;
  using discipline_type = Discipline;
  using synchronizer_type = typename synchronizer_for<Queue, Discipline>::template type<P>;
  using guard = basic_guard<basic_mutex>;
  using optional_guard = basic_optional_permit<guard>;

  basic_mutex() noexcept : synchronizer_(1) {}
  /// The same with a discipline that has something to say at run time.   Errors  std::invalid_argument, where that is
  /// out of its range.
  explicit basic_mutex(Discipline d)
    requires std::constructible_from<synchronizer_type, std::int64_t, Discipline>
      : synchronizer_(1, detail::checked(d)) {}
  basic_mutex(basic_mutex const&) = delete;
  basic_mutex& operator=(basic_mutex const&) = delete;
  ~basic_mutex() {
    assert(synchronizer_.waiters() == 0 && "surewake: a mutex was destroyed while somebody waits");
  }

  /// Awaitable of the guard. A coroutine that waits on an executor or a loop goes on there, however its wait ends; one
  /// that has neither goes on on the thread that ended its wait (core/node/home.hpp).
  ///
  /// Returns  `guard`.   Errors  none.   Orders  acquires what the last holder did.
  /// Cost     uncontended: one RMW, no allocation. Waiting: a node in the coroutine's frame.
  [[nodiscard]] auto lock() noexcept {
    return detail::acquire_awaiter<basic_mutex, detail::resume_in_place<P>>(*this, 1, {});
  }

  /// As lock; where it has to wait it resumes on `ex`, which must outlive the wait, however the wait ends.
  template <executor<P> Executor> [[nodiscard]] auto lock_on(Executor& ex) noexcept {
    return detail::acquire_awaiter<basic_mutex, detail::resume_on<Executor>>(*this, 1, {&ex});
  }

  /// Awaitable of optional_guard: empty when `stop` is requested before the mutex is had. One that is free is locked
  /// even if `stop` was requested.
  ///
  /// Errors, Orders  as lock; an empty one orders nothing.   Resumes, Cost  as basic_semaphore::acquire(stop).
  template <class Stop>
    requires stop_source_for<P, Stop>
  [[nodiscard]] auto lock(Stop stop) {
    return detail::cancellable_awaiter<basic_mutex, Stop, stop_traits<P, Stop>::template canceller>(*this, 1,
                                                                                                    std::move(stop));
  }

  /// Awaitable of optional_guard: empty once `limit` has passed, or the time `t` of any clock has come. By timers of
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
  /// basic_semaphore::acquire_blocking.   Errors  none.   Orders  as lock.
  [[nodiscard]] guard lock_blocking(wait_options options = {}) {
    return *blocking::run(*this, 1, options, std::nullopt);
  }
  /// As lock_blocking, waiting (the spin included) at most `limit`, or until `t`: empty once it has passed.
  template <class Rep, class Period>
  [[nodiscard]] optional_guard try_lock_for(std::chrono::duration<Rep, Period> limit, wait_options options = {}) {
    return blocking::run(*this, 1, options, time_limit<P>::in(limit));
  }
  template <class Clock, class Duration>
  [[nodiscard]] optional_guard try_lock_until(std::chrono::time_point<Clock, Duration> t, wait_options options = {}) {
    return blocking::run(*this, 1, options, time_limit<P>(t));
  }

  /// Locks if it is free now; never waits, never overtakes a waiter under hand_off.
  ///
  /// Returns  empty where it is held.   Orders  as lock; nothing when empty.   Cost  at most one RMW that succeeds.
  [[nodiscard]] optional_guard try_lock() noexcept {
    if (!synchronizer_.try_take(1)) return std::nullopt;
    return make_permit(1);
  }

  /// Snapshots for monitoring: whether somebody holds it, and how many locks are registered and wait.
  [[nodiscard]] bool is_locked() const noexcept { return synchronizer_.available() == 0; }
  [[nodiscard]] std::size_t waiters() const noexcept { return synchronizer_.waiters(); }

 private:
  // What the ways to wait ask of whatever has permits.
  using permit = guard;
  using optional_permit = optional_guard;
  using blocking = detail::blocking_acquire<basic_mutex>;
  friend guard;
  friend blocking;
  template <class, class> friend class detail::acquire_awaiter;
  template <class, class, template <class> class, class> friend class detail::cancellable_awaiter;
  template <class, class> friend class detail::mutex_wait;

  void give_back(std::int64_t) noexcept { synchronizer_.give_back(1); }
  guard make_permit(std::ptrdiff_t) noexcept { return guard(*this); }

  synchronizer_type synchronizer_;  // of one permit
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
