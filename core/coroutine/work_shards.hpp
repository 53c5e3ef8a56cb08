// surewake/core/coroutine/work_shards.hpp: the work of a pool, in one short queue for each worker and one for posts
// from outside, so that workers with work of their own do not meet.
//
//   post --> queued in a shard --its worker, or any other, takes it--> running
//            queued --withdraw--> gone
//
//   shard 0        posts by threads that are no workers. In a pool of one worker it is that worker's shard too
//   shard 1 ... n  what worker i posted itself
//
// Terms     A *look* takes the lock of every shard, one after the other, and takes the first work that it finds. A
//           *peek* reads whether a shard is filled, without its lock.
// Invariants
//   I1  A shard is guarded by its lock, which is held for a few instructions. Work never moves from shard to shard, so
//       a withdrawal that locks every shard once finds what is queued. (If a thief moved what it does not run at once,
//       the work could pass from a shard that was not searched yet to one that was.)
//   I2  No lost wakeup. A worker first says that it will sleep, then looks, then sleeps. A post asks inside its
//       shard's lock whether a worker has said so. Let a look find a shard empty. Either the post's section came
//       before the look's, and another worker took the work; or it came after, and the lock has told the poster what
//       was said. No fence is needed between the two, because the lock that each side takes anyway orders them.
//   I3  No work is accepted and left. A post that a pool may refuse asks inside its shard's lock whether the pool is
//       closed. A worker ends only after a look that began when the pool was closed. So a post that came before that
//       look's section is run, and a post that came after it is refused.
//   I4  No work starves while workers take: each 32nd take of a worker begins at another shard, round by round, and
//       each second take begins with shard 0. So a worker that goes on taking comes to each of the n + 1 shards within
//       32 (n + 1) takes, although the shard's own worker may be busy for long.
// Progress  blocking: a lock is held for a few instructions. take() of shards that are empty only loads.
// Fairness  first come, first served, in each shard; I4 between them.
// Errors    std::bad_alloc from the constructor.
// Cost      post and take: one RMW and one store each for the lock, no allocation.
// Source    ours. A queue for each worker and one for posts from outside, looked at in turn, are those of the
//           schedulers of Go and tokio. Theirs are rings of fixed size that pass half of their work to a thief. Lists
//           under a short lock have no size, and allow a withdrawal.
// Checked   models/waking/pool.hpp, with seeded bugs: asking before the shard's lock is held, sleeping after a peek,
//           looking before saying so, taking without the lock.
#pragma once

#include <surewake/core/coroutine/take_out.hpp>
#include <surewake/core/node/work.hpp>
#include <surewake/core/platform/lock_hold.hpp>
#include <surewake/core/platform/spin_lock.hpp>

#include <memory>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

template <platform P> class work_shards {
 public:
  /// Where a worker takes work; the worker's own.
  struct seat {
    std::size_t shard = 0;
    std::size_t takes = 0;
  };

  explicit work_shards(std::size_t workers)
      : size_(workers == 1 ? 1 : workers + 1), shards_(std::make_unique<shard[]>(size_)) {}

  /// Returns the seat of worker i, from 0.
  [[nodiscard]] seat seat_of(std::size_t i) const noexcept { return {size_ == 1 ? 0 : i + 1, i}; }

  /// Queues `w` in shard `at` if `decide()`, which is called inside the shard's lock, returns true.
  template <class Decide> void post(work<P>& w, std::size_t at, Decide decide) noexcept {
    shard& s = shards_[at];
    lock_hold const hold(s.lock);
    if (decide()) s.push(w);
  }

  /// Returns the work that the worker at `mine` runs next, or null if each peek found a shard empty.
  [[nodiscard]] work<P>* take(seat& mine) noexcept {
    std::size_t const n = ++mine.takes;
    if (n % 32 == 0) {
      if (work<P>* const w = shards_[n / 32 % size_].take()) return w;
    }
    if (n % 2 == 0) {
      if (work<P>* const w = shards_[0].take()) return w;
    }
    for (std::size_t i = 0, at = mine.shard; i < size_; ++i, at = at + 1 == size_ ? 0 : at + 1) {
      if (work<P>* const w = shards_[at].take()) return w;
    }
    return nullptr;
  }

  /// Looks (Terms); returns null if every shard was empty.
  [[nodiscard]] work<P>* look() noexcept {
    for (std::size_t i = 0; i < size_; ++i) {
      if (work<P>* const w = shards_[i].take_locked()) return w;
    }
    return nullptr;
  }

  /// Takes `w` out. Returns whether it was queued.
  [[nodiscard]] bool withdraw(work<P>& w) noexcept {
    for (std::size_t i = 0; i < size_; ++i) {
      if (shards_[i].take_out(w)) return true;
    }
    return false;
  }

  /// Takes all locks, and releases them: so that a forked child finds the shards whole.
  void lock_all() noexcept SUREWAKE_WITHOUT_LOCK {  // a loop, which the analysis cannot follow
    for (std::size_t i = 0; i < size_; ++i) shards_[i].lock.lock();
  }
  void unlock_all() noexcept SUREWAKE_WITHOUT_LOCK {  // as above
    for (std::size_t i = 0; i < size_; ++i) shards_[i].lock.unlock();
  }

 private:
  struct alignas(128) shard {  // a pair of cache lines, since processors fetch them in pairs
    void push(work<P>& w) noexcept SUREWAKE_NEEDS(lock) {
      list.push_back(w);
      // relaxed: for peeks, which a look follows before a worker sleeps.
      filled.store(1U, P::relaxed);
    }
    [[nodiscard]] work<P>* take() noexcept {
      // relaxed: a peek.
      return filled.load(P::relaxed) != 0U ? take_locked() : nullptr;
    }
    [[nodiscard]] work<P>* take_locked() noexcept {
      lock_hold const hold(lock);
      work<P>* const w = list.pop_front();
      // relaxed: as in push.
      if (w != nullptr && list.empty()) filled.store(0U, P::relaxed);
      return w;
    }
    [[nodiscard]] bool take_out(work<P>& w) noexcept {
      lock_hold const hold(lock);
      if (!detail::take_out(list, w)) return false;
      // relaxed: as in push.
      if (list.empty()) filled.store(0U, P::relaxed);
      return true;
    }

    spin_lock<P> lock;
    typename P::template atomic<std::uint32_t> filled{0U};  // written under `lock`
    work_list<P> list SUREWAKE_GUARDED_BY(lock);
  };

  std::size_t const size_;
  std::unique_ptr<shard[]> const shards_;
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
