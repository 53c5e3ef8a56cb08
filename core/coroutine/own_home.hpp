// surewake/core/coroutine/own_home.hpp: what an executor holds to be a home (home.hpp).
//
//   alive --end, by ~own_home--> ended, its waiters still refer to it --the last one leaves--> freed
//
//   class my_executor {
//     void run_one() {
//       trampoline<P>::at const here(home_.get());   // what waits in there lives here
//       queue.pop_front()->run();
//     }
//     ~my_executor() {
//       home_.end();                                      // from here on nothing is posted home
//       while (!queue.empty()) queue.pop_front()->run();  // what was posted before runs: home.hpp, I3
//     }
//     own_home<my_executor> home_{*this};
//   };
//
// Invariants
//   I1  executor_ changes, and is posted to, under lock_, so a post that found an executor is over before the executor
//       ends.
//   I2  here_ is the executor's own thread's; elsewhere_ is guarded by lock_. Their sum counts the waiters. An executor
//       of many threads uses elsewhere_ only.
//   I3  Every decrement but the thread's own happens under lock_, and the thread that makes the last decrement frees
//       the home after unlocking it. No thread can be waiting for lock_ then, because its waiter would not have been
//       counted out yet.
// Progress  enter and leave on the thread of an executor of one thread are wait-free. Everything else blocks for a
//           short section under lock_, in which the executor is posted to.
// Errors    std::bad_alloc from the constructor.
#pragma once

#include <surewake/core/node/executor.hpp>
#include <surewake/core/node/trampoline.hpp>
#include <surewake/core/platform/lock_hold.hpp>
#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/coroutine/timer.hpp>

#include <memory>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

/// How many threads run an executor.
enum class threads { one, many };

/// The home of an executor of type E, whose address it keeps until end().
template <class E, threads Of, platform P> class home_of final : public home<P>, private timer_source {
 public:
  explicit home_of(E& e) noexcept : home<P>(Of == threads::one), executor_(&e) {}

  [[nodiscard]] bool post(work<P>& w) noexcept override {
    lock_hold const hold(lock_);
    E* const e = executor_.get();
    if (e == nullptr || is_lost(*e)) return false;
    e->post(w);
    return true;
  }
  [[nodiscard]] bool withdraw(work<P>& w) noexcept override {
    lock_hold const hold(lock_);
    E* const e = executor_.get();
    return e == nullptr ? ended_lost_ : take_back(*e, w);
  }

  void leave_shared() noexcept override {
    lock_.lock();
    elsewhere_.set(elsewhere_.get() - 1);
    E* const e = executor_.get();
    if constexpr (requires(E& x) { x.look_again(); }) {
      if (e != nullptr) e->look_again();  // it may have been running for that waiter alone
    }
    unlock_and_free();
  }

  [[nodiscard]] timer_source* timers() noexcept override {
    if constexpr (has_timers) {
      E* const e = executor_.get();
      if (e == nullptr || is_lost(*e)) return nullptr;
      if constexpr (requires { e->closing(); }) return e->closing() ? nullptr : this;
      return this;
    }
    return nullptr;
  }

  /// Returns whether a coroutine that lives here waits. To be called on the executor's thread.
  [[nodiscard]] bool lived_in() noexcept {
    lock_hold const hold(lock_);
    return this->here_.get() + elsewhere_.get() != 0;
  }

  /// Ends the home, because the executor is going. To be called on the executor's own thread. Nothing is posted to the
  /// executor from now on.
  void end() noexcept {
    lock_.lock();
    ended_lost_ = is_lost(*executor_.get());
    executor_.set(nullptr);
    elsewhere_.set(elsewhere_.get() + this->here_.get());
    this->here_.set(0);
    unlock_and_free();
  }

  // ---- of an executor that its own thread forks ----

  void lock_for_fork() noexcept SUREWAKE_LOCKS(lock_) { lock_.lock(); }
  void unlock_after_fork() noexcept SUREWAKE_UNLOCKS(lock_) { lock_.unlock(); }

 private:
  static constexpr bool has_timers = Of == threads::one && requires(E& e, timer& t, timer::time_point when) {
    e.arm(t, when);
    e.disarm(t);
  };

  /// Returns whether `e` is a forked child's copy of its parent's executor.
  [[nodiscard]] static bool is_lost(E const& e) noexcept {
    if constexpr (requires { e.lost(); }) return e.lost();
    return false;
  }

  /// Frees the home if it has ended and the last waiter has left.
  void unlock_and_free() noexcept SUREWAKE_UNLOCKS(lock_) {
    bool const last = executor_.get() == nullptr && elsewhere_.get() == 0;
    lock_.unlock();
    if (!last) return;
    std::destroy_at(this);
    P::deallocate(this, sizeof(home_of), alignof(home_of));
  }

  void enter_shared() noexcept override {
    lock_hold const hold(lock_);
    elsewhere_.set(elsewhere_.get() + 1);
  }

  void arm(timer& t, timer::time_point when) noexcept override {
    if constexpr (has_timers) executor_.get()->arm(t, when);
  }
  bool disarm(timer& t) noexcept override {
    if constexpr (has_timers) {
      if (!t.armed()) return false;
      E& e = *executor_.get();
      if (!trampoline<P>::runs(this) && !is_lost(e))
        P::broken("a coroutine was destroyed while another thread's timers work for it");
      return e.disarm(t);
    }
    return false;
  }

  typename P::mutex lock_;
  typename P::template plain<E*> executor_;  // null: it has ended
  typename P::template plain<std::int64_t> elsewhere_ SUREWAKE_GUARDED_BY(lock_){std::int64_t{0}};
  bool ended_lost_ = false;  // in a forked child, where nothing that was posted will run
};

}  // namespace detail

/// An executor's member, which makes the executor's home and ends it.
template <class E, detail::threads Of = detail::threads::one, platform P = std_platform> class own_home {
 public:
  using type = detail::home_of<E, Of, P>;

  explicit own_home(E& e) : home_(::new (P::allocate(sizeof(type), alignof(type))) type(e)) {}
  own_home(own_home const&) = delete;
  own_home& operator=(own_home const&) = delete;
  ~own_home() { end(); }

  /// Returns the home for trampoline::at, on a thread of the executor; not after end().
  [[nodiscard]] type& get() const noexcept { return *home_; }
  /// Ends the home, earlier than the destructor does. It is idempotent.
  void end() noexcept {
    if (type* const h = std::exchange(home_, nullptr)) h->end();
  }

 private:
  type* home_;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
