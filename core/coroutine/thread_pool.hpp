// surewake/core/coroutine/thread_pool.hpp: an executor of n threads with timers, and the home of what it runs
// (home.hpp).
//
//   work:   post --> queued --a worker takes it--> running --> ran        queued --withdraw--> gone
//   timer:  arm --> armed --its time comes--> firing --> fired            armed --disarm--> gone
//
// What happens inside is in pool_core.hpp. A pool has its workers and one thread more, which looks after the timers
// while every worker is busy; it runs no posted work.
// Place     Until the pool ends, a coroutine that waits in posted work (schedule, sleep_for, acquire_on) goes on on a
//           worker, however its wait ends. After that, the thread that ends its wait resumes it. Waits with a time
//           limit use the pool's timers, and are given up when the pool ends.
// Progress  blocking: locks are held for a few dozen instructions, the amortised O(log n) of the timer heap included.
// Fairness  Each worker has a queue of its own, for what it posts, and there is one for posts by other threads. In
//           each of them work runs in the order of the posts; with one worker there is one queue. No queue starves
//           another one (work_shards.hpp, I4), and a worker that has no work takes what waits anywhere. Timers fire in
//           the order of their deadlines, one item and one timer in turn where both are due, so that a stream of
//           either cannot starve the other. A timer fires even while every worker is busy. It never fires early; it
//           fires late where callbacks, and what they resume, occupy the thread for timers as well.
// Fork      In a forked child a pool of the parent has no threads. post and arm end the process with a message;
//           withdraw, disarm and the destructor work; it is no home. shared() is a new pool there. A worker that
//           forked is the child's one thread. When its coroutine suspends there, the process ends with a message, and
//           nothing runs that the parent had queued.
// Errors    the constructor's only.
// Cost      no allocation after construction, except for the threads that shared() adds. post takes one lock, which no
//           other worker takes while every worker has work, and, when a thread sleeps, a mutex and one futex wake.
//           While timers are armed each item costs a clock read. Withdrawal searches the queues, one after the other.
#pragma once

#include <surewake/core/platform/deadline.hpp>
#include <surewake/core/platform/first_made.hpp>
#include <surewake/core/node/executor.hpp>
#include <surewake/core/coroutine/pool_core.hpp>
#include <surewake/core/coroutine/schedule.hpp>
#include <surewake/core/coroutine/sleep.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// Runs posted work on its workers and timers' callbacks on any thread of its own.
///
/// Threads  construction and destruction by one thread, alone; every other call by any number of threads at once.
/// Orders   what a thread did before post() or arm() comes before the work or the callback; what a callback did comes
///          before a disarm() that waited for it returns.
/// Errors   where none are named, none.
/// Signals  no call is async-signal-safe.
class thread_pool {
 public:
  using P = std_platform;
  using time_point = detail::timer::time_point;
  static constexpr std::size_t max_threads = 4096;

  /// Starts `threads` workers, and the thread for timers.
  ///
  /// Errors   std::invalid_argument below 1 or above max_threads. std::system_error if the system refuses a thread:
  ///          those already started have been joined.
  explicit thread_pool(std::size_t threads) : thread_pool(threads, 1) {}
  thread_pool(thread_pool const&) = delete;
  thread_pool& operator=(thread_pool const&) = delete;

  /// Runs to its end all work that is queued, and what that posts, then joins the workers. From its begin on the pool
  /// is no home, and no timer fires: those still armed are disarmed; waits with a time limit are given up.
  ///
  /// Lifetime coroutines that sleep on the pool must be destroyed before it. Not to be called by a worker of the pool.
  ~thread_pool() { core_->end(); }

  /// Returns the pool of the process, with a thread for each processor, and 64 more as they are needed. Each of these
  /// is started when a timer is armed and every thread is busy, and then stays. The first call starts the pool. It is
  /// never destroyed, so that static objects may use it until the process has ended; a forked child has a pool of its
  /// own.
  ///
  /// Errors   std::system_error as the constructor; the next call tries again.
  [[nodiscard]] static thread_pool& shared() {
    process_pool& pool = P::shared<process_pool>();
    thread_pool* const seen = pool.look();
    return seen != nullptr && !seen->core_->deserted() ? *seen : start_shared(pool, seen);
  }

  /// Returns how many workers the constructor was asked for.
  [[nodiscard]] std::size_t threads() const noexcept { return threads_; }

  /// Queues `w`, from any thread. `w` lives until it runs or is withdrawn.
  void post(work<P>& w) noexcept { core_->post_here(w); }

  /// Takes `w` back, from any thread. Returns true if `w` was queued here, and will not run. Returns false if it is
  /// running, ran, or was never posted.
  bool withdraw(work<P>& w) noexcept { return core_->withdraw(w); }

  /// Makes `t`, which is not armed, fire on a thread of the pool once `when` has come, at once if it has passed. Any
  /// thread may call it, and so may t's own callback if no other thread disarms `t`.
  ///
  /// Lifetime t lives until it fires or is disarmed. time_point::max() never comes.
  void arm(detail::timer& t, time_point when) noexcept { core_->arm(t, when); }

  /// Returns true if `t` was armed, and will never fire; false if it was not armed. If `t` is firing on another thread,
  /// disarm blocks until its callback has returned; called by the callback itself it returns at once. Any thread may
  /// call it.
  ///
  /// Lifetime t lives until disarm returns; after that the pool does not touch it.
  bool disarm(detail::timer& t) noexcept { return core_->disarm(t); }

  /// Returns arm() and disarm() for code that does not know the type of the timers' owner.
  [[nodiscard]] detail::timer_source& timers() const noexcept { return *core_; }

  /// Moves the coroutine to a worker: `co_await pool.schedule()`.
  [[nodiscard]] detail::schedule_awaiter<thread_pool, P> schedule() noexcept {
    return detail::schedule_awaiter<thread_pool, P>(*this);
  }

  /// Suspends the coroutine for `d`: after `co_await pool.sleep_for(20ms)` it goes on on a worker, not before that time
  /// has passed; any duration, any clock.
  template <class Rep, class Period>
  [[nodiscard]] detail::sleep_awaiter<thread_pool> sleep_for(std::chrono::duration<Rep, Period> d) noexcept {
    return {*this, time_limit<P>(deadline_after<P::clock>(P::now(), d))};
  }
  template <class Clock, class Duration>
  [[nodiscard]] detail::sleep_awaiter<thread_pool> sleep_until(std::chrono::time_point<Clock, Duration> t) noexcept {
    return {*this, time_limit<P>(t)};
  }

 private:
  /// The shared pool; after a fork, the child's.
  struct process_pool : detail::first_made<P, thread_pool> {};

  thread_pool(std::size_t threads, std::size_t most_reserves)
      : threads_(checked(threads)), core_(detail::pool_core::make(threads, most_reserves)) {}

  [[gnu::noinline, gnu::cold]] static thread_pool& start_shared(process_pool& pool, thread_pool* seen) {
    std::size_t const processors = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, max_threads);
    auto* const mine = new thread_pool(processors, 65);
    mine->before_ = seen;
    if (pool.offer(seen, mine)) return *mine;
    delete mine;
    return *seen;
  }

  [[nodiscard]] static std::size_t checked(std::size_t threads) {
    if (threads >= 1 && threads <= max_threads) return threads;
    throw std::invalid_argument("surewake: a thread pool of " + std::to_string(threads) + " threads; 1 to " +
                                std::to_string(max_threads) + " are possible");
  }

  std::size_t const threads_;
  detail::pool_core* const core_;
  thread_pool* before_ = nullptr;  // of a forked child's pool: the parent's
};

static_assert(executor<thread_pool, std_platform>);

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
