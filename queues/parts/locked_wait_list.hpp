// surewake/queues/parts/locked_wait_list.hpp: waiters and grants that meet under somebody's lock: what all queues with
// a lock share.
//
//   list    w1, w2, w3 …            registered waiters, oldest first
//   balance  > 0   grants that came before their waiters (then the list is empty, but inside grant())
//           < 0   grants to refuse: a withdrawal gave their debts back
//
//   enqueue   balance > 0 and the list empty: takes from it; otherwise w goes to the end of the list
//   grant     balance += n; if balance > 0 and somebody waits: the first takes what it needs
//   withdraw  w leaves the list; balance -= what refund() says, in the same section
//
// Invariants (the lock held: it is the owner's, and every call but size() is made with it)
//   I1  A waiter is in the list iff registered().
//   I2  Only the first waiter can have a part of its grants assigned; what it has taken goes back with its refund.
//   I3  No grant is delivered out of turn: enqueue never takes from the balance while the list has a waiter.
//   I4  Waiters are taken out one at a time, not as a list: no private list of waiters exists that could dangle when
//       one of them destroys another (tokio #2340).
// Fairness  FIFO in the order of enqueue.   Errors  none of its own; WaitList's push_back may have some.
// Checked   models/ over the queues that own one: queues/parts/locked_queue.hpp, queues/waker_hybrid.hpp.
#pragma once

#include <surewake/core/semaphore/wait_list.hpp>
#include <surewake/core/semaphore/waiter_queue.hpp>

#include <algorithm>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// WaitList: empty(), front() → waiter&, push_back(w), erase(w) of one that is in it.
template <platform P, wait_list<P> WaitList> class locked_wait_list {
 public:
  /// As core/semaphore/waiter_queue.hpp says; so is withdraw.
  template <class LookAgain> [[nodiscard]] enqueued enqueue(waiter<P>& w, LookAgain&& look_again) noexcept {
    if (closed_.get()) return enqueued::closed;
    if (balance_.get() > 0 && list_.empty()) {
      balance_.set(balance_.get() - w.assign(balance_.get()));
      if (w.missing() == 0) return enqueued::granted;
    }
    if (std::int64_t const refusals = look_again(); refusals >= 0) {
      balance_.set(balance_.get() - refusals);
      w.missing(0);  // not registered()
      return enqueued::granted;
    }
    append(w);
    return enqueued::waiting;
  }

  /// Takes n grants. Returns the waiter that they complete, taken out, to be handed over once the lock is released. If
  /// grants remain for later waiters, `n` is their number, and the caller must call again with it, because no other
  /// thread can deliver them (queues/parts/locked_queue.hpp, I2). Otherwise n is 0.
  [[nodiscard]] waiter<P>* grant(std::int64_t& n) noexcept {
    std::int64_t const balance = balance_.get() + n;
    balance_.set(closed_.get() ? std::min<std::int64_t>(balance, 0) : balance);
    waiter<P>* const w = next_complete();
    n = 0;
    if (w != nullptr && !list_.empty() && balance_.get() > 0) {
      n = balance_.get();
      balance_.set(0);
    }
    return w;
  }

  template <class Refund> [[nodiscard]] bool withdraw(waiter<P>& w, Refund&& refund) noexcept {
    if (!w.registered()) return false;
    take_out(w);
    balance_.set(balance_.get() - refund(w.missing()));
    w.missing(0);  // not registered() any more
    return true;
  }

  /// Closes the list and hands every waiter over, each with `lock`, the owner's, released.
  template <class Lock> void close(Lock& lock) noexcept SUREWAKE_UNLOCKS(lock) {
    close(lock, [](waiter<P>& w) noexcept { w.hand_over(); });
  }
  /// The same, with somebody else's way to hand over.
  template <class Lock, class HandOver> void close(Lock& lock, HandOver hand_over) noexcept SUREWAKE_UNLOCKS(lock) {
    closed_.set(true);
    balance_.set(std::min<std::int64_t>(balance_.get(), 0));
    for (bool more = !list_.empty(); more;) {
      waiter<P>& w = list_.front();
      take_out(w);
      w.set_closed();
      more = !list_.empty();  // if not, w may destroy the queue
      lock.unlock();
      hand_over(w);
      if (!more) return;
      lock.lock();
      more = !list_.empty();  // the waiter that was handed over may have ended the wait of others
    }
    lock.unlock();
  }

  /// Moves in what was kept elsewhere while there was no list: grants (> 0) or refusals (< 0).
  void bring(std::int64_t balance) noexcept { balance_.set(balance); }
  /// Moves in a waiter that waited elsewhere.
  void append(waiter<P>& w) noexcept {
    list_.push_back(w);
    count(1);
  }
  /// Returns whether the list is empty and not closed: then the balance may be kept elsewhere.
  [[nodiscard]] bool vacant() const noexcept { return list_.empty() && !closed_.get(); }
  [[nodiscard]] std::int64_t balance() const noexcept { return balance_.get(); }

  // relaxed: a snapshot.
  [[nodiscard]] std::size_t size() const noexcept { return size_.load(P::relaxed); }

 private:
  /// Assigns the balance to the first waiter. Returns it, taken out, if that completes it.
  waiter<P>* next_complete() noexcept {
    if (balance_.get() <= 0 || list_.empty()) return nullptr;
    waiter<P>& w = list_.front();
    balance_.set(balance_.get() - w.assign(balance_.get()));
    if (w.missing() != 0) return nullptr;
    take_out(w);
    return &w;
  }

  void take_out(waiter<P>& w) noexcept {
    list_.erase(w);
    count(-1);
  }

  void count(int change) noexcept {
    // relaxed: written under the lock only, read as a snapshot.
    size_.store(size_.load(P::relaxed) + static_cast<std::size_t>(change), P::relaxed);
  }

  typename P::template plain<bool> closed_{false};
  typename P::template plain<std::int64_t> balance_{std::int64_t{0}};  // grants; the table at the top
  WaitList list_;
  typename P::template atomic<std::size_t> size_{std::size_t{0}};  // waiters in the list; read without the lock
};

namespace detail {

/// A list beside the lock that guards it, for a queue to derive from.
template <platform P, class Lock, wait_list<P> WaitList> class list_under_lock {
 public:
  list_under_lock() = default;
  list_under_lock(list_under_lock const&) = delete;
  list_under_lock& operator=(list_under_lock const&) = delete;
  /// Waits for the grants that were refused and are still on their way to this queue.
  ~list_under_lock() {
    for (bool late = true; late;) {
      lock_.lock();
      late = list_.balance() < 0;
      lock_.unlock();
      if (late) P::yield();
    }
  }

  [[nodiscard]] std::size_t size() const noexcept SUREWAKE_WITHOUT_LOCK { return list_.size(); }  // a snapshot

 protected:
  Lock lock_;
  locked_wait_list<P, WaitList> list_ SUREWAKE_GUARDED_BY(lock_);
};

}  // namespace detail

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
