// surewake/models/bugs/hybrid.hpp: waker_hybrid with one rule taken away: the published races of its ancestor, where
// they have a counterpart in this contract. models/published/ has that algorithm itself; S… are its numbers there.
//
// Without counterpart: S1 (the permits are not looked at after the registration, but counted before it, by one RMW:
// core/semaphore/hand_off.hpp), S12 (nobody polls), S14 and S16 (the semaphore's, not the queue's).
#pragma once

#include <surewake/queues/waker_hybrid.hpp>

#include <utility>

namespace surewake::models::bugs {

/// S2: moves, for the second waiter, the first one into the wait list, and says so in the word only afterwards: a
/// granter may have taken the first one out of the slot.
template <platform P> class says_many_late : public waker_hybrid<P> {
 public:
  template <class... Look> [[nodiscard]] enqueued enqueue(waiter<P>& w, Look&&... look) noexcept {
    this->lock_.lock();
    auto const v = this->word_.load(P::acquire);
    if (!this->is_single(v)) {
      this->lock_.unlock();
      return waker_hybrid<P>::enqueue(w, std::forward<Look>(look)...);
    }
    this->move_in(*this->in_slot(v));
    this->list_.append(w);
    this->word_.store(this->many, P::release);
    this->lock_.unlock();
    return enqueued::waiting;
  }
};

/// S3: stores, for a registrant that need not wait, the empty state over the grants that came while it looked.
template <platform P> class empties_over_grants : public waker_hybrid<P> {
 public:
  using waker_hybrid<P>::enqueue;
  template <class Look> [[nodiscard]] enqueued enqueue(waiter<P>& w, Look&& look) noexcept {
    auto v = this->balance(0);
    if (!this->word_.compare_exchange_strong(v, this->claimed(0), P::acquire, P::relaxed))
      return waker_hybrid<P>::enqueue(w, look);
    std::int64_t const refusals = look();
    w.missing(0);
    if (refusals < 0) return this->arrive(w, refusals);
    this->word_.store(this->balance(-refusals), P::release);
    return enqueued::granted;
  }
};

/// S4: takes a slot that is claimed and not yet filled for empty when a grant finds it.
template <platform P> class empties_over_claim : public waker_hybrid<P> {
 public:
  void grant(std::int64_t n) noexcept {
    if (!this->is_claimed(this->word_.load(P::acquire))) return waker_hybrid<P>::grant(n);
    this->word_.store(this->balance(0), P::release);
  }
};

/// S5: lets the thread that took the last waiter out of the list unlock, and store the empty state afterwards.
template <platform P> class empties_without_lock : public waker_hybrid<P> {
 public:
  void grant(std::int64_t n) noexcept {
    while (n > 0) {
      if (this->word_.load(P::acquire) != this->many) return waker_hybrid<P>::grant(n);
      this->enter();
      waiter<P>* const w = this->list_.grant(n);
      bool const vacant = this->list_.vacant();
      auto const after = this->balance(this->list_.balance());
      this->lock_.unlock();
      if (vacant) this->word_.store(after, P::release);
      if (w != nullptr) w->hand_over();
    }
  }
};

/// S6: takes the waiter out of the slot in a grant, and stores the state that follows from that afterwards.
template <platform P> class stores_after_taking : public waker_hybrid<P> {
 public:
  void grant(std::int64_t n) noexcept {
    auto v = this->word_.load(P::acquire);
    auto const after = this->balance(n - 1);
    if (!this->is_single(v) || !this->word_.compare_exchange_strong(v, after, P::acq_rel, P::relaxed))
      return waker_hybrid<P>::grant(n);
    this->word_.store(after, P::release);
    this->in_slot(v)->hand_over();
  }
};

/// S7: stores the empty state when close() has handed every waiter over: a waiter that comes then waits.
template <platform P> class empties_when_closed : public waker_hybrid<P> {
 public:
  void close() noexcept {
    waker_hybrid<P>::close();
    this->word_.store(this->balance(0), P::release);
  }
};

/// S9: keeps a waiter that gives up in the list.
template <platform P> class stays_in_line : public waker_hybrid<P> {
 public:
  template <class Refund> [[nodiscard]] bool withdraw(waiter<P>& w, Refund&& refund) noexcept {
    if (this->word_.load(P::acquire) != this->many) return waker_hybrid<P>::withdraw(w, refund);
    this->enter();
    bool const in_line = w.registered();
    if (in_line) this->list_.bring(this->list_.balance() - refund(w.missing()));
    this->leave();
    return in_line;
  }
};

/// S10: reports that a waiter that gives up has left, even if its grant was taken out of the slot for it.
template <platform P> class leaves_after_grant : public waker_hybrid<P> {
 public:
  template <class Refund> [[nodiscard]] bool withdraw(waiter<P>& w, Refund&& refund) noexcept {
    return waker_hybrid<P>::withdraw(w, refund) || this->word_.load(P::relaxed) != this->many;
  }
};

/// S11: lets a waiter that gives up empty the slot, and look only afterwards which waiter was in it.
template <platform P> class empties_anothers_slot : public waker_hybrid<P> {
 public:
  template <class Refund> [[nodiscard]] bool withdraw(waiter<P>& w, Refund&& refund) noexcept {
    auto v = this->word_.load(P::acquire);
    if (this->is_single(v) && v != this->single(w) &&
        this->word_.compare_exchange_strong(v, this->balance(0), P::acq_rel, P::relaxed))
      return false;
    return waker_hybrid<P>::withdraw(w, refund);
  }
};

/// Looks at the permits before the waiter claims the slot: others may have come, looked and gone in between.
template <platform P> class looks_too_early : public waker_hybrid<P> {
 public:
  using waker_hybrid<P>::enqueue;
  template <class Look> [[nodiscard]] enqueued enqueue(waiter<P>& w, Look&& look) noexcept {
    return look() >= 0 ? enqueued::granted : waker_hybrid<P>::enqueue(w);
  }
};

/// Refunds when the slot is empty already (semaphore.hpp, law 3).
template <platform P> class refunds_unclaimed : public waker_hybrid<P> {
 public:
  template <class Refund> [[nodiscard]] bool withdraw(waiter<P>& w, Refund&& refund) noexcept {
    auto v = this->single(w);
    if (!this->word_.compare_exchange_strong(v, this->balance(0), P::acq_rel, P::relaxed))
      return waker_hybrid<P>::withdraw(w, refund);
    if (auto const refused = this->balance(refund(1)); refused != 0) {
      this->enter();
      this->list_.bring(this->list_.balance() - this->count(refused));
      this->leave();
    }
    return true;
  }
};

/// Does not publish, in a grant that empties the slot, the granter's past to the thread that takes the balance it
/// leaves.
template <platform P> class grants_unseen : public waker_hybrid<P> {
 public:
  void grant(std::int64_t n) noexcept {
    auto v = this->word_.load(P::relaxed);
    if (!this->is_single(v) || !this->word_.compare_exchange_strong(v, this->balance(n - 1), P::acquire, P::relaxed))
      return waker_hybrid<P>::grant(n);
    this->in_slot(v)->hand_over();
  }
};

/// Forgets the balance (grants, or grants to refuse) on the way back from the list.
template <platform P> class forgets_bank : public waker_hybrid<P> {
 public:
  template <class Refund> [[nodiscard]] bool withdraw(waiter<P>& w, Refund&& refund) noexcept {
    if (this->word_.load(P::acquire) != this->many) return waker_hybrid<P>::withdraw(w, refund);
    this->enter();
    bool const withdrawn = this->list_.withdraw(w, refund);
    if (this->list_.vacant()) this->list_.bring(0);
    this->leave();
    return withdrawn;
  }
};

/// Lets the queue be destroyed while a grant that was refused is on its way.
template <platform P> class forgets_refused : public waker_hybrid<P> {
 public:
  ~forgets_refused() {
    this->enter();
    this->list_.bring(0);
    this->leave();
  }
};

}  // namespace surewake::models::bugs
