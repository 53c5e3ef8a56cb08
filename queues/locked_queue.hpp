// surewake/queues/locked_queue.hpp: first come, first served under a lock: what mutex_deque and intrusive_list share.
//
//   line    w1, w2, w3 …            registered waiters, oldest first
//   banked  > 0   grants that came before their waiters (then nobody is in line, but inside grant())
//           < 0   grants to refuse: their debts were settled by a withdrawal
//
//   enqueue   banked > 0, nobody in line: takes from it; else w goes to the end of the line
//   grant     banked += n; while banked > 0 and somebody waits: the first takes what it needs; complete ones are handed
//             over
//   withdraw  w leaves the line; banked -= what refund() says, in the same section
//
// Invariants (lock_ held)
//   I1  A waiter is in the line iff registered(); only the holder of lock_ moves or feeds it.
//   I2  A waiter is handed over by whoever took it out, with lock_ released, and never touched again: so a resumed
//       coroutine may use, and the last one destroy, the semaphore. Grants that are due after it stay with the granter
//       meanwhile: nobody else can deliver them, so somebody is still waiting for them, and the semaphore is there when
//       the granter comes back.
//   I3  Only the first waiter can be partly fed; what it has taken goes back with its refund.
//   I4  No grant is delivered out of turn: enqueue never takes from banked while somebody is in line.
// Waiters are taken out one at a time, not as a list: no private list of waiters exists that could dangle when one of
// them destroys another (tokio #2340).
// Progress  enqueue, grant, withdraw, close: blocking (a short section under lock_). A release that finds nobody
//           waiting does not come here at all: it is wait-free (core/hand_off.hpp).
// Fairness  FIFO in the order in which enqueue gets the lock.
// Source    the waiter lists of tokio's batch_semaphore, with CQS's refusal of grants in place of its lock-before-CAS
//           rule.
// Checked   models/ over both disciplines; seeded bugs in models/bugs/.
#pragma once

#include <surewake/core/waiter_queue.hpp>

#include <algorithm>
#include <mutex>

namespace surewake {

/// Line: empty(), front() → waiter&, push_back(w), erase(w) of one that is in it.
template <platform P, class Lock, class Line> class locked_queue {
 public:
  locked_queue() = default;
  locked_queue(locked_queue const&) = delete;
  locked_queue& operator=(locked_queue const&) = delete;
  /// A grant that was refused may still be on its way to this queue: it comes first.
  ~locked_queue() {
    for (bool late = true; late;) {
      lock_.lock();
      late = banked_.get() < 0;
      lock_.unlock();
      if (late) P::yield();
    }
  }

  [[nodiscard]] enqueued enqueue(waiter<P>& w) noexcept {
    return enqueue(w, []() noexcept { return std::int64_t{-1}; });
  }

  template <class LookAgain> [[nodiscard]] enqueued enqueue(waiter<P>& w, LookAgain&& look_again) noexcept {
    std::scoped_lock const hold(lock_);
    if (closed_.get()) return enqueued::closed;
    if (banked_.get() > 0 && line_.empty()) {
      banked_.set(banked_.get() - w.feed(banked_.get()));
      if (w.needs() == 0) return enqueued::granted;
    }
    if (std::int64_t const refusals = look_again(); refusals >= 0) {
      banked_.set(banked_.get() - refusals);
      w.needs(0);  // not registered()
      return enqueued::granted;
    }
    line_.push_back(w);
    count(1);
    return enqueued::waiting;
  }

  void grant(std::int64_t n) noexcept {
    while (n > 0) {
      lock_.lock();
      std::int64_t const banked = banked_.get() + n;
      banked_.set(closed_.get() ? std::min<std::int64_t>(banked, 0) : banked);
      waiter<P>* const w = next_complete();
      n = 0;
      if (w != nullptr && !line_.empty() && banked_.get() > 0) {
        n = banked_.get();  // I2
        banked_.set(0);
      }
      lock_.unlock();
      if (w != nullptr) w->hand_over();
    }
  }

  template <class Refund> [[nodiscard]] bool withdraw(waiter<P>& w, Refund&& refund) noexcept {
    std::scoped_lock const hold(lock_);
    if (!w.registered()) return false;
    take_out(w);
    banked_.set(banked_.get() - refund(w.needs()));
    w.needs(0);  // not registered() any more
    return true;
  }

  void close() noexcept {
    lock_.lock();
    closed_.set(true);
    banked_.set(std::min<std::int64_t>(banked_.get(), 0));
    for (bool more = !line_.empty(); more;) {
      waiter<P>& w = line_.front();
      take_out(w);
      w.set_closed();
      more = !line_.empty();  // I2
      lock_.unlock();
      w.hand_over();
      if (!more) return;
      lock_.lock();
      more = !line_.empty();  // who was handed over may have ended the wait of others
    }
    lock_.unlock();
  }

  // relaxed: a snapshot.
  [[nodiscard]] std::size_t size() const noexcept { return size_.load(P::relaxed); }

 private:
  /// The first waiter, fed and taken out, if the banked grants complete it.
  waiter<P>* next_complete() noexcept {
    if (banked_.get() <= 0 || line_.empty()) return nullptr;
    waiter<P>& w = line_.front();
    banked_.set(banked_.get() - w.feed(banked_.get()));
    if (w.needs() != 0) return nullptr;
    take_out(w);
    return &w;
  }

  void take_out(waiter<P>& w) noexcept {
    line_.erase(w);
    count(-1);
  }

  void count(int change) noexcept {
    // relaxed: written under lock_ only, read as a snapshot.
    size_.store(size_.load(P::relaxed) + static_cast<std::size_t>(change), P::relaxed);
  }

  Lock lock_;
  typename P::template plain<bool> closed_{false};                    // guarded by lock_
  typename P::template plain<std::int64_t> banked_{std::int64_t{0}};  // guarded by lock_; grants; the table at the top
  Line line_;                                                         // guarded by lock_
  typename P::template atomic<std::size_t> size_{std::size_t{0}};     // waiters in line; written under lock_
};

}  // namespace surewake
