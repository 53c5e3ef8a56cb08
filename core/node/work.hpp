// surewake/core/node/work.hpp: something to run later, as a node that lists, queues and executors link without
// allocating.
//
//   unlinked --push_back--> linked --pop_front/erase--> unlinked
//
// A node is in at most one list at a time. The owner of a list (the holder of its lock, or its thread) owns the links
// of its nodes.
// Errors   none. To destroy a linked node, or to push it again, is a broken precondition.
// Cost     a few loads and stores for each operation, no allocation; 32 bytes for each node.
#pragma once

#include <surewake/core/platform/platform.hpp>

#include <coroutine>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

template <platform P> class work_list;

}  // namespace detail

/// A unit of work. `run` is called once, with the node already unlinked; the node may be gone when it returns.
template <platform P> class work {
 public:
  using action = void (*)(work&) noexcept;

  work() noexcept : work(&resume_handle) {}
  /// Runs `a` when run. handle() is null until it is set.
  explicit work(action a) noexcept : action_(a), handle_(nullptr) {}
  /// Resumes `h` when run.
  explicit work(std::coroutine_handle<> h) noexcept : action_(&resume_handle), handle_(h.address()) {}
  /// Stores nothing yet: set_action() and, if the action asks for it, set_handle() come before it is linked or run.
  struct unset {};
  explicit work(unset) noexcept {}
  work(work const&) = delete;
  work& operator=(work const&) = delete;

  void run() noexcept { action_.get()(*this); }
  void set_action(action a) noexcept { action_.set(a); }
  [[nodiscard]] std::coroutine_handle<> handle() const noexcept {
    return std::coroutine_handle<>::from_address(handle_.get());
  }
  void set_handle(std::coroutine_handle<> h) noexcept { handle_.set(h.address()); }

  /// resume_handle() is the action that resumes handle(). only_resumes() returns whether it is this node's action, so
  /// that a symmetric transfer to handle() does the same.
  static void resume_handle(work& w) noexcept { w.handle().resume(); }
  [[nodiscard]] bool only_resumes() const noexcept { return action_.get() == &resume_handle; }

 private:
  friend class detail::work_list<P>;

  typename P::template plain<work*> prev_;  // the neighbours, while linked
  typename P::template plain<work*> next_;
  typename P::template plain<action> action_;
  typename P::template plain<void*> handle_;  // the coroutine to resume, if the action does that
};

namespace detail {

/// A first-in-first-out list of work nodes; not thread-safe.
template <platform P> class work_list {
 public:
  work_list() = default;
  work_list(work_list const&) = delete;
  work_list& operator=(work_list const&) = delete;

  [[nodiscard]] bool empty() const noexcept { return head_.get() == nullptr; }
  [[nodiscard]] work<P>* front() const noexcept { return head_.get(); }

  void push_back(work<P>& w) noexcept {
    work<P>* const last = tail_.get();
    w.prev_.set(last);
    w.next_.set(nullptr);
    (last != nullptr ? last->next_ : head_).set(&w);
    tail_.set(&w);
  }

  /// Unlinks and returns the first node; returns null if the list is empty.
  [[nodiscard]] work<P>* pop_front() noexcept {
    work<P>* const w = head_.get();
    if (w == nullptr) return nullptr;
    work<P>* const after = w->next_.get();
    head_.set(after);
    if (after != nullptr) {
      after->prev_.set(nullptr);
    } else {
      tail_.set(nullptr);
    }
    return w;
  }

  void erase(work<P>& w) noexcept {
    work<P>* const before = w.prev_.get();
    work<P>* const after = w.next_.get();
    (before != nullptr ? before->next_ : head_).set(after);
    (after != nullptr ? after->prev_ : tail_).set(before);
  }

 private:
  typename P::template plain<work<P>*> head_{nullptr};
  typename P::template plain<work<P>*> tail_{nullptr};
};

}  // namespace detail

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
