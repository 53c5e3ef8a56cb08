// surewake/models/published/compio_parts.hpp: what both queues share: switches, tasks, entries, the deque.
//
// Our own model of an algorithm published in Rust (compio-sync, 2025). A Rust future is polled by a task; a waker is
// a handle to that task that may be called at any time, even when the future is long gone. So:
//
//   task      sleeps until notified, then polls again; notifications between two polls count as one
//   entry     one registration, as the queue keeps it (a waker): wake() notifies its task
//   add_waiter   the future that registers an entry and is ready at a later poll; may be dropped while registered
//
// Tasks and entries live as long as the model, because reference counts keep them alive in the original: a wake of a
// task that has gone away does nothing.
#pragma once

#include <surewake/core/platform/platform.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace surewake::models::published {

/// Which of the findings are repaired. All false: the first version. Each finding has a scenario of its own.
struct repairs {
  bool recheck = false;           // the published fix (#8): registration looks at the permits again
  bool fence = false;             // S1   store-load fences on both sides
  bool publish_first = false;     // S2   Multi is published before the last look at the permits
  bool undo_own = false;          // S3   a registrant that need not wait after all undoes only its own registration
  bool leave_claims = false;      // S4   a claimed slot that is still empty stays claimed
  bool empty_under_lock = false;  // S5   Multi goes to Empty under the deque's lock, and only from Multi
  bool settle_by_cas = false;     // S6   after taking the waker the mode is compared and exchanged, not stored
  bool one_word = false;          // S6   mode and slot are one word
  bool wake_all_settles = false;  // S7   wake_all leaves registrations alone that came after its drain
  bool erase_dropped = false;     // S9   a dropped waiter leaves the deque
  bool pass_on = false;           // S10  a dropped waiter that was woken already wakes the next
  bool drop_own = false;          // S11  a dropped waiter empties the slot only of its own waker
  bool check_woken = false;       // S12  a poll that no wake caused does not end the wait

  friend constexpr bool operator==(repairs const&, repairs const&) = default;
};

inline constexpr repairs first_version{};
inline constexpr repairs second_version{.recheck = true};
inline constexpr repairs all_repairs{.recheck = true,
                                     .fence = true,
                                     .publish_first = true,
                                     .undo_own = true,
                                     .leave_claims = true,
                                     .empty_under_lock = true,
                                     .settle_by_cas = true,
                                     .one_word = true,
                                     .wake_all_settles = true,
                                     .erase_dropped = true,
                                     .pass_on = true,
                                     .drop_own = true,
                                     .check_woken = true};

/// Returns `r` with one repair taken back, so that what then fails is that finding and no other.
[[nodiscard]] consteval repairs without(repairs r, bool repairs::*mistake) {
  r.*mistake = false;
  return r;
}

/// Everything that two words allow: the starting point for all findings but S6.
inline constexpr repairs two_words = without(all_repairs, &repairs::one_word);

/// The repair of S1.
template <platform P, repairs R> void full_fence() {
  // seq_cst [P1]: forbids "the release reads an old mode while the registrant reads old permits": it comes between the
  // permit and the load of the mode in wake_one, and between the registration and the last look at the permits, pairs
  // with [P1].
  if constexpr (R.fence) P::fence(P::seq_cst);
}

template <platform P, repairs R> class task;

/// One registration of a task.
template <platform P, repairs R> class entry {
 public:
  void belongs_to(task<P, R>& t) { owner_.set(&t); }
  void wake() {
    if constexpr (R.check_woken) {
      // release [P2]: the waker's past, for the future that finds itself woken, pairs with [P3].
      woken_.store(1, P::release);
    }
    owner_.get()->wake();
  }
  // acquire [P3]: sees what its waker did before, pairs with [P2].
  [[nodiscard]] bool woken() const { return woken_.load(P::acquire) != 0; }

 private:
  typename P::template plain<task<P, R>*> owner_{nullptr};
  typename P::template atomic<std::uint32_t> woken_{0};
};

/// A task: one thread of the model that polls one future at a time.
template <platform P, repairs R> class task {
 public:
  void wake() {
    // release [P4]: the waker's past, for the poll that follows, pairs with [P5]. This is an exchange and not a store,
    // because when two wakers notify, the poll must see the past of both, and only a RMW carries the first one's on (as
    // the runtimes' wakers do).
    notified_.exchange(1, P::release);
  }

  /// Sleeps until notified. If it is never notified, there is a deadlock, which is how a lost wakeup shows.
  void sleep() {
    // relaxed: the exchange orders.
    P::await(notified_, [](std::uint32_t n) { return n != 0; }, P::relaxed);
    // acquire [P5]: sees what the last waker did before its notification, pairs with [P4].
    notified_.exchange(0, P::acquire);
  }

  /// Returns whether a wake came since the last sleep; for tests.
  [[nodiscard]] bool notified() const { return notified_.load(P::relaxed) != 0; }  // relaxed: the caller is alone

  /// Returns an entry for a new registration; each is used once, because the queue may keep it for ever.
  [[nodiscard]] entry<P, R>& fresh() {
    if (used_ == entries_.size()) P::broken("model limit: a task registered too often");
    entries_[used_].belongs_to(*this);
    return entries_[used_++];
  }

 private:
  typename P::template atomic<std::uint32_t> notified_{0};
  std::size_t used_ = 0;  // of entries_; the task's own thread only
  std::array<entry<P, R>, 8> entries_;
};

/// The deque of the original, first in first out, used under its lock only.
template <platform P, class T, std::size_t Capacity = 8> class locked_deque {
 public:
  [[nodiscard]] bool empty() const { return size_.get() == 0; }
  void push_back(T* item) {
    std::size_t const n = size_.get();
    if (n == Capacity) P::broken("model limit: too many entries in the deque");
    items_[n].set(item);
    size_.set(n + 1);
  }
  void pop_back() { size_.set(size_.get() - 1); }
  [[nodiscard]] T* pop_front() {
    if (empty()) return nullptr;
    T* const first = items_[0].get();
    erase_at(0);
    return first;
  }
  [[nodiscard]] bool erase(T* item) {
    for (std::size_t i = 0; i < size_.get(); ++i) {
      if (items_[i].get() == item) return erase_at(i), true;
    }
    return false;
  }

 private:
  void erase_at(std::size_t i) {
    std::size_t const n = size_.get() - 1;
    for (; i < n; ++i) items_[i].set(items_[i + 1].get());
    size_.set(n);
  }

  typename P::template plain<std::size_t> size_{std::size_t{0}};
  std::array<typename P::template plain<T*>, Capacity> items_;
};

/// Says where a registration was put.
enum class place : std::uint8_t { nowhere, slot, deque };

/// The future of the original's `add_waiter_if(condition)`.
template <platform P, class Queue> class add_waiter {
 public:
  using task_type = typename Queue::task_type;

  explicit add_waiter(Queue& q) : queue_(q) {}

  /// Returns true when the wait is over. The first poll registers unless `condition` already holds.
  template <class Condition> [[nodiscard]] bool poll(task_type& me, Condition condition) {
    if (registered()) {
      if constexpr (Queue::fixed.check_woken) {
        if (!entry_->woken()) return false;
      }
      place_ = place::nowhere;
      return true;
    }
    entry_ = &me.fresh();
    place_ = queue_.add(*entry_, condition);
    return !registered();
  }

  [[nodiscard]] bool registered() const { return place_ != place::nowhere; }

  /// Drops the future before it is ready.
  void drop() {
    if (registered()) queue_.drop(*entry_, place_);
    place_ = place::nowhere;
  }

 private:
  Queue& queue_;
  typename Queue::entry_type* entry_ = nullptr;
  place place_ = place::nowhere;
};

}  // namespace surewake::models::published
