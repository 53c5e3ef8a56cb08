// surewake/core/thread_pool.hpp: an executor of n threads with timers.
//
//   work:   post --> queued --a worker takes it--> running --> ran
//                    queued --withdraw--> gone
//   timer:  arm --> armed --its time comes, a worker is free--> firing --the callback returns--> fired
//                   armed --disarm--> gone
//
// Invariants
//   I1  Everything below mutex_ is guarded by it; no work and no callback runs under it.
//   I2  While work is queued, either every worker is awake or one was summoned and is on its way.
//   I3  While timers are armed and a worker sleeps, there is a keeper, who sleeps until the first of them at the
//       latest, or one was summoned and is on its way: he works, or becomes the keeper (idle_workers.hpp).
//   I4  A callback that runs is known by its timer's address and its worker, not by the node, which it may destroy.
//   I5  Each item runs in a resumer scope of its own, so an idle worker holds nothing ready.
// Progress  blocking: a mutex held for a few dozen instructions; the amortised O(log n) of the timer heap included.
// Fairness  work runs in the order of the posts, timers in that of their deadlines, one item and one timer in turn: a
//           stream of either cannot starve the other. A timer fires late while every worker is busy, never early.
// Errors    the constructor's only.
// Cost      no allocation after construction. post: one lock, and one futex wake when somebody sleeps. While timers are
//           armed each item costs a clock read. Measured with one worker, in pairs of locked RMWs: a coroutine's hop
//           3.3, arm and disarm 3.2 (33 ns each).
#pragma once

#include <surewake/core/deadline.hpp>
#include <surewake/core/executor.hpp>
#include <surewake/core/idle_workers.hpp>
#include <surewake/core/schedule.hpp>
#include <surewake/core/sleep.hpp>
#include <surewake/core/take_out.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace [[gnu::visibility("default")]] surewake {

class thread_pool {
 public:
  using P = std_platform;
  using time_point = timer::time_point;
  static constexpr std::size_t max_threads = 4096;

  /// Starts `threads` workers.
  ///
  /// Errors   std::invalid_argument below 1 or above max_threads. std::system_error where the system refuses a thread:
  ///          those already started have been joined.
  explicit thread_pool(std::size_t threads) : workers_(checked(threads)) {
    try {
      for (worker& w : workers_) w.thread = std::thread([this, &w] { work_loop(w); });
    } catch (...) {
      stop();
      throw;
    }
  }
  thread_pool(thread_pool const&) = delete;
  thread_pool& operator=(thread_pool const&) = delete;

  /// Runs to its end all work that is queued, and what that posts, then joins the workers. From its begin on no timer
  /// fires: those still armed are disarmed.
  ///
  /// Lifetime coroutines that sleep on the pool must be destroyed before it. Not to be called by a worker of the pool.
  ~thread_pool() {
    stop();
    while (timer* const t = timers_.top()) timers_.erase(*t);
  }

  /// The pool of the process, with a thread for each processor: started by the first call, and never destroyed, so that
  /// static objects may use it until the process has ended.
  ///
  /// Errors   std::system_error as the constructor; the next call tries again.
  [[nodiscard]] static thread_pool& shared() {
    alignas(thread_pool) static std::byte storage[sizeof(thread_pool)];
    static thread_pool& pool = *::new (static_cast<void*>(storage))
        thread_pool(std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, max_threads));
    return pool;
  }

  [[nodiscard]] std::size_t threads() const noexcept { return workers_.size(); }

  /// Any thread. `w` lives until it runs or is withdrawn.
  void post(work<P>& w) noexcept {
    mutex_.lock();
    queue_.push_back(w);
    auto* const sleeper = idle_.summon();
    mutex_.unlock();
    idle_workers::wake(sleeper);
  }

  /// Any thread. True: `w` was queued here, and will not run. False: it is running, ran, or was never posted.
  bool withdraw(work<P>& w) noexcept {
    std::lock_guard const lock(mutex_);
    return take_out(queue_, w);
  }

  /// Has `t`, which is not armed, fire on a worker, at once when `when` has passed. Any thread; also its own callback,
  /// where no other thread disarms it.
  ///
  /// Lifetime t lives until it fires or is disarmed. time_point::max() never comes.
  void arm(timer& t, time_point when) noexcept {
    mutex_.lock();
    timers_.push(t, when);
    auto* const sleeper = idle_.summon_for(when);
    mutex_.unlock();
    idle_workers::wake(sleeper);
  }

  /// True: `t` was armed, and will never fire. False: it was not; where it is firing on another thread, disarm blocks
  /// until its callback has returned; called by the callback itself it returns at once. Any thread.
  ///
  /// Lifetime t lives until disarm returns; after that the pool does not touch it.
  bool disarm(timer& t) noexcept {
    lock_type lock(mutex_);
    bool removed = false;
    for (;;) {
      if (t.armed()) {
        timers_.erase(t);
        removed = true;
      }
      worker const* const busy = fires_elsewhere(t);
      if (busy == nullptr) return removed;
      for (auto const firing = busy->fired; busy->fired == firing;) {
        // relaxed: written under the lock only (I1); the kernel compares what we saw there.
        std::uint32_t const seen = fired_word_.load(P::relaxed);
        ++waiting_for_callback_;
        lock.unlock();
        P::futex_wait(fired_word_, seen);
        lock.lock();
        --waiting_for_callback_;
      }
    }
  }

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
  using lock_type = idle_workers::lock_type;

  struct worker {
    std::thread thread;
    std::thread::id id;             // set by the worker
    timer const* firing = nullptr;  // whose callback it runs; an address, not to be followed (I4)
    std::uint64_t fired = 0;        // callbacks that have returned
  };

  [[nodiscard]] static std::size_t checked(std::size_t threads) {
    if (threads >= 1 && threads <= max_threads) return threads;
    throw std::invalid_argument("surewake: a thread pool of " + std::to_string(threads) + " threads; 1 to " +
                                std::to_string(max_threads) + " are possible");
  }

  void work_loop(worker& self) noexcept {
    lock_type lock(mutex_);
    self.id = std::this_thread::get_id();
    for (;;) {
      timer* const t = first_due();
      if (t != nullptr) fire(self, *t, lock);
      work<P>* const w = queue_.pop_front();
      if (w != nullptr) {
        run(*w, lock);
      } else if (t == nullptr) {
        if (stopping_) return;
        timers_.empty() ? idle_.sleep(lock) : idle_.sleep(lock, timers_.top()->deadline());
      }
    }
  }

  /// Before the caller leaves the lock for a while (I3).
  void leave(lock_type& lock) noexcept {
    auto* const sleeper = timers_.empty() ? nullptr : idle_.summon_new_keeper();
    lock.unlock();
    idle_workers::wake(sleeper);
  }

  [[nodiscard]] timer* first_due() const noexcept {
    timer* const t = stopping_ ? nullptr : timers_.top();
    return t != nullptr && t->deadline() <= P::now() ? t : nullptr;
  }

  void run(work<P>& w, lock_type& lock) noexcept {
    leave(lock);
    {
      resumer<P>::scope const here;
      w.run();
    }
    lock.lock();
  }

  void fire(worker& self, timer& t, lock_type& lock) noexcept {
    timers_.erase(t);
    self.firing = &t;
    leave(lock);
    {
      resumer<P>::scope const here;  // what the callback makes ready runs when `fired` is known
      t.fire();
      lock.lock();
      self.firing = nullptr;
      ++self.fired;
      bool const awaited = waiting_for_callback_ != 0;
      // relaxed: only ever written under the lock (I1).
      if (awaited) fired_word_.store(fired_word_.load(P::relaxed) + 1, P::relaxed);
      lock.unlock();
      if (awaited) P::futex_wake(&fired_word_, 0x7fffffff);
    }
    lock.lock();
  }

  [[nodiscard]] worker const* fires_elsewhere(timer const& t) const noexcept {
    for (worker const& w : workers_) {
      if (w.firing == &t) return w.id == std::this_thread::get_id() ? nullptr : &w;
    }
    return nullptr;
  }

  void stop() noexcept {
    lock_type lock(mutex_);
    stopping_ = true;
    idle_.wake_all(lock);
    for (worker& w : workers_) {
      if (w.thread.joinable()) w.thread.join();
    }
  }

  P::mutex mutex_;
  work_list<P> queue_;
  timer_heap timers_;
  idle_workers idle_;
  P::atomic<std::uint32_t> fired_word_{0};  // bumped when a callback returns for which somebody waits
  std::uint32_t waiting_for_callback_ = 0;  // threads in disarm
  bool stopping_ = false;
  std::vector<worker> workers_;  // last: they use what is above
};

static_assert(executor<thread_pool, std_platform>);

}  // namespace surewake
