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
//   I1  Everything below mutex_ is guarded by it, unless it says otherwise; no work and no callback runs under it. A
//       thread that holds mutex_ may take a shard's lock, and never the other way round.
//   I2  While work is queued, either every worker is awake or one was summoned and is on its way (work_shards.hpp, I2;
//       idle_workers.hpp, I4). A worker that has work takes neither mutex_ nor another worker's lock, but for a look
//       at other shards now and then.
//   I3  While timers are armed there is a keeper, which sleeps until the first of them at the latest, or a thread was
//       summoned and is on its way (idle_workers.hpp), unless every thread is busy. There is a thread more than
//       workers, the reserve, which runs no posted work, so that workers that are all busy keep no timer waiting. (An
//       earlier version assumed that a worker would soon be free.)
//   I4  A callback that runs is known by its timer's address and its thread, not by the node, because the callback may
//       destroy the node.
//   I5  Each item runs in a trampoline scope of its own, so an idle thread holds nothing ready.
//   I6  What a worker runs because it was posted lives at the pool (home.hpp). What a timer's callback resumes does
//       not live there. A coroutine that lives at the pool is posted; another one goes on on the thread that fires.
//   I7  Each coroutine that waits at the pool counts in users_, as does the pool itself; the last to leave frees the
//       core. So a timer can be disarmed, and a post refused, after the pool has ended. A thread that posts and finds
//       that it has to summon a worker counts as well until it has done so, because the work that it posted may have
//       ended the pool by then.
#pragma once

#include <surewake/core/platform/at_fork.hpp>
#include <surewake/core/coroutine/idle_workers.hpp>
#include <surewake/core/node/trampoline.hpp>
#include <surewake/core/platform/lock_hold.hpp>
#include <surewake/core/platform/user_count.hpp>
#include <surewake/core/coroutine/timer.hpp>
#include <surewake/core/coroutine/work_shards.hpp>

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
    auto* const core = new pool_core(workers, most_reserves);
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
    refuse_if_deserted();
    bool summons = false;
    work_.post(w, place(), [&]() noexcept {
      summons = summons_one();
      return true;
    });
    if (summons) summon();
  }
  [[nodiscard]] bool withdraw(work<P>& w) noexcept override { return work_.withdraw(w); }

  void arm(timer& t, time_point when) noexcept override {
    mutex_.lock();
    refuse_if_deserted();
    if (closed_) {
      if (!t.fires_at_end()) return mutex_.unlock();
      t.set_early();
      when = time_point::min();
    }
    timers_.push(t, when);
    note_first();
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
        note_first();
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
    if (deserted_) return false;
    bool taken = false;
    bool summons = false;
    work_.post(w, place(), [&]() noexcept {
      // relaxed: the shard's lock has the order (work_shards.hpp, I3).
      taken = open_.load(P::relaxed) != 0U;
      if (taken) summons = summons_one();
      return taken;
    });
    if (summons) summon();
    return taken;
  }
  void leave_shared() noexcept override {
    if (users_.leave()) delete this;
  }
  [[nodiscard]] timer_source* timers() noexcept override {
    lock_hold const hold(mutex_);
    return closed_ || deserted_ ? nullptr : this;
  }

 private:
  using lock_type = idle_workers::lock_type;

  static constexpr std::int64_t never = time_point::max().time_since_epoch().count();

  struct member {
    std::thread thread;
    std::thread::id id;             // set by the thread
    timer const* firing = nullptr;  // whose callback it runs; an address, not to be followed (I4)
    std::uint64_t fired = 0;        // callbacks that have returned
  };

  /// Which pool this thread is a worker of, and where that worker posts.
  struct own_place {
    pool_core const* pool = nullptr;
    std::size_t shard = 0;
  };

  pool_core(std::size_t workers, std::size_t most_reserves)
      : home<P>(false), work_(workers), reserves_left_(most_reserves) {}
  ~pool_core() = default;

  /// Counts a user more. The caller runs at the pool, which counts itself.
  void enter_shared() noexcept override { users_.enter(); }

  void start(std::size_t workers) {
    for (std::size_t i = 0; i < workers; ++i) {
      launch([this, seat = work_.seat_of(i)](member& self) noexcept { work_loop(self, seat); });
    }
    launch_reserve();
    --reserves_left_;
    join_list();
    listed_ = true;
  }
  template <class Loop> void launch(Loop loop) {
    member& m = members_.emplace_back();
    m.thread = std::thread([&m, loop] { loop(m); });
  }
  void launch_reserve() {
    launch([this](member& self) noexcept { reserve_loop(self); });
  }

  /// Returns the shard in which this thread posts.
  [[nodiscard]] std::size_t place() const noexcept {
    own_place const& own = P::local<own_place>();
    return own.pool == this ? own.shard : 0;
  }

  /// Returns, inside a shard's lock, whether the poster has to summon(). Until then it is a user (I7), because what it
  /// posted may end the pool.
  [[nodiscard]] bool summons_one() noexcept {
    if (!idle_.may_summon()) [[likely]]
      return false;
    enter_shared();
    return true;
  }
  [[gnu::noinline]] void summon() noexcept {
    mutex_.lock();
    auto* const sleeper = idle_.summon();
    mutex_.unlock();
    idle_workers::wake(sleeper);
    leave_shared();
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

  void work_loop(member& self, work_shards<P>::seat seat) noexcept {
    P::local<own_place>() = {this, seat.shard};
    lock_type lock(mutex_);
    self.id = std::this_thread::get_id();
    for (;;) {
      timer* const t = first_due();
      if (t != nullptr) fire(self, *t, lock);
      work<P>* w = work_.take(seat);
      if (w == nullptr && t == nullptr) {
        bool const ends = closed_;
        w = ends ? work_.look() : sleep(lock);
        if (ends && w == nullptr) return;
      }
      if (w != nullptr) run(*w, seat, lock);
    }
  }
  /// Sleeps, unless there is work: then it returns that.
  [[nodiscard]] work<P>* sleep(lock_type& lock) noexcept {
    work<P>* w = nullptr;
    auto const found = [&]() noexcept { return (w = work_.look()) != nullptr; };
    timers_.empty() ? idle_.sleep(lock, found) : idle_.sleep(lock, timers_.top()->deadline(), found);
    return w;
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
      launch_reserve();
    } catch (...) {
      if (!members_.back().thread.joinable()) members_.pop_back();
    }
  }

  [[nodiscard]] timer* first_due() const noexcept {
    timer* const t = timers_.top();
    return t != nullptr && (closed_ || t->deadline() <= P::now()) ? t : nullptr;
  }

  /// Tells note_due() when the first timer is due. The caller holds mutex_.
  void note_first() noexcept {
    timer const* const t = timers_.top();
    // relaxed: a worker that reads it late looks after timers late, as one that is busy; the keeper does not (I3).
    first_.store((t != nullptr ? t->deadline() : time_point::max()).time_since_epoch().count(), P::relaxed);
  }
  /// Returns, without mutex_, whether a timer may be due.
  [[nodiscard]] bool may_be_due() const noexcept {
    // relaxed: as in note_first().
    std::int64_t const first = first_.load(P::relaxed);
    return first != never && first <= P::now().time_since_epoch().count();
  }

  /// Runs `w` and what comes after it, until no shard seems to have work or a timer is due.
  void run(work<P>& first, work_shards<P>::seat& seat, lock_type& lock) noexcept {
    leave_lock(lock);
    {
      trampoline<P>::at const here(*this);
      for (work<P>* w = &first; w != nullptr; w = may_be_due() ? nullptr : work_.take(seat)) {
        {
          trampoline<P>::scope const ready;
          w->run();
        }
        refuse_to_go_on();
      }
    }
    lock.lock();
  }

  void fire(member& self, timer& t, lock_type& lock) noexcept {
    timers_.erase(t);
    note_first();
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
    // relaxed: the workers that end have seen closed_ under mutex_, and look afterwards (work_shards.hpp, I3).
    open_.store(0U, P::relaxed);
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
    note_first();
    if (deserted_) return forget_threads();
    idle_.wake_all(lock);
    for (member& m : members_) {
      if (m.thread.joinable()) m.thread.join();
    }
  }

  // ---- of a fork ----

  void before_fork() noexcept override SUREWAKE_LOCKS(mutex_) {
    mutex_.lock();
    work_.lock_all();
  }
  void after_fork() noexcept override SUREWAKE_UNLOCKS(mutex_) {
    work_.unlock_all();
    mutex_.unlock();
  }
  void in_child() noexcept override SUREWAKE_UNLOCKS(mutex_) {
    deserted_ = true;
    for (member& m : members_) {
      if (m.id != std::this_thread::get_id()) m.firing = nullptr;
    }
    work_.unlock_all();
    mutex_.unlock();
  }
  /// Forgets the threads that these objects mean. They are the parent's, so they can be neither joined nor detached
  /// here.
  void forget_threads() noexcept {
    for (member& m : members_) std::construct_at(&m.thread);
  }

  P::mutex mutex_;
  work_shards<P> work_;  // not under mutex_
  timer_heap timers_;
  idle_workers idle_;
  P::atomic<std::uint32_t> fired_word_{0};  // bumped when a callback returns for which a thread waits
  std::uint32_t waiting_for_callback_ = 0;  // threads in disarm
  std::size_t reserves_left_;               // that may still be started
  P::atomic<std::uint32_t> open_{1};        // !closed_, for posts
  P::atomic<std::int64_t> first_{never};    // when the first timer is due, for workers without mutex_
  bool closed_ = false;
  bool deserted_ = false;
  bool listed_ = false;
  std::list<member> members_;
  user_count<P> users_{1};  // I7; not under mutex_
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
