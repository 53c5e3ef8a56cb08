// surewake/models/published/compio_one_word.hpp: the published queue with mode and slot in one word: the repair of S6.
//
//   word     meaning            leaves it
//   null     Empty              add: to the waker (claim and fill in one step)
//   waker    Single             wake_one: to null, with the waker in hand · its owner, undoing or dropped: to null
//                               add of another: to MULTI, with the waker moved into the deque, under the lock
//   MULTI    the deque has all  only under the lock: to null, together with the last entry leaving
//
// Invariants
//   I1  A registered entry is in the word or in the deque, and the word is MULTI exactly when the deque holds an entry
//       (seen with the lock held).
//   I2  A registrant looks at the permits after it is registered; a release looks at the word after the permit is
//       there. Between the two there is a full fence on either side [P1], so that one of them sees the other.
// Checked   the cases published/S6_two_words/repaired and published/all_repairs. The orders are as published: lowering
//           [O1]'s release or [O2]'s acquire is caught; the others survive `weaken --engine relacy`, because the full
//           fences [P1] order what they order too.
#pragma once

#include <surewake/models/published/compio_parts.hpp>

namespace surewake::models::published {

template <platform P, repairs R> class compio_one_word {
 public:
  using task_type = task<P, R>;
  using entry_type = entry<P, R>;
  static constexpr repairs fixed = R;

  template <class Condition> [[nodiscard]] place add(entry_type& e, Condition condition) {
    entry_type* expected = nullptr;
    // acq_rel [O1]: as release, publishes *e to the thread that takes it, pairs with [O2] and [O3]; as acquire, comes
    // after the past of the thread that emptied the word, pairs with [O2], [O4] and [O6].
    if (word_.compare_exchange_strong(expected, &e, P::acq_rel, P::relaxed)) {
      full_fence<P, R>();
      if (!condition()) return place::slot;
      static_cast<void>(undo(e));  // gone already: a wake came; the caller tries for a permit in either case
      return place::nowhere;
    }
    if (condition()) return place::nowhere;
    lock_.lock();
    // acq_rel [O3]: as acquire, sees the entry it moves, pairs with [O1]; as release, publishes that the deque is in
    // use to wake_one, pairs with [O5].
    entry_type* const moved = word_.exchange(multi(), P::acq_rel);
    if (moved != nullptr && moved != multi()) deque_.push_back(moved);
    deque_.push_back(&e);
    full_fence<P, R>();
    bool const wait = !condition();
    if (!wait) {
      deque_.pop_back();
      empty_if_last();
    }
    lock_.unlock();
    return wait ? place::deque : place::nowhere;
  }

  void wake_one() {
    full_fence<P, R>();
    // acquire [O5]: a word that says MULTI comes after the registration that made it so, pairs with [O3].
    entry_type* seen = word_.load(P::acquire);
    while (seen != nullptr && seen != multi()) {
      // acq_rel [O2]: as acquire, sees the entry before touching it, pairs with [O1]; as release, what this waker
      // did comes before the next claim, pairs with [O1].
      if (word_.compare_exchange_strong(seen, nullptr, P::acq_rel, P::relaxed)) return seen->wake();
    }
    if (seen == nullptr) return;
    lock_.lock();
    entry_type* const e = deque_.pop_front();
    if (e != nullptr) empty_if_last();
    lock_.unlock();
    if (e != nullptr) e->wake();
  }

  void wake_all() {
    for (;;) {
      full_fence<P, R>();
      entry_type* seen = word_.load(P::acquire);  // acquire: as [O5]
      if (seen == nullptr) return;
      if (seen == multi()) break;
      // acq_rel: as [O2]
      if (word_.compare_exchange_strong(seen, nullptr, P::acq_rel, P::relaxed)) return seen->wake();
    }
    lock_.lock();
    locked_deque<P, entry_type> drained;
    while (entry_type* const d = deque_.pop_front()) drained.push_back(d);
    if (!drained.empty()) empty_if_last();
    lock_.unlock();
    while (entry_type* const d = drained.pop_front()) d->wake();
  }

  /// Drops the future of `e`. If its wake has come already, the wake goes to the next.
  void drop(entry_type& e, place) {
    if (!undo(e)) wake_one();
  }

  [[nodiscard]] char const* state() const {
    entry_type* const w = word_.load(P::relaxed);  // relaxed: for a report, when nothing runs any more
    return w == nullptr ? "Empty" : w == multi() ? "Multi" : "Single";
  }

 private:
  // Takes `e` out of the word or the deque; false: a wake has it.
  bool undo(entry_type& e) {
    entry_type* expected = &e;
    // release [O6]: what this thread did comes before the next claim, pairs with [O1]. Its own entry: nothing to
    // acquire.
    if (word_.compare_exchange_strong(expected, nullptr, P::release, P::relaxed)) return true;
    lock_.lock();
    bool const found = deque_.erase(&e);
    if (found) empty_if_last();
    lock_.unlock();
    return found;
  }

  // Under the lock, after an entry left the deque: the word was MULTI, and no other thread may change it (I1).
  void empty_if_last() {
    // release [O4]: what this thread did comes before the next claim, pairs with [O1].
    if (deque_.empty()) word_.store(nullptr, P::release);
  }

  static entry_type* multi() {
    static constexpr char mark = 0;
    return reinterpret_cast<entry_type*>(const_cast<char*>(&mark));
  }

  typename P::template atomic<entry_type*> word_{nullptr};
  typename P::mutex lock_;
  locked_deque<P, entry_type> deque_;  // under lock_
};

}  // namespace surewake::models::published
