// surewake/models/published/compio_queue.hpp: the queue that compio-sync published, its mistakes as switches.
//
//   Empty --claim (CAS)--> Single --fill--> Single, slot full    the first waiter
//   Single, Multi --register under the lock--> Multi             the next ones; the slot's waker moves along
//   Single --wake_one takes the slot--> Empty       Multi --wake_one finds the deque empty--> Empty
//
// Two words (mode, slot) and a locked deque tell one story, and no step changes two of them at once. A waker is lost
// whenever the mode says Empty while an entry is registered: each finding is one way to get there.
//
// Orders    as published: CAS acq_rel, stores release, loads acquire. The slot of the original is an AtomicWaker;
//           here it is one pointer that is exchanged, which has fewer behaviours (no concurrent fill and take), so
//           that what is found here is possible there.
// Source    compio-sync at 38136ce, src/waiter_queue/generic.rs; the algorithm is theirs, the code and the repairs
//           ours. [@compiosync]
// Checked   the cases published/*: every switch left off is caught (models/published/README.md).
#pragma once

#include <surewake/models/published/compio_parts.hpp>

namespace surewake::models::published {

template <platform P, repairs R> class compio_queue {
 public:
  using task_type = task<P, R>;
  using entry_type = entry<P, R>;
  static constexpr repairs fixed = R;

  compio_queue() {
    shown_as<P>(mode_, "mode", [](std::uint32_t m) { return std::string(text_of(m)); });
  }

  /// Registers `e` unless `condition` holds.
  template <class Condition> [[nodiscard]] place add(entry_type& e, Condition condition) {
    // acquire [C1]: after a mode that says Empty, sees what the thread that emptied the queue did, pairs with [C5] and
    // [C8].
    std::uint32_t expected = mode_.load(P::acquire);
    // acq_rel [C2]: as acquire, sees what [C1] sees, pairs with [C5] and [C8]; as release, publishes the claim to
    // wake_one and to the thread that undoes it, pairs with [C6] and [C8]; on failure acquire, as published.
    if (expected == empty && mode_.compare_exchange_strong(expected, single, P::acq_rel, P::acquire)) {
      return add_single(e, condition);
    }
    return add_multi(e, condition);
  }

  void wake_one() {
    full_fence<P, R>();
    // acquire [C6]: sees the claim and what was registered before it, pairs with [C2], [C5] and [C8].
    switch (mode_.load(P::acquire)) {
      case single:
        if (entry_type* const e = take_slot()) {
          settle(single);
          e->wake();
        } else if (!wake_from_deque()) {
          if constexpr (!R.leave_claims) settle(single);
        }
        break;
      case multi:
        if (wake_from_deque()) break;
        if (entry_type* const e = take_slot()) {
          settle(multi);
          e->wake();
        } else {
          empty_from_multi();
        }
        break;
      default: break;
    }
  }

  void wake_all() {
    full_fence<P, R>();
    entry_type* const e = take_slot();
    if (e != nullptr && R.wake_all_settles) replace(single, empty);
    lock_.lock();
    locked_deque<P, entry_type> drained;
    while (entry_type* const d = deque_.pop_front()) drained.push_back(d);
    if constexpr (R.wake_all_settles) replace(multi, empty);
    lock_.unlock();
    if constexpr (!R.wake_all_settles) store(empty);
    if (e != nullptr) e->wake();
    while (entry_type* const d = drained.pop_front()) d->wake();
  }

  /// Drops the future of `e`, which was registered at `where`.
  void drop(entry_type& e, place where) {
    if (where == place::slot) {
      if constexpr (R.drop_own) {
        if (take_own(e)) return replace(single, empty);
      } else if (take_slot() != nullptr) {
        return R.settle_by_cas ? replace(single, empty) : store(empty);
      }
    }
    bool woken = R.check_woken && e.woken();
    if constexpr (R.erase_dropped) woken = !erase(e);
    if (R.pass_on && woken) wake_one();
  }

  // relaxed: for a report, when nothing runs any more.
  [[nodiscard]] char const* state() const { return text_of(mode_.load(P::relaxed)); }

 private:
  static constexpr std::uint32_t empty = 0, single = 1, multi = 2;

  [[nodiscard]] static char const* text_of(std::uint32_t mode) {
    return mode == empty ? "Empty" : mode == single ? "Single" : "Multi";
  }

  template <class Condition> place add_single(entry_type& e, Condition condition) {
    if (condition()) {
      undo_claim();
      return place::nowhere;
    }
    // acq_rel [C3]: as release, publishes *e to the thread that takes it, pairs with [C4]; as acquire, orders the fill
    // after the take that emptied the slot, pairs with [C4] and [C7].
    slot_.exchange(&e, P::acq_rel);
    full_fence<P, R>();
    if (!condition()) return place::slot;
    if constexpr (R.undo_own) {
      if (take_own(e)) {
        undo_claim();
      } else {
        static_cast<void>(erase(e));
      }
    } else {
      take_slot();
      undo_claim();
    }
    return place::nowhere;
  }

  template <class Condition> place add_multi(entry_type& e, Condition condition) {
    if (condition()) return place::nowhere;
    lock_.lock();
    if (entry_type* const moved = take_slot()) deque_.push_back(moved);
    deque_.push_back(&e);
    if constexpr (R.publish_first) store(multi);
    full_fence<P, R>();
    bool const wait = !condition();
    if (!wait) {
      deque_.pop_back();
      if constexpr (R.undo_own) {
        if constexpr (!R.publish_first) store(multi);
      } else {
        store(deque_.empty() ? empty : multi);
      }
    } else if constexpr (!R.publish_first) {
      store(multi);
    }
    lock_.unlock();
    return wait ? place::deque : place::nowhere;
  }

  void undo_claim() {
    if constexpr (R.undo_own) {
      replace(single, empty);
    } else {
      store(empty);
    }
  }

  bool wake_from_deque() {
    lock_.lock();
    entry_type* const e = deque_.pop_front();
    lock_.unlock();
    if (e != nullptr) e->wake();
    return e != nullptr;
  }

  // Returns the mode after wake_one took a waker, or found none, in mode `seen`.
  void settle(std::uint32_t seen) {
    lock_.lock();
    bool const more = !deque_.empty();
    if constexpr (R.settle_by_cas) {
      if (!more) replace(seen, empty);
    }
    lock_.unlock();
    if constexpr (!R.settle_by_cas) store(more ? multi : empty);
  }

  void empty_from_multi() {
    if constexpr (R.empty_under_lock) {
      lock_.lock();
      if (deque_.empty()) replace(multi, empty);
      lock_.unlock();
    } else {
      store(empty);
    }
  }

  // acq_rel [C4]: as acquire, sees the entry before touching it, pairs with [C3]; as release, orders the next fill
  // after this take, pairs with [C3].
  entry_type* take_slot() { return slot_.exchange(nullptr, P::acq_rel); }

  bool take_own(entry_type& e) {
    entry_type* expected = &e;
    // release [C7]: orders the next fill after this take, pairs with [C3]. Its own entry: nothing to acquire.
    return slot_.compare_exchange_strong(expected, nullptr, P::release, P::relaxed);
  }

  bool erase(entry_type& e) {
    lock_.lock();
    bool const found = deque_.erase(&e);
    lock_.unlock();
    return found;
  }

  // release [C5]: what this thread registered or took, before the mode that says so, pairs with [C1], [C2] and [C6].
  void store(std::uint32_t mode) { mode_.store(mode, P::release); }

  void replace(std::uint32_t from, std::uint32_t to) {
    // acq_rel [C8]: as release, says what [C5] says, pairs with [C1], [C2] and [C6]; as acquire, sees the claim it
    // undoes, pairs with [C2].
    mode_.compare_exchange_strong(from, to, P::acq_rel, P::relaxed);
  }

  typename P::template atomic<std::uint32_t> mode_{empty};
  typename P::template atomic<entry_type*> slot_{nullptr};
  typename P::mutex lock_;
  locked_deque<P, entry_type> deque_;  // under lock_
};

}  // namespace surewake::models::published
