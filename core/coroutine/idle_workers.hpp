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
//   I1  Everything is guarded by the pool's lock. A futex word changes under the lock, and its sleepers are woken after
//       the lock's release.
//   I2  summoned_ <= asleep_: that many of the threads asleep are on their way. A thread that comes back counts as a
//       summoned one, so at worst a thread is woken that finds nothing to do.
//   I3  There is at most one keeper, so that a deadline wakes one thread, not all. A reserve is summoned only where no
//       worker sleeps, and never for work.
// Progress  sleep blocks, the others are wait-free.   Errors  none.
// Cost      a system call to sleep and one to wake; none where no thread sleeps.
#pragma once

#include <surewake/core/platform/std_platform.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

class idle_workers {
 public:
  using P = std_platform;
  using time_point = P::clock::time_point;
  using word = P::atomic<std::uint32_t>;
  using lock_type = std::unique_lock<P::mutex>;

  // Each summon returns the word to wake once the lock is released; null: no thread needs to be woken.

  /// Summons, because work came, a thread that sleeps and is not on its way yet; the keeper comes last.
  [[nodiscard]] word* summon() noexcept {
    if (asleep_ > summoned_) return summon_sleeper();
    return keeping_ && keeper_works_ && !keeper_summoned_ ? summon_keeper() : nullptr;
  }
  /// Summons a thread because a timer came that is due at `when`: the keeper, if it sleeps for longer, or, if there is
  /// no keeper, a thread to become the keeper.
  [[nodiscard]] word* summon_for(time_point when) noexcept {
    if (keeping_ && when < until_) return summon_keeper();
    return summon_new_keeper();
  }
  /// Summons a thread to become the keeper, if there is none, because timers are armed and the caller will not look
  /// after them for a while.
  [[nodiscard]] word* summon_new_keeper() noexcept {
    if (keeping_) return nullptr;
    if (asleep_ > summoned_) return summon_sleeper();
    return resting_ > called_ ? call_reserve() : nullptr;
  }
  /// Returns whether there is no keeper, and no thread to be summoned.
  [[nodiscard]] bool nobody_keeps() const noexcept {
    return !keeping_ && asleep_ == 0 && resting_ == 0;
  }

  /// Wakes a thread that sleeps on `w`, after the lock's release. The pool may be gone, because only the address of the
  /// word is used.
  static void wake(word const* w) noexcept {
    if (w != nullptr) P::futex_wake(w, 1);
  }

  /// Releases `lock` while the caller sleeps: until it is summoned or, as the keeper, until `first`. May return early.
  void sleep(lock_type& lock) noexcept {
    nap(lock, asleep_word_, asleep_, summoned_);
  }
  void sleep(lock_type& lock, time_point first) noexcept {
    keeping_ ? sleep(lock) : keep(lock, first, true);
  }
  /// Does the same for a reserve.
  void rest(lock_type& lock) noexcept {
    nap(lock, reserve_word_, resting_, called_);
  }
  void rest(lock_type& lock, time_point first) noexcept {
    keeping_ ? rest(lock) : keep(lock, first, false);
  }

  /// Wakes every thread, and releases `lock`.
  void wake_all(lock_type& lock) noexcept {
    for (word* w : {&asleep_word_, &keeper_word_, &reserve_word_}) bump(*w);
    lock.unlock();
    for (word const* w : {&asleep_word_, &keeper_word_, &reserve_word_}) P::futex_wake(w, all);
  }

 private:
  static constexpr int all = 0x7fffffff;

  /// Sleeps on `w` as one of `asleep`, of which `summoned` are on their way.
  static void nap(lock_type& lock, word const& w, std::uint32_t& asleep, std::uint32_t& summoned) noexcept {
    ++asleep;
    std::uint32_t const seen = value(w);
    lock.unlock();
    P::futex_wait(w, seen);
    lock.lock();
    --asleep;
    if (summoned != 0) --summoned;  // I2
  }
  void keep(lock_type& lock, time_point first, bool works) noexcept {
    keeping_ = true;
    keeper_works_ = works;
    until_ = first;
    std::uint32_t const seen = value(keeper_word_);
    lock.unlock();
    P::futex_wait_until(keeper_word_, seen, first);
    lock.lock();
    keeping_ = keeper_summoned_ = false;
  }

  [[nodiscard]] word* summon_sleeper() noexcept {
    ++summoned_;
    return bump(asleep_word_);
  }
  [[nodiscard]] word* call_reserve() noexcept {
    ++called_;
    return bump(reserve_word_);
  }
  [[nodiscard]] word* summon_keeper() noexcept {
    keeper_summoned_ = true;
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
  std::uint32_t asleep_ = 0;    // without the keeper
  std::uint32_t summoned_ = 0;  // I2
  std::uint32_t resting_ = 0;   // reserves asleep, without the keeper
  std::uint32_t called_ = 0;    // of the resting ones, on their way
  bool keeping_ = false;        // there is a keeper
  bool keeper_works_ = false;   // and the keeper is no reserve
  bool keeper_summoned_ = false;
  time_point until_{};  // when the keeper wakes on its own
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
