// surewake/core/primitives/condition_variable.hpp: waits, inside of a mutex, for what another holder of it will do.
//
//   holding --wait--> waiting, without the mutex --notify--> in the mutex's queue --unlock--> holding
//
// core/primitives/mutex_wait.hpp has one wait, step by step; core/primitives/notification.hpp the counter.
//
// Invariants
//   I1  A notification goes to a waiter that was there when it was issued, the first one where the strategy serves in
//       order; to a later one only if that waiter gave up. Where nobody waits nothing is stored.
//   I2  Each wait ends with the mutex held, whether it was notified, stopped, or its time was over.
//   I3  A notified waiter is moved to the mutex's queue. So where the notifier holds the mutex, notify_all() resumes
//       nobody, and wakes no thread; each unlock then passes the mutex to the next one. A blocking wait with a limit is
//       woken first, and registers itself.
// Spurious  a wait may end, as notified, for a notification of an earlier waiter that gave up meanwhile. So a wait is a
//           loop over what is waited for; the calls with a predicate are that loop.
// Mutexes   Waits at one time have the same mutex; otherwise a later wait may take the notification of one whose
//           registration is under way (mutex_wait.hpp, I1). Its Queue need not be the condition variable's: their
//           waiters must be of one kind.
// Lifetime  It is destroyed when no wait is waiting for its notification. A notified waiter does not come back to it,
//           unless its coroutine is destroyed before it runs.
// Progress  notify where nobody waits: a load.   Fairness  the strategy's, then the mutex's.
// Source    Hoare 1974 and Lampson and Redell 1980 for the monitor; the move to the mutex's queue is the requeue of
//           futexes and the wait morphing of others; the rest is ours. [@lampson1980]
// Checked   models/primitives, under both engines, with seeded bugs; core/primitives/condition_variable.test.cpp.
#pragma once

#include <surewake/core/primitives/mutex.hpp>
#include <surewake/core/primitives/mutex_wait.hpp>
#include <surewake/core/primitives/notification.hpp>

#include <stdexcept>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

// Defined in core/coroutine/task.hpp, which the front door includes. A wait with a predicate is one.
template <class T, platform P> class task;

/// A condition variable whose waiters `Queue` keeps (queues/), on the platform P.
///
/// Each wait takes the guard of a mutex, which holds it: std::invalid_argument otherwise, from the call. While the wait
/// lasts the guard is empty, and is not touched by others. Afterwards it holds the mutex again. `pred` is called with
/// the mutex held, by the coroutine or thread that waits, and what it throws ends the wait.
///
/// Threads   every call may be made by any number of threads at once; construction and destruction by one, alone.
/// Orders    a wait releases, and then acquires, by its mutex. A notify orders nothing.
/// Resumes   a notify of a waiter whose mutex is free, and a wait, which unlocks, may resume coroutines before they
///           return, as core/node/trampoline.hpp says. One that waits on an executor or a loop goes on there, however
///           its wait ends (core/node/home.hpp).
/// Cost      a wait: one RMW and the queue's cost, an unlock and a lock; no allocation but the strategy's. One with a
///           predicate, in a coroutine: a frame (core/coroutine/task.hpp).
/// Signals   no call is async-signal-safe.
template <template <class> class Queue, platform P = std_platform>
  requires waiter_queue<Queue<P>, P>
class basic_condition_variable {
 public:
  using platform_type = P;
  using queue_type = Queue<P>;

  basic_condition_variable() noexcept : notifications_(0) {}
  basic_condition_variable(basic_condition_variable const&) = delete;
  basic_condition_variable& operator=(basic_condition_variable const&) = delete;
  ~basic_condition_variable() {
    assert(waiters() == 0 && "surewake: a condition variable was destroyed while somebody waits");
  }

  /// Notifies one waiter, or all that there are; where nobody waits nothing happens. The mutex may be held, or not.
  /// Lifetime   a notified waiter may destroy it; it is not accessed once the last waiter was handed over.
  void notify_one() noexcept { notifications_.give_back(1); }
  void notify_all() noexcept { notifications_.give_back(std::numeric_limits<std::int64_t>::max()); }

  /// Awaitable that unlocks, waits until it is notified, and locks again.   Returns  nothing.
  template <class M> [[nodiscard]] auto wait(basic_guard<M>& held) {
    return awaiter<void, M, at_home<M>>(held, detail::resume_in_place<P>());
  }
  /// The same again and again until pred() holds, which is asked first.
  template <class M, std::predicate Pred> [[nodiscard]] task<void, P> wait(basic_guard<M>& held, Pred pred) {
    for (bool holds = pred(); !holds; holds = pred()) co_await wait(held);
  }

  /// As wait; it goes on on `ex`, which must outlive the wait.
  template <class M, executor<P> Executor> [[nodiscard]] auto wait_on(basic_guard<M>& held, Executor& ex) {
    return awaiter<void, M, on<M, Executor>>(held, resume_with_mutex<Executor>{{&ex}});
  }
  template <class M, executor<P> Executor, std::predicate Pred>
  [[nodiscard]] task<void, P> wait_on(basic_guard<M>& held, Executor& ex, Pred pred) {
    for (bool holds = pred(); !holds; holds = pred()) co_await wait_on(held, ex);
  }

  /// As wait, given up when `stop` is requested.
  ///
  /// Returns  whether it was notified; with a predicate, what that says at last. A notification that came first counts.
  /// Resumes, Cost   as basic_semaphore::acquire(stop).
  template <class M, class Stop>
    requires stop_source_for<P, Stop>
  [[nodiscard]] auto wait(basic_guard<M>& held, Stop stop) {
    return awaiter<bool, M, until<M, Stop>>(held, std::move(stop));
  }
  template <class M, class Stop, std::predicate Pred>
    requires stop_source_for<P, Stop>
  [[nodiscard]] task<bool, P> wait(basic_guard<M>& held, Stop stop, Pred pred) {
    for (bool holds = pred(); !holds; holds = pred()) {
      bool const notified = co_await wait(held, stop);
      if (!notified) co_return pred();
    }
    co_return true;
  }

  /// As wait with a stop: given up once `limit` has passed, or the time `t` of any clock has come. By timers of the
  /// coroutine's home, of the shared pool, or by `timers`: as basic_semaphore::acquire_for and acquire_until say, where
  /// Errors, Cost and Needs are, too. `pred`, one or none, comes last.
  template <class M, class Rep, class Period, class... Pred>
    requires stop_source_for<P, stop_at<P>>
  [[nodiscard]] auto wait_for(basic_guard<M>& held, std::chrono::duration<Rep, Period> limit, Pred... pred) {
    return wait(held, stop_at<P>(time_limit<P>::in(limit)), std::move(pred)...);
  }
  template <class M, class Clock, class Duration, class... Pred>
    requires stop_source_for<P, stop_at<P>>
  [[nodiscard]] auto wait_until(basic_guard<M>& held, std::chrono::time_point<Clock, Duration> t, Pred... pred) {
    return wait(held, stop_at<P>(time_limit<P>(t)), std::move(pred)...);
  }
  template <class M, class Timers, class Rep, class Period, class... Pred>
    requires stop_source_for<P, stop_at_of<P, Timers>>
  [[nodiscard]] auto wait_for(basic_guard<M>& held, Timers& timers, std::chrono::duration<Rep, Period> limit,
                              Pred... pred) {
    return wait(held, stop_at_of<P, Timers>{time_limit<P>::in(limit), &timers}, std::move(pred)...);
  }
  template <class M, class Timers, class Clock, class Duration, class... Pred>
    requires stop_source_for<P, stop_at_of<P, Timers>>
  [[nodiscard]] auto wait_until(basic_guard<M>& held, Timers& timers, std::chrono::time_point<Clock, Duration> t,
                                Pred... pred) {
    return wait(held, stop_at_of<P, Timers>{time_limit<P>(t), &timers}, std::move(pred)...);
  }

  /// As wait, blocking the calling thread: after spinning at most `options.spin` on a futex.
  template <class M> void wait_blocking(basic_guard<M>& held, wait_options options = {}) {
    static_cast<void>(block(held, options, std::nullopt));
  }
  template <class M, std::predicate Pred>
  void wait_blocking(basic_guard<M>& held, Pred pred, wait_options options = {}) {
    while (!pred()) wait_blocking(held, options);
  }
  /// As wait_blocking, waiting (the spin included) at most `limit`, or until `t`; then for the mutex, however long.
  ///
  /// Returns  as wait with a stop.
  template <class M, class Rep, class Period>
  bool wait_blocking_for(basic_guard<M>& held, std::chrono::duration<Rep, Period> limit, wait_options options = {}) {
    return block(held, options, time_limit<P>::in(limit));
  }
  template <class M, class Rep, class Period, std::predicate Pred>
  bool wait_blocking_for(basic_guard<M>& held, std::chrono::duration<Rep, Period> limit, Pred pred,
                         wait_options options = {}) {
    return block_until(held, options, time_limit<P>::in(limit), pred);
  }
  template <class M, class Clock, class Duration>
  bool wait_blocking_until(basic_guard<M>& held, std::chrono::time_point<Clock, Duration> t,
                           wait_options options = {}) {
    return block(held, options, time_limit<P>(t));
  }
  template <class M, class Clock, class Duration, std::predicate Pred>
  bool wait_blocking_until(basic_guard<M>& held, std::chrono::time_point<Clock, Duration> t, Pred pred,
                           wait_options options = {}) {
    return block_until(held, options, time_limit<P>(t), pred);
  }

  /// Waits that no notification was issued for. A snapshot.
  [[nodiscard]] std::size_t waiters() const noexcept { return static_cast<std::size_t>(-notifications_.available()); }

 private:
  template <class, class> friend class detail::mutex_wait;
  using notifications = detail::counter_synchronizer<Queue, P, detail::notification>;

  template <class M> using wait_type = detail::mutex_wait<basic_condition_variable, M>;
  template <class M> using as_semaphore = detail::wait_as_semaphore<wait_type<M>>;

  /// The notifier's thread moves the waiter to the mutex's queue; the executor has the coroutine once it has the mutex.
  template <class Executor> struct resume_with_mutex : detail::resume_on<Executor> {
    static constexpr bool competes_when_run = false;
  };
  template <class M> using at_home = detail::acquire_awaiter<as_semaphore<M>, detail::resume_in_place<P>>;
  template <class M, class Executor> using on = detail::acquire_awaiter<as_semaphore<M>, resume_with_mutex<Executor>>;
  template <class M, class Stop>
  using until = detail::cancellable_awaiter<as_semaphore<M>, Stop, stop_traits<P, Stop>::template canceller>;

  template <class Result, class M, class Awaiter, class How> auto awaiter(basic_guard<M>& held, How how) {
    return detail::wait_awaiter<wait_type<M>, Awaiter, How, Result>(begin(held), std::move(how));
  }

  template <class M> wait_type<M> begin(basic_guard<M>& held) {
    if (!held) throw std::invalid_argument("surewake: a wait with a guard that holds no mutex");
    return wait_type<M>(*this, held);
  }

  template <class M>
  bool block(basic_guard<M>& held, wait_options const& options, std::optional<time_limit<P>> const& limit) {
    wait_type<M> one = begin(held);
    take_result const counted = one.take(1);
    static_cast<void>(detail::blocking_wait<wait_type<M>>(one, 1).run(counted, options.spin, limit));
    return one.end();
  }
  template <class M, class Pred>
  bool block_until(basic_guard<M>& held, wait_options const& options, time_limit<P> const& limit, Pred& pred) {
    while (!pred()) {
      if (!block(held, options, limit)) return pred();
    }
    return true;
  }

  notifications notifications_;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
