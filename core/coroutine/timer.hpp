// surewake/core/coroutine/timer.hpp: a moment at which to be called, as a node, and a heap of such nodes that allocates
// nothing.
//
//   disarmed --push--> armed --pop/erase--> disarmed
//
// A pairing heap: each node knows its first child, its next sibling, and the node that points to it (the parent or the
// sibling before).
// Invariants
//   I1  No node is due before its parent; the root is the first due.
//   I2  A node's links belong to the owner of the heap (the holder of its lock).
// Progress  push O(1); pop and erase O(log n) amortised, O(n) at worst; no recursion.   Fairness  earliest first; equal
//           deadlines in no particular order.   Errors  none.   Cost  no allocation; 48 bytes for each timer.
// Source    Fredman, Sedgewick, Sleator, Tarjan, "The pairing heap", Algorithmica 1986.
#pragma once

#include <surewake/core/platform/std_platform.hpp>

#include <cassert>
#include <cstdint>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// Calls `callback` once, some time after its deadline, when armed at a thread_pool (or any owner of a timer_heap).
///
/// Lifetime neither moves nor dies while armed. The callback may destroy it.
class timer {
 public:
  using time_point = std_platform::clock::time_point;
  using callback = void (*)(timer&) noexcept;

  /// What happens if the timers' owner ends before the timer is due: it is disarmed, or fires early.
  enum class at_end : std::uint8_t { disarmed, fires };

  explicit timer(callback c, at_end e = at_end::disarmed) noexcept : callback_(c), at_end_(e) {}
  timer(timer const&) = delete;
  timer& operator=(timer const&) = delete;
  ~timer() { assert(!armed_); }

  /// armed() and deadline() tell the heap's owner whether the timer is in the heap, and when it is due.
  [[nodiscard]] bool armed() const noexcept { return armed_; }
  [[nodiscard]] time_point deadline() const noexcept { return deadline_; }
  void fire() noexcept { callback_(*this); }
  [[nodiscard]] bool fires_at_end() const noexcept { return at_end_ == at_end::fires; }
  /// Tells the callback whether it is called early, because the timers' owner ends.
  [[nodiscard]] bool early() const noexcept { return early_; }
  void set_early() noexcept { early_ = true; }

 private:
  friend class timer_heap;

  callback callback_;
  time_point deadline_{};
  timer* child_ = nullptr;
  timer* next_ = nullptr;
  timer* prev_ = nullptr;  // the parent of a first child, otherwise the sibling before
  bool armed_ = false;
  at_end at_end_;
  bool early_ = false;
};

/// An object that has timers: a thread_pool, or a loop on its own thread.
class timer_source {
 public:
  timer_source(timer_source const&) = delete;
  timer_source& operator=(timer_source const&) = delete;

  /// Makes `t`, which is not armed, fire once `when` has come; time_point::max() never comes.
  virtual void arm(timer& t, timer::time_point when) noexcept = 0;
  /// Returns true if `t` was armed, and will never fire. It waits for a callback that runs on another thread.
  virtual bool disarm(timer& t) noexcept = 0;

 protected:
  timer_source() = default;
  ~timer_source() = default;
};

/// Armed timers, the first due on top. Not thread-safe.
class timer_heap {
 public:
  using time_point = timer::time_point;

  timer_heap() = default;
  timer_heap(timer_heap const&) = delete;
  timer_heap& operator=(timer_heap const&) = delete;

  /// Returns the timer that is due first, or null if the heap is empty.
  [[nodiscard]] timer* top() const noexcept { return root_; }
  [[nodiscard]] bool empty() const noexcept { return root_ == nullptr; }

  /// Puts `t`, which is not armed, into the heap; it is due at `deadline`.
  void push(timer& t, time_point deadline) noexcept {
    assert(!t.armed_);
    t.armed_ = true;
    t.deadline_ = deadline;
    t.child_ = t.next_ = t.prev_ = nullptr;
    root_ = meld(root_, &t);
  }

  /// Takes `t`, which is armed in this heap, out of it.
  void erase(timer& t) noexcept {
    assert(t.armed_);
    t.armed_ = false;
    timer* const below = meld_all(t.child_);
    if (&t == root_) {
      root_ = below;
      return;
    }
    (t.prev_->child_ == &t ? t.prev_->child_ : t.prev_->next_) = t.next_;
    if (t.next_ != nullptr) t.next_->prev_ = t.prev_;
    root_ = meld(root_, below);
  }

 private:
  /// Makes one root of two and returns it; either may be null. The result has no sibling.
  [[nodiscard]] static timer* meld(timer* a, timer* b) noexcept {
    if (a == nullptr) return b;
    if (b == nullptr) return a;
    if (b->deadline_ < a->deadline_) std::swap(a, b);
    b->prev_ = a;
    b->next_ = a->child_;
    if (b->next_ != nullptr) b->next_->prev_ = b;
    a->child_ = b;
    a->next_ = a->prev_ = nullptr;
    return a;
  }

  /// Makes one root of the siblings from `first` on: in pairs from the left, then the pairs from the right.
  [[nodiscard]] static timer* meld_all(timer* first) noexcept {
    timer* pairs = nullptr;  // linked by next_, the rightmost first
    while (first != nullptr) {
      timer* const a = first;
      timer* const b = a->next_;
      first = b != nullptr ? b->next_ : nullptr;
      a->next_ = a->prev_ = nullptr;
      if (b != nullptr) b->next_ = b->prev_ = nullptr;
      timer* const pair = meld(a, b);
      pair->next_ = pairs;
      pairs = pair;
    }
    timer* root = nullptr;
    while (pairs != nullptr) {
      timer* const pair = pairs;
      pairs = pair->next_;
      pair->next_ = nullptr;
      root = meld(root, pair);
    }
    return root;
  }

  timer* root_ = nullptr;
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
