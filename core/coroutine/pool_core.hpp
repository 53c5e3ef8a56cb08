// surewake/core/coroutine/pool_core.hpp: the threads of a thread_pool, its queue and its timers.
//
//   work:   post --> queued --a worker takes it--> running --> ran
//                    queued --withdraw--> gone
//   timer:  arm --> armed --its time comes--> firing --the callback returns--> fired
//                   armed --disarm--> gone          armed, fires at the end --the pool ends--> firing, early
//   pool:   open --stop--> closed, no home any more; queued work runs --> joined --the last waiter leaves--> freed
//           open --fork, in the child--> deserted: its threads are in the parent
//
// Invariants
//   I1  Everything below mutex_ is guarded by it; no work and no callback runs under it.
//   I2  While work is queued, either every worker is awake or one was summoned and is on its way.
//   I3  While timers are armed there is a keeper, which sleeps until the first of them at the latest, or a thread was
//       summoned and is on its way (idle_workers.hpp), unless every thread is busy. There is a thread more than
//       workers, the reserve, which runs no posted work, so that workers that are all busy keep no timer waiting. (An
//       earlier version assumed that a worker would soon be free.)
//   I4  A callback that runs is known by its timer's address and its thread, not by the node, because the callback may
//       destroy the node.
//   I5  Each item runs in a trampoline scope of its own, so an idle thread holds nothing ready.
//   I6  What a worker runs because it was posted lives at the pool (home.hpp). What a timer's callback resumes does not
//       live there. A coroutine that lives at the pool is posted; another one goes on on the thread that fires.
//   I7  Each coroutine that waits at the pool counts in users_, as does the pool itself; the last to leave frees the
//       core. So a timer can be disarmed, and a post refused, after the pool has ended.
#pragma once

#include <surewake/core/platform/at_fork.hpp>
#include <surewake/core/coroutine/idle_workers.hpp>
#include <surewake/core/node/trampoline.hpp>
#include <surewake/core/platform/lock_hold.hpp>
#include <surewake/core/coroutine/take_out.hpp>
#include <surewake/core/coroutine/timer.hpp>

#include <algorithm>
#include <list>
#include <thread>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

class pool_core final : public home<std_platform>, public timer_source, private at_fork {
 public:
  using P = std_platform;
  using time_point = timer::time_point;

  /// Starts `workers` workers and one reserve; `most_reserves` is how many reserves there may be.
  ///
  /// Errors   std::system_error if the system refuses a thread: those already started have been joined.
  [[nodiscard]] static pool_core* make(std::size_t workers, std::size_t most_reserves) {
    auto* const core = new pool_core(most_reserves);
    try {
      core->start(workers);
    } catch (...) {
      core->end();
      throw;
    }
    return core;
  }

  /// Ends the pool: runs what is queued, fires the timers that want it, joins.
  void end() noexcept {
    stop();
    leave_shared();
  }

  [[nodiscard]] bool deserted() const noexcept { return deserted_; }

  void post_here(work<P>& w) noexcept {
    mutex_.lock();
    refuse_if_deserted();
    push(w);
  }
  [[nodiscard]] bool withdraw(work<P>& w) noexcept override {
    lock_hold const hold(mutex_);
    return take_out(queue_, w);
  }

  void arm(timer& t, time_point when) noexcept override {
    mutex_.lock();
    refuse_if_deserted();
    if (closed_) {
      if (!t.fires_at_end()) return mutex_.unlock();
      t.set_early();
      when = time_point::min();
    }
    timers_.push(t, when);
    auto* const sleeper = idle_.summon_for(when);
    if (sleeper == nullptr && idle_.nobody_keeps()) add_reserve();
    mutex_.unlock();
    idle_workers::wake(sleeper);
  }

  bool disarm(timer& t) noexcept override {
    lock_type lock(mutex_);
    bool removed = false;
    for (;;) {
      if (t.armed()) {
        timers_.erase(t);
        removed = true;
      }
      member const* const busy = fires_elsewhere(t);
      if (busy == nullptr) return removed;
      for (auto const firing = busy->fired; busy->fired == firing;) {
        // relaxed: written under the lock only (I1); the kernel compares what was seen there.
        std::uint32_t const seen = fired_word_.load(P::relaxed);
        ++waiting_for_callback_;
        lock.unlock();
        P::futex_wait(fired_word_, seen);
        lock.lock();
        --waiting_for_callback_;
      }
    }
  }

  // ---- as a home ----

  [[nodiscard]] bool post(work<P>& w) noexcept override {
    mutex_.lock();
    if (closed_ || deserted_) return mutex_.unlock(), false;
    push(w);
    return true;
  }
  void leave_shared() noexcept override {
    // acq_rel [N1]: as release, the caller's last touch; as acquire, the touches of all others are over before the last
    // one frees the core, pairs with [N1].
    if (users_.fetch_sub(1, P::acq_rel) == 1) delete this;
  }
  [[nodiscard]] timer_source* timers() noexcept override {
    lock_hold const hold(mutex_);
    return closed_ || deserted_ ? nullptr : this;
  }

 private:
  using lock_type = idle_workers::lock_type;

  struct member {
    std::thread thread;
    std::thread::id id;             // set by the thread
    timer const* firing = nullptr;  // whose callback it runs; an address, not to be followed (I4)
    std::uint64_t fired = 0;        // callbacks that have returned
  };

  explicit pool_core(std::size_t most_reserves) noexcept : home<P>(false), reserves_left_(most_reserves) {}
  ~pool_core() = default;

  void enter_shared() noexcept override {
    // relaxed: a thread that enters runs at the pool, which counts itself, so the last one has not left.
    users_.fetch_add(1, P::relaxed);
  }

  void start(std::size_t workers) {
    for (std::size_t i = 0; i < workers; ++i) launch(&pool_core::work_loop);
    launch(&pool_core::reserve_loop);
    --reserves_left_;
    join_list();
    listed_ = true;
  }
  void launch(void (pool_core::*loop)(member&) noexcept) {
    member& m = members_.emplace_back();
    m.thread = std::thread([this, &m, loop] { (this->*loop)(m); });
  }

  void push(work<P>& w) noexcept SUREWAKE_UNLOCKS(mutex_) {
    queue_.push_back(w);
    auto* const sleeper = idle_.summon();
    mutex_.unlock();
    idle_workers::wake(sleeper);
  }

  void refuse_if_deserted() const noexcept {
    if (deserted_) {
      P::broken("a thread_pool was used in a forked child; its threads are the parent's: make one in the child");
    }
  }

  /// Ends the process if it is a forked child. To be called on a thread of the pool after user's code, which may have
  /// forked.
  void refuse_to_go_on() const noexcept {
    if (deserted_) {
      P::broken("in a forked child a coroutine came back to the parent's thread_pool: let it end the process, or exec");
    }
  }

  void work_loop(member& self) noexcept {
    lock_type lock(mutex_);
    self.id = std::this_thread::get_id();
    for (;;) {
      timer* const t = first_due();
      if (t != nullptr) fire(self, *t, lock);
      work<P>* const w = queue_.pop_front();
      if (w != nullptr) {
        run(*w, lock);
      } else if (t == nullptr) {
        if (closed_) return;
        timers_.empty() ? idle_.sleep(lock) : idle_.sleep(lock, timers_.top()->deadline());
      }
    }
  }
  void reserve_loop(member& self) noexcept {
    lock_type lock(mutex_);
    self.id = std::this_thread::get_id();
    for (;;) {
      if (timer* const t = first_due()) {
        fire(self, *t, lock);
      } else if (closed_) {
        return;
      } else {
        timers_.empty() ? idle_.rest(lock) : idle_.rest(lock, timers_.top()->deadline());
      }
    }
  }

  /// Releases `lock`, which the caller leaves for a while, and summons a keeper where timers need one (I3).
  void leave_lock(lock_type& lock) noexcept {
    auto* sleeper = timers_.empty() ? nullptr : idle_.summon_new_keeper();
    if (sleeper == nullptr && !timers_.empty() && idle_.nobody_keeps()) add_reserve();
    lock.unlock();
    idle_workers::wake(sleeper);
  }
  /// Adds a reserve, because every thread is busy. The caller holds mutex_. (If the system refuses the thread, timers
  /// fire late.)
  void add_reserve() noexcept {
    if (reserves_left_ == 0 || closed_) return;
    --reserves_left_;
    try {
      launch(&pool_core::reserve_loop);
    } catch (...) {
      if (!members_.back().thread.joinable()) members_.pop_back();
    }
  }

  [[nodiscard]] timer* first_due() const noexcept {
    timer* const t = timers_.top();
    return t != nullptr && (closed_ || t->deadline() <= P::now()) ? t : nullptr;
  }

  void run(work<P>& w, lock_type& lock) noexcept {
    leave_lock(lock);
    {
      trampoline<P>::at const here(*this);
      trampoline<P>::scope const ready;
      w.run();
    }
    lock.lock();
    refuse_to_go_on();
  }

  void fire(member& self, timer& t, lock_type& lock) noexcept {
    timers_.erase(t);
    self.firing = &t;
    leave_lock(lock);
    {
      trampoline<P>::scope const here;  // what the callback makes ready runs when `fired` is known
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
    refuse_to_go_on();
  }

  [[nodiscard]] member const* fires_elsewhere(timer const& t) const noexcept {
    for (member const& m : members_) {
      if (m.firing == &t) return m.id == std::this_thread::get_id() ? nullptr : &m;
    }
    return nullptr;
  }

  /// Closes the pool: of the timers only those are left that fire at the end, and they are due.
  void stop() noexcept {
    if (listed_) leave_list();
    lock_type lock(mutex_);
    closed_ = true;
    timer_heap last;
    while (timer* const t = timers_.top()) {
      timers_.erase(*t);
      if (!t->fires_at_end() || deserted_) continue;
      t->set_early();
      last.push(*t, time_point::min());
    }
    while (timer* const t = last.top()) {
      last.erase(*t);
      timers_.push(*t, time_point::min());
    }
    if (deserted_) return forget_threads();
    idle_.wake_all(lock);
    for (member& m : members_) {
      if (m.thread.joinable()) m.thread.join();
    }
  }

  // ---- of a fork ----

  void before_fork() noexcept override SUREWAKE_LOCKS(mutex_) { mutex_.lock(); }
  void after_fork() noexcept override SUREWAKE_UNLOCKS(mutex_) { mutex_.unlock(); }
  void in_child() noexcept override SUREWAKE_UNLOCKS(mutex_) {
    deserted_ = true;
    for (member& m : members_) {
      if (m.id != std::this_thread::get_id()) m.firing = nullptr;
    }
    mutex_.unlock();
  }
  /// Forgets the threads that these objects mean. They are the parent's, so they can be neither joined nor detached
  /// here.
  void forget_threads() noexcept {
    for (member& m : members_) std::construct_at(&m.thread);
  }

  P::mutex mutex_;
  work_list<P> queue_;
  timer_heap timers_;
  idle_workers idle_;
  P::atomic<std::uint32_t> fired_word_{0};  // bumped when a callback returns for which a thread waits
  std::uint32_t waiting_for_callback_ = 0;  // threads in disarm
  std::size_t reserves_left_;               // that may still be started
  bool closed_ = false;
  bool deserted_ = false;
  bool listed_ = false;
  std::list<member> members_;
  P::atomic<std::int64_t> users_{1};  // I7; not under mutex_
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
