// surewake/core/coroutine/thread_pool.hpp: an executor of n threads with timers, and the home of what it runs
// (home.hpp).
//
//   work:   post --> queued --a worker takes it--> running --> ran        queued --withdraw--> gone
//   timer:  arm --> armed --its time comes--> firing --> fired            armed --disarm--> gone
//
// What happens inside is in pool_core.hpp. A pool has its workers and one thread more, which looks after the timers
// while every worker is busy; it runs no posted work.
// Place     A coroutine that waits in posted work (schedule, sleep_for, acquire_on) goes on on a worker, however its
//           wait ends, until the pool ends; then whoever ends its wait resumes it. Waits with a time limit use the
//           pool's timers, and are given up when the pool ends.
// Progress  blocking: a mutex held for a few dozen instructions; the amortised O(log n) of the timer heap included.
// Fairness  work runs in the order of the posts, timers in that of their deadlines, one item and one timer in turn: a
//           stream of either cannot starve the other. A timer fires while every worker is busy, never early; late where
//           callbacks, and what they resume, occupy the thread for timers as well.
// Fork      In a forked child a pool of the parent has no threads. post and arm end the process with a message;
//           withdraw, disarm and the destructor work; it is nobody's home. shared() is a new pool there. A worker that
//           forked is the child's one thread: when its coroutine suspends there, the process ends with a message, and
//           nothing runs that the parent had queued.
// Errors    the constructor's only.
// Cost      no allocation after construction, but for the threads that shared() adds. post: one lock, and one futex
//           wake when a thread sleeps. While timers are armed each item costs a clock read. Measured with one worker,
//           in pairs of locked RMWs: a coroutine's hop 3.3, arm and disarm 3.2 (33 ns each).
#pragma once

#include <surewake/core/platform/deadline.hpp>
#include <surewake/core/node/executor.hpp>
#include <surewake/core/coroutine/pool_core.hpp>
#include <surewake/core/coroutine/schedule.hpp>
#include <surewake/core/coroutine/sleep.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

class thread_pool {
 public:
  using P = std_platform;
  using time_point = timer::time_point;
  static constexpr std::size_t max_threads = 4096;

  /// Starts `threads` workers, and the thread for timers.
  ///
  /// Errors   std::invalid_argument below 1 or above max_threads. std::system_error where the system refuses a thread:
  ///          those already started have been joined.
  explicit thread_pool(std::size_t threads) : thread_pool(threads, 1) {}
  thread_pool(thread_pool const&) = delete;
  thread_pool& operator=(thread_pool const&) = delete;

  /// Runs to its end all work that is queued, and what that posts, then joins the workers. From its begin on the pool
  /// is nobody's home, and no timer fires: those still armed are disarmed; waits with a time limit are given up.
  ///
  /// Lifetime coroutines that sleep on the pool must be destroyed before it. Not to be called by a worker of the pool.
  ~thread_pool() { core_->end(); }

  /// The pool of the process, with a thread for each processor, and 64 more as they are needed: each is started when a
  /// timer is armed and every thread is busy, and then stays. Started by the first call, and never destroyed, so that
  /// static objects may use it until the process has ended; a forked child has one of its own.
  ///
  /// Errors   std::system_error as the constructor; the next call tries again.
  [[nodiscard]] static thread_pool& shared() {
    process_pool& pool = P::shared<process_pool>();
    // acquire [K1]: sees the pool, pairs with [K2].
    thread_pool* const seen = pool.now.load(P::acquire);
    return seen != nullptr && !seen->core_->deserted() ? *seen : start_shared(pool, seen);
  }

  [[nodiscard]] std::size_t threads() const noexcept { return threads_; }

  /// Any thread. `w` lives until it runs or is withdrawn.
  void post(work<P>& w) noexcept { core_->post_here(w); }

  /// Any thread. True: `w` was queued here, and will not run. False: it is running, ran, or was never posted.
  bool withdraw(work<P>& w) noexcept { return core_->withdraw(w); }

  /// Has `t`, which is not armed, fire on a thread of the pool, at once when `when` has passed. Any thread; also its
  /// own callback, where no other thread disarms it.
  ///
  /// Lifetime t lives until it fires or is disarmed. time_point::max() never comes.
  void arm(timer& t, time_point when) noexcept { core_->arm(t, when); }

  /// True: `t` was armed, and will never fire. False: it was not; where it is firing on another thread, disarm blocks
  /// until its callback has returned; called by the callback itself it returns at once. Any thread.
  ///
  /// Lifetime t lives until disarm returns; after that the pool does not touch it.
  bool disarm(timer& t) noexcept { return core_->disarm(t); }

  /// arm() and disarm() for code that does not know the type of the timers' owner.
  [[nodiscard]] timer_source& timers() const noexcept { return *core_; }

  /// `co_await pool.schedule()`: the coroutine goes on on a worker.
  [[nodiscard]] schedule_awaiter<thread_pool, P> schedule() noexcept { return schedule_awaiter<thread_pool, P>(*this); }

  /// `co_await pool.sleep_for(20ms)`: goes on on a worker, not before that time has passed; any duration, any clock.
  template <class Rep, class Period>
  [[nodiscard]] sleep_awaiter<thread_pool> sleep_for(std::chrono::duration<Rep, Period> d) noexcept {
    return {*this, time_limit<P>(deadline_after<P::clock>(P::now(), d))};
  }
  template <class Clock, class Duration>
  [[nodiscard]] sleep_awaiter<thread_pool> sleep_until(std::chrono::time_point<Clock, Duration> t) noexcept {
    return {*this, time_limit<P>(t)};
  }

 private:
  /// The shared pool; after a fork, the child's.
  struct process_pool {
    P::atomic<thread_pool*> now{nullptr};
  };

  thread_pool(std::size_t threads, std::size_t most_reserves)
      : threads_(checked(threads)), core_(pool_core::make(threads, most_reserves)) {}

  [[gnu::noinline, gnu::cold]] static thread_pool& start_shared(process_pool& pool, thread_pool* seen) {
    std::size_t const processors = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, max_threads);
    auto* const mine = new thread_pool(processors, 65);
    mine->before_ = seen;
    // acq_rel [K2]: as release, publishes the pool, pairs with [K1], [K2]; as acquire, on failure acquire: sees that of
    // another thread, pairs with [K2].
    if (pool.now.compare_exchange_strong(seen, mine, P::acq_rel, P::acquire)) return *mine;
    delete mine;
    return *seen;
  }

  [[nodiscard]] static std::size_t checked(std::size_t threads) {
    if (threads >= 1 && threads <= max_threads) return threads;
    throw std::invalid_argument("surewake: a thread pool of " + std::to_string(threads) + " threads; 1 to " +
                                std::to_string(max_threads) + " are possible");
  }

  std::size_t const threads_;
  pool_core* const core_;
  thread_pool* before_ = nullptr;  // of a forked child: its parent's
};

static_assert(executor<thread_pool, std_platform>);

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
