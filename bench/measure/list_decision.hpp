// surewake/bench/measure/list_decision.hpp: four ways to keep a list of nodes that live elsewhere, for one decision of
// queues/intrusive_list.hpp: a short lock, or a lock-free list?
//
//   spin_locked_list     test-and-test-and-set lock around a doubly-linked list
//   mutex_list           the same around std::mutex
//   exchange_push_list   push without a lock: one exchange on the tail (Vyukov); pop and withdraw under a
//                        consumers' lock
//   stack_push_list      push without a lock: CAS onto a stack (Treiber); pop and withdraw under a consumers' lock
//                        take the stack over into a doubly-linked list
//
// A waiter may give up at any time and its node is gone then, so withdrawal must unlink, and grants come from any
// thread: both need a lock, or helping that costs more than a lock. Only the registration can be lock-free. The
// question is what that is worth. The contestants are as small as the question allows: no grants, no states.
#pragma once

#include <surewake/core/platform/std_platform.hpp>

#include <atomic>
#include <mutex>

namespace surewake::bench {

struct list_node {
  std::atomic<list_node*> next{nullptr};
  list_node* prev = nullptr;
};

inline constexpr auto relaxed = std::memory_order_relaxed;

class bench_spin_lock {
 public:
  void lock() noexcept {
    while (held_.exchange(1, std::memory_order_acquire) != 0) {
      std_platform::await(
          held_, [](std::uint32_t v) { return v == 0; }, relaxed);
    }
  }
  void unlock() noexcept { held_.store(0, std::memory_order_release); }

 private:
  std::atomic<std::uint32_t> held_{0};
};

/// A doubly-linked list; not thread-safe.
class node_line {
 public:
  void push_back(list_node& n) noexcept {
    n.prev = tail_;
    n.next.store(nullptr, relaxed);
    if (tail_ != nullptr) {
      tail_->next.store(&n, relaxed);
    } else {
      head_ = &n;
    }
    tail_ = &n;
  }
  void erase(list_node& n) noexcept {
    list_node* const after = n.next.load(relaxed);
    if (n.prev != nullptr) {
      n.prev->next.store(after, relaxed);
    } else {
      head_ = after;
    }
    if (after != nullptr) {
      after->prev = n.prev;
    } else {
      tail_ = n.prev;
    }
  }
  [[nodiscard]] list_node* pop_front() noexcept {
    list_node* const n = head_;
    if (n != nullptr) erase(*n);
    return n;
  }
  [[nodiscard]] bool empty() const noexcept { return head_ == nullptr; }

 private:
  list_node* head_ = nullptr;
  list_node* tail_ = nullptr;
};

template <class Lock>
class locked_list {
 public:
  void push(list_node& n) noexcept {
    std::scoped_lock const hold(lock_);
    line_.push_back(n);
  }
  [[nodiscard]] list_node* pop() noexcept {
    std::scoped_lock const hold(lock_);
    return line_.pop_front();
  }
  void withdraw(list_node& n) noexcept {
    std::scoped_lock const hold(lock_);
    line_.erase(n);
  }

 private:
  Lock lock_;
  node_line line_;
};

using spin_locked_list = locked_list<bench_spin_lock>;
using mutex_list = locked_list<std::mutex>;

/// Pushes with one CAS. The consumers' lock guards the list; what was pushed since lies in the stack, newest first.
/// Source  R. K. Treiber, "Systems programming: coping with parallelism", 1986.
class stack_push_list {
 public:
  void push(list_node& n) noexcept {
    list_node* top = arrived_.load(relaxed);
    do {
      n.next.store(top, relaxed);
    } while (!arrived_.compare_exchange_weak(top, &n, std::memory_order_release, relaxed));
  }
  [[nodiscard]] list_node* pop() noexcept {
    std::scoped_lock const hold(consumers_);
    if (line_.empty()) take_over();
    return line_.pop_front();
  }
  void withdraw(list_node& n) noexcept {
    std::scoped_lock const hold(consumers_);
    take_over();  // n may be in there
    line_.erase(n);
  }

 private:
  void take_over() noexcept {
    if (arrived_.load(relaxed) == nullptr) return;
    list_node* newest = arrived_.exchange(nullptr, std::memory_order_acquire);
    list_node* oldest = nullptr;
    while (newest != nullptr) {
      list_node* const older = newest->next.load(relaxed);
      newest->next.store(oldest, relaxed);
      oldest = newest;
      newest = older;
    }
    while (oldest != nullptr) {
      list_node* const younger = oldest->next.load(relaxed);
      line_.push_back(*oldest);
      oldest = younger;
    }
  }

  alignas(64) std::atomic<list_node*> arrived_{nullptr};
  alignas(64) bench_spin_lock consumers_;
  node_line line_;
};

/// Pushes with one exchange, then the link. The consumers' lock guards head and the prev links, which consumers fill in
/// as far as they look. The last node leaves by a CAS of the tail back to the stub.
/// Source  D. Vyukov, "Intrusive MPSC node-based queue", 2010; withdrawal and the prev links are additions.
class exchange_push_list {
 public:
  void push(list_node& n) noexcept {
    n.next.store(nullptr, relaxed);
    list_node* const before = tail_.exchange(&n, std::memory_order_acq_rel);
    before->next.store(&n, std::memory_order_release);
  }
  [[nodiscard]] list_node* pop() noexcept {
    std::scoped_lock const hold(consumers_);
    list_node* const first = stub_.next.load(std::memory_order_acquire);
    if (first == nullptr) return nullptr;
    first->prev = &stub_;
    if (linked_ == &stub_) linked_ = first;
    unlink(*first);
    return first;
  }
  void withdraw(list_node& n) noexcept {
    std::scoped_lock const hold(consumers_);
    link_up_to(n);
    unlink(n);
  }

 private:
  /// Fills in prev links from the last one known, until n has its own.
  void link_up_to(list_node const& n) noexcept {
    if (n.prev != nullptr) return;
    while (linked_ != &n) {
      list_node* const next = awaited_next(*linked_);
      next->prev = linked_;
      linked_ = next;
    }
  }

  void unlink(list_node& n) noexcept {
    list_node* const before = n.prev;
    list_node* after = n.next.load(std::memory_order_acquire);
    if (after == nullptr) {
      before->next.store(nullptr, relaxed);
      list_node* last = &n;
      if (tail_.compare_exchange_strong(last, before, std::memory_order_acq_rel, relaxed)) {
        if (linked_ == &n) linked_ = before;
        n.prev = nullptr;
        return;
      }
      after = awaited_next(n);  // another push has taken the place after n and has not linked its node yet
    }
    before->next.store(after, std::memory_order_release);
    if (linked_ == &n) {
      linked_ = before;
    } else {
      after->prev = before;
    }
    n.prev = nullptr;
  }

  static list_node* awaited_next(list_node& n) noexcept {
    return std_platform::await(
        n.next, [](list_node* p) { return p != nullptr; }, std::memory_order_acquire);
  }

  alignas(64) std::atomic<list_node*> tail_{&stub_};
  alignas(64) bench_spin_lock consumers_;
  list_node stub_;
  list_node* linked_ = &stub_;  // the last node whose prev is filled in
};

}  // namespace surewake::bench
