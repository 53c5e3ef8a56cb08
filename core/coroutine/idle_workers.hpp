// surewake/core/coroutine/idle_workers.hpp: how the workers of a pool sleep, and which of them is woken for what.
//
//   awake --sleep, no timers or there is a keeper--> sleeper --summoned--> awake
//   awake --sleep, timers and no keeper--> keeper --summoned, or the first deadline--> awake
//   reserve (a thread that only looks after timers):
//   awake --rest, no timers or there is a keeper--> resting --summoned, where no worker can keep--> awake
//   awake --keep, timers and no keeper--> keeper --summoned for a timer, or the first deadline--> awake
//
// Terms     The *keeper* is the thread that sleeps until the first deadline at the latest. A thread is *summoned* when
//           it is chosen to wake.
// Invariants
//   I1  Everything is guarded by the pool's lock. A futex word changes under the lock, and its sleepers are woken
//       after the lock's release.
//   I2  summoned_ <= asleep_: that many of the threads asleep are on their way. A thread that comes back counts as a
//       summoned one, so at worst a thread is woken that finds nothing to do.
//   I3  There is at most one keeper, so that a deadline wakes one thread, not all. A reserve is summoned only where no
//       worker sleeps, and never for work.
//   I4  A thread says that it will sleep before it looks for work for the last time, and may_summon() changes with it.
//       A thread that posts asks may_summon() under the lock that guards the work, so that either the look finds the
//       work, or the answer is that of this sleep or of a later change (work_shards.hpp, I2). If the answer is no,
//       every worker is awake or on its way, and looks again before it sleeps.
// Progress  sleep blocks, the others are wait-free.   Errors  none.
// Cost      a system call to sleep and one to wake; none where no thread sleeps.
#pragma once

#include <surewake/core/platform/std_platform.hpp>

#include <mutex>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

template <platform P> class basic_idle_workers {
 public:
  using time_point = typename P::clock::time_point;
  using word = typename P::template atomic<std::uint32_t>;
  using lock_type = std::unique_lock<typename P::mutex>;
  template <class T> using plain = typename P::template plain<T>;

  // Each summon returns the word to wake once the lock is released; null: no thread needs to be woken.

  /// Summons, because work came, a thread that sleeps and is not on its way yet; the keeper comes last.
  [[nodiscard]] word* summon() noexcept {
    if (somebody_sleeps()) return summon_sleeper();
    return keeper_sleeps() ? summon_keeper() : nullptr;
  }
  /// Summons a thread because a timer came that is due at `when`: the keeper, if it sleeps for longer, or, if there is
  /// no keeper, a thread to become the keeper.
  [[nodiscard]] word* summon_for(time_point when) noexcept {
    if (keeping_.get() && when < until_.get()) return summon_keeper();
    return summon_new_keeper();
  }
  /// Summons a thread to become the keeper, if there is none, because timers are armed and the caller will not look
  /// after them for a while.
  [[nodiscard]] word* summon_new_keeper() noexcept {
    if (keeping_.get()) return nullptr;
    if (somebody_sleeps()) return summon_sleeper();
    return resting_.get() > called_.get() ? call_reserve() : nullptr;
  }
  /// Returns whether summon() would summon a thread; to be asked without the pool's lock too (I4).
  [[nodiscard]] bool may_summon() const noexcept {
    // relaxed: the lock under which the caller asks has the order (I4).
    return may_summon_.load(P::relaxed) != 0U;
  }
  /// Returns whether there is no keeper, and no thread to be summoned.
  [[nodiscard]] bool nobody_keeps() const noexcept {
    return !keeping_.get() && asleep_.get() == 0 && resting_.get() == 0;
  }

  /// Wakes a thread that sleeps on `w`, after the lock's release. The pool may be gone, because only the address of the
  /// word is used.
  static void wake(word const* w) noexcept {
    if (w != nullptr) P::futex_wake(w, 1);
  }

  /// Releases `lock` while the caller sleeps: until it is summoned or, as the keeper, until `first`. May return early.
  /// It calls `found`, with `lock`, when it has said that it will sleep, and stays awake if that returns true (I4).
  template <class Found> void sleep(lock_type& lock, Found found) noexcept {
    nap(lock, asleep_word_, asleep_, summoned_, found);
  }
  template <class Found> void sleep(lock_type& lock, time_point first, Found found) noexcept {
    keeping_.get() ? sleep(lock, found) : keep(lock, first, true, found);
  }
  /// Does the same for a reserve, which looks for no work.
  void rest(lock_type& lock) noexcept {
    nap(lock, reserve_word_, resting_, called_, nothing);
  }
  void rest(lock_type& lock, time_point first) noexcept {
    keeping_.get() ? rest(lock) : keep(lock, first, false, nothing);
  }

  /// Wakes every thread, and releases `lock`.
  void wake_all(lock_type& lock) noexcept {
    for (word* w : {&asleep_word_, &keeper_word_, &reserve_word_}) bump(*w);
    lock.unlock();
    for (word const* w : {&asleep_word_, &keeper_word_, &reserve_word_}) P::futex_wake(w, all);
  }

 private:
  static constexpr int all = 0x7fffffff;
  static bool nothing() noexcept { return false; }

  /// Sleeps on `w` as one of `asleep`, of which `summoned` are on their way.
  template <class Found>
  void nap(lock_type& lock, word const& w, plain<std::uint32_t>& asleep, plain<std::uint32_t>& summoned,
           Found found) noexcept {
    asleep.set(asleep.get() + 1);
    note();
    bool const awake = found();
    if (!awake) wait(lock, [&w, seen = value(w)] { P::futex_wait(w, seen); });
    asleep.set(asleep.get() - 1);
    if (!awake && summoned.get() != 0) summoned.set(summoned.get() - 1);  // I2
    note();
  }
  template <class Found> void keep(lock_type& lock, time_point first, bool works, Found found) noexcept {
    keeping_.set(true);
    keeper_works_.set(works);
    until_.set(first);
    note();
    if (!found()) {
      wait(lock, [this, seen = value(keeper_word_), first] { P::futex_wait_until(keeper_word_, seen, first); });
    }
    keeping_.set(false);
    keeper_summoned_.set(false);
    note();
  }
  template <class Sleep> static void wait(lock_type& lock, Sleep sleep) noexcept {
    lock.unlock();
    sleep();
    lock.lock();
  }

  /// Says in may_summon_ what has changed.
  void note() noexcept {
    // relaxed: written under the lock, read as I4 says.
    may_summon_.store(somebody_sleeps() || keeper_sleeps() ? 1U : 0U, P::relaxed);
  }
  [[nodiscard]] bool somebody_sleeps() const noexcept { return asleep_.get() > summoned_.get(); }
  [[nodiscard]] bool keeper_sleeps() const noexcept {
    return keeping_.get() && keeper_works_.get() && !keeper_summoned_.get();
  }

  [[nodiscard]] word* summon_sleeper() noexcept {
    summoned_.set(summoned_.get() + 1);
    note();
    return bump(asleep_word_);
  }
  [[nodiscard]] word* call_reserve() noexcept {
    called_.set(called_.get() + 1);
    return bump(reserve_word_);
  }
  [[nodiscard]] word* summon_keeper() noexcept {
    keeper_summoned_.set(true);
    note();
    return bump(keeper_word_);
  }
  [[nodiscard]] static std::uint32_t value(word const& w) noexcept {
    // relaxed: written under the lock only (I1), which the caller holds; later the kernel compares.
    return w.load(P::relaxed);
  }
  static word* bump(word& w) noexcept {
    // relaxed: written under the lock only (I1); a thread that sleeps on the old value is woken after it.
    w.store(value(w) + 1, P::relaxed);
    return &w;
  }

  word asleep_word_{0};         // bumped when a sleeper is summoned
  word keeper_word_{0};         // bumped when the keeper is
  word reserve_word_{0};        // bumped when a reserve is
  word may_summon_{0};          // I4
  plain<std::uint32_t> asleep_{0U};    // without the keeper
  plain<std::uint32_t> summoned_{0U};  // I2
  plain<std::uint32_t> resting_{0U};   // reserves asleep, without the keeper
  plain<std::uint32_t> called_{0U};    // of the resting ones, on their way
  plain<bool> keeping_{false};         // there is a keeper
  plain<bool> keeper_works_{false};    // and the keeper is no reserve
  plain<bool> keeper_summoned_{false};
  plain<time_point> until_{time_point()};  // when the keeper wakes on its own
};

using idle_workers = basic_idle_workers<std_platform>;

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
