// surewake/core/coroutine/task.hpp: a coroutine that runs when it is awaited, and whose end resumes the awaiting
// coroutine.
//
//   not started --co_await--> running <--suspend/resume--> suspended
//                             running --co_return, exception--> finished --the awaiting coroutine goes on--> destroyed
//   dropped in any state but running: the frame is destroyed, and with it what it awaits (a suspended child, a waiter)
//
// Invariants
//   I1  The awaiter of a task owns its frame. A parent that is destroyed destroys the child it waits for, and before
//       that what the child waits for (frame_chain.hpp). So tasks in tasks are dropped on bounded stack, too.
//   I2  After `max_depth` transfers between tasks on a thread the next one goes through the thread's ready list
//       (trampoline.hpp), which unwinds the stack. So a loop over any number of tasks, or tasks in tasks, takes bounded
//       stack, even where the compiler makes no tail calls (g++ below -O2, sanitizers).
// Progress  wait-free, because everything is the coroutine's own.
// Errors    awaiting a task that is empty (moved from, or awaited before) throws std::logic_error; awaiting an lvalue
//           does not compile. The awaiting coroutine gets what the coroutine throws. std::bad_alloc from the call
//           itself.
// Cost      one allocation (P::allocate) for each task; a transfer is a few plain stores and a thread-local counter.
//           Stack: I1, I2; frame_chain.hpp names what is left.
// Source    L. Baker, "Understanding symmetric transfer", 2020; the bound is ours.
#pragma once

#include <surewake/core/coroutine/frame_chain.hpp>
#include <surewake/core/coroutine/coroutine_result.hpp>
#include <surewake/core/node/trampoline.hpp>
#include <surewake/core/platform/std_platform.hpp>

#include <algorithm>
#include <stdexcept>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <class T = void, platform P = std_platform> class [[nodiscard]] task;

namespace detail {

/// A base of every promise of surewake. Frames come from the platform, so that a checker sees leaks.
///
/// Align  what the promise needs, because an over-aligned result lies in it. Over-aligned locals of a frame are not
///        supported by C++20's coroutines themselves.
template <platform P, std::size_t Align = 1> struct platform_frame {
  static constexpr std::size_t frame_align = std::max<std::size_t>(Align, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
  // Inlined always, because where only one of the two is inlined, g++ 12 takes what the platform does for a mismatched
  // new and delete.
  [[nodiscard, gnu::always_inline]] static void* operator new(std::size_t n) { return P::allocate(n, frame_align); }
  [[gnu::always_inline]] static void operator delete(void* p, std::size_t n) noexcept {
    P::deallocate(p, n, frame_align);
  }
};

/// The part of a task's promise that does not depend on its result.
template <platform P, std::size_t Align = 1>
class task_promise_base : public platform_frame<P, Align>, public frame_link {
 public:
  task_promise_base() = default;
  task_promise_base(task_promise_base const&) = delete;
  task_promise_base& operator=(task_promise_base const&) = delete;
  ~task_promise_base() {
    if (in_ready_list_) trampoline<P>::forget(bounce_);
  }

  [[nodiscard]] auto initial_suspend() noexcept { return at_start{*this}; }
  [[nodiscard]] auto final_suspend() const noexcept { return at_end{}; }

  /// Starts the task, whose coroutine is `self`, for `parent`. Returns what await_suspend transfers to.
  [[nodiscard]] std::coroutine_handle<> start(std::coroutine_handle<> self, std::coroutine_handle<> parent) noexcept {
    parent_ = parent;
    return transfer(self);
  }

  /// Says that a transfer has arrived. The coroutine that it resumed calls this first, because the ready list may have
  /// resumed it without asking the node.
  void arrived() noexcept { in_ready_list_ = false; }

 private:
  struct at_start : std::suspend_always {
    explicit at_start(task_promise_base& p) noexcept : promise(p) {}
    void await_resume() const noexcept { promise.arrived(); }
    task_promise_base& promise;
  };

  struct at_end : std::suspend_always {
    template <class Promise>
    [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> h) const noexcept {
      task_promise_base& p = h.promise();
      return p.transfer(p.parent_);
    }
  };

  struct depth {
    unsigned left = max_depth;
  };
  static constexpr unsigned max_depth = 64;

  /// Returns the coroutine to transfer to. The caller returns it too and touches nothing else, because the frame may be
  /// gone.
  [[nodiscard]] std::coroutine_handle<> transfer(std::coroutine_handle<> to) noexcept {
    depth& d = P::template local<depth>();
    if (--d.left != 0) [[likely]]
      return to;
    d.left = max_depth;
    bounce_.set_handle(to);
    in_ready_list_ = true;
    trampoline<P>::resume(bounce_);
    return std::noop_coroutine();
  }

  /// Resumes the coroutine of `w`. It is not work's own action, because otherwise trampoline::next() would transfer to
  /// the coroutine on the very stack that is to be unwound.
  static void unwound(work<P>& w) noexcept { w.handle().resume(); }

  std::coroutine_handle<> parent_;
  work<P> bounce_{&unwound};    // I2
  bool in_ready_list_ = false;  // bounce_ is in this thread's ready list
};

template <class T, platform P> class task_promise final : public task_promise_base<P, alignof(coroutine_result<T>)> {
 public:
  [[nodiscard]] task<T, P> get_return_object() noexcept;
  void unhandled_exception() noexcept { result_.fail(std::current_exception()); }

  template <class U = T>
    requires(!std::is_reference_v<T> && (std::is_constructible_v<T, U &&> || std::is_constructible_v<T, U const&>))
  void return_value(U&& value) noexcept(std::is_nothrow_constructible_v<T, U&&>) {
    result_.set(std::forward<U>(value));
  }
  void return_value(T reference) noexcept
    requires std::is_reference_v<T>
  {
    result_.set(static_cast<T>(reference));
  }

  T take() { return result_.take(); }

 private:
  coroutine_result<T> result_;
};

template <platform P> class task_promise<void, P> final : public task_promise_base<P> {
 public:
  [[nodiscard]] task<void, P> get_return_object() noexcept;
  void unhandled_exception() noexcept { result_.fail(std::current_exception()); }
  void return_void() noexcept { result_.set(); }
  void take() { result_.take(); }

 private:
  coroutine_result<void> result_;
};

}  // namespace detail

/// A lazy coroutine that yields a T: an object (it may only move, or only copy), a reference, or nothing.
///
/// Use      `T v = co_await f(x);` or `co_await std::move(t);`: once. Parameters live until the task is destroyed.
/// Threads  the task runs where it is awaited, and goes on wherever what it waits for resumes it.
/// Errors   see the top of this header.
template <class T, platform P> class [[nodiscard]] task {
 public:
  using value_type = T;
  using promise_type = detail::task_promise<T, P>;

  /// Makes an empty task.
  task() noexcept = default;
  task(task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    task(std::move(other)).swap(*this);
    return *this;
  }
  ~task() {
    if (frame_) detail::frame_link::drop(frame_, promise());
  }
  void swap(task& other) noexcept { std::swap(frame_, other.frame_); }

  /// Returns whether there is something to await.
  [[nodiscard]] explicit operator bool() const noexcept { return frame_ != nullptr; }

  /// Runs the task and yields its result; the task is empty from now on.
  [[nodiscard]] auto operator co_await() && {
    if (!frame_) throw std::logic_error("surewake: an empty task was awaited: it was moved from or awaited before");
    return run_to_end{std::move(*this)};
  }

 private:
  friend promise_type;
  explicit task(std::coroutine_handle<promise_type> h) noexcept : frame_(h) {}
  [[nodiscard]] promise_type& promise() const noexcept {
    return std::coroutine_handle<promise_type>::from_address(frame_.address()).promise();
  }

  class run_to_end {
   public:
    explicit run_to_end(task&& t) noexcept : task_(std::move(t)) {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> parent) noexcept {
      promise_type& p = task_.promise();
      if constexpr (std::is_base_of_v<detail::frame_link, Promise>) p.await_by(parent.promise(), task_.frame_);
      return p.start(task_.frame_, parent);
    }
    T await_resume() {
      promise_type& p = task_.promise();
      p.awaited();
      p.arrived();
      return p.take();
    }

   private:
    task task_;  // I1
  };

  std::coroutine_handle<> frame_;  // of a promise_type
};

template <class T, platform P> task<T, P> detail::task_promise<T, P>::get_return_object() noexcept {
  return task<T, P>{std::coroutine_handle<task_promise>::from_promise(*this)};
}

template <platform P> task<void, P> detail::task_promise<void, P>::get_return_object() noexcept {
  return task<void, P>{std::coroutine_handle<task_promise>::from_promise(*this)};
}

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
