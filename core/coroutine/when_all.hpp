// surewake/core/coroutine/when_all.hpp: starts many awaitables at once and goes on when the last of them has ended:
// with all values, or, settled, with what became of each.
//
//   not started --co_await--> each runs, in order, until it suspends --the last one ends--> results, or an exception
//
// Invariants
//   I1  The users of the latch are the children that have not ended, + 1 while they are being started. The thread that
//       leaves last resumes the awaiting coroutine, once, and by then no other thread touches the latch.
//   I2  The frames of the children are owned by the when_all's own. Dropping it destroys those that wait and frees
//       those that have ended or were never started, the last one first, on bounded stack (frame_chain.hpp).
// Progress  wait-free, except for what the awaitables do.
// Errors    the first exception in the order of the arguments, once all have ended; the other results are dropped.
//           Dropping it while another thread runs one of its children is a broken precondition, as for every coroutine.
// Cost      one frame for each child beside its own, and one RMW; bounded stack for any number of them.
// Checked   models/waking/when_all_ends.hpp.
#pragma once

#include <surewake/core/coroutine/awaitable.hpp>
#include <surewake/core/coroutine/task.hpp>
#include <surewake/core/platform/user_count.hpp>

#include <array>
#include <functional>
#include <tuple>
#include <vector>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// What became of an awaitable that yields a T: a value, or an exception.
template <class T> class [[nodiscard]] settled : detail::coroutine_result<T> {
 public:
  /// Returns whether it ended with a value.
  [[nodiscard]] bool has_value() const noexcept { return !this->failed(); }
  /// Returns the exception; null where there is none.
  using detail::coroutine_result<T>::error;
  /// Returns the value, moved out: to be called once. Or throws the exception.
  T take() { return detail::coroutine_result<T>::take(); }

  /// For when_all_settled, which has it made.
  [[nodiscard]] detail::coroutine_result<T>& result() noexcept { return *this; }
};

namespace detail {

/// Counts the children of one when_all and knows which coroutine the last child resumes.
template <platform P> class when_all_latch {
 public:
  explicit when_all_latch(std::size_t children) noexcept : users_(static_cast<std::int64_t>(children) + 1) {}

  void set_parent(std::coroutine_handle<> parent) noexcept { parent_ = parent; }
  [[nodiscard]] std::coroutine_handle<> parent() const noexcept { return parent_; }

  /// Counts the caller out. Returns true to the last to arrive; for every other caller the latch may be gone on return.
  [[nodiscard]] bool arrive() noexcept { return users_.leave(); }

 private:
  user_count<P> users_;  // I1
  std::coroutine_handle<> parent_;
};

/// The coroutine around one awaitable of a when_all.
template <platform P> class when_all_child {
 public:
  class promise_type : public platform_frame<P>, public frame_link {
   public:
    [[nodiscard]] when_all_child get_return_object() noexcept {
      return when_all_child{std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] auto final_suspend() const noexcept { return at_end{}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }  // await_into catches everything

   private:
    friend when_all_child;
    when_all_latch<P>* latch_ = nullptr;
  };

  when_all_child(when_all_child&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  when_all_child& operator=(when_all_child&&) = delete;
  ~when_all_child() {
    if (frame_) frame_link::drop(frame_, promise());
  }

  void await_by(frame_link& parent) noexcept { promise().await_by(parent, frame_); }
  void awaited() const noexcept { promise().awaited(); }
  void start(when_all_latch<P>& latch) const {
    promise().latch_ = &latch;
    frame_.resume();
  }

 private:
  struct at_end : std::suspend_always {
    [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> h) const noexcept {
      when_all_latch<P>& latch = *h.promise().latch_;
      return latch.arrive() ? latch.parent() : trampoline<P>::next();
    }
  };
  explicit when_all_child(std::coroutine_handle<promise_type> h) noexcept : frame_(h) {}
  [[nodiscard]] promise_type& promise() const noexcept {
    return std::coroutine_handle<promise_type>::from_address(frame_.address()).promise();
  }

  std::coroutine_handle<> frame_;  // of a promise_type
};

/// Starts `children` (a range) and waits for all of them.
template <platform P, class Children> class when_all_awaiter {
 public:
  explicit when_all_awaiter(Children& children) noexcept : children_(children), latch_(std::size(children)) {}
  when_all_awaiter(when_all_awaiter const&) = delete;
  when_all_awaiter& operator=(when_all_awaiter const&) = delete;

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise> [[nodiscard]] bool await_suspend(std::coroutine_handle<Promise> parent) {
    latch_.set_parent(parent);
    if constexpr (std::is_base_of_v<frame_link, Promise>) {
      for (auto& child : children_) child.await_by(parent.promise());
    }
    for (auto const& child : children_) child.start(latch_);
    return !latch_.arrive();
  }
  void await_resume() const noexcept {
    if (!std::empty(children_)) children_.front().awaited();
  }

 private:
  Children& children_;
  when_all_latch<P> latch_;
};

/// How an argument of when_all is kept: an rvalue as a value where it can be moved, everything else as a reference.
template <class A>
using when_all_kept = std::conditional_t<std::is_lvalue_reference_v<A> || !std::is_move_constructible_v<A>, A&&, A>;

/// void as a value.
template <class T> using when_all_value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class T> when_all_value<T> take_value(coroutine_result<T>& o) {
  if constexpr (std::is_void_v<T>) {
    o.take();
    return {};
  } else {
    return o.take();
  }
}

/// The values of all, or the first exception.
struct all_values {
  template <class... T> using type = std::tuple<when_all_value<T>...>;
  template <class... T> static type<T...> of(std::tuple<settled<T>...>& results) {
    // Braces, so that the outcomes are taken, and throw, from left to right.
    return std::apply([](auto&... r) { return type<T...>{take_value(r.result())...}; }, results);
  }
};
/// What became of each.
struct all_settled {
  template <class... T> using type = std::tuple<settled<T>...>;
  template <class... T> static type<T...> of(type<T...>& results) { return std::move(results); }
};

template <platform P, class Form, class... A>
task<typename Form::template type<await_value_t<A>...>, P> when_all_of(when_all_kept<A>... a) {
  std::tuple<settled<await_value_t<A>>...> results;
  {
    auto const start = [&]<std::size_t... I>(std::index_sequence<I...>) {
      return std::array<when_all_child<P>, sizeof...(A)>{
          await_into<when_all_child<P>, when_all_kept<A>>(std::forward<A>(a), std::get<I>(results).result())...};
    };
    auto children = start(std::index_sequence_for<A...>{});
    co_await when_all_awaiter<P, std::array<when_all_child<P>, sizeof...(A)>>(children);
  }
  co_return Form::of(results);
}

}  // namespace detail

/// Awaits all of `a` at once.
///
/// Returns  a task for the tuple of their results, in the order of the arguments; std::monostate for a void.
/// Lifetime rvalues are moved in (tasks, acquires of a semaphore); lvalues, and rvalues that cannot be moved, are
///          referred to and must live until the task ends.
/// Errors   the first exception in the order of the arguments, after all have ended.
template <platform P = std_platform, class... A>
  requires(awaitable<A> && ...)
[[nodiscard]] task<std::tuple<detail::when_all_value<await_value_t<A>>...>, P> when_all(A&&... a) {
  return detail::when_all_of<P, detail::all_values, A...>(std::forward<A>(a)...);
}

/// As when_all: a task for the tuple of what became of each, settled<T>. It throws nothing that one of them throws.
template <platform P = std_platform, class... A>
  requires(awaitable<A> && ...)
[[nodiscard]] task<std::tuple<settled<await_value_t<A>>...>, P> when_all_settled(A&&... a) {
  return detail::when_all_of<P, detail::all_settled, A...>(std::forward<A>(a)...);
}

namespace detail {

/// What a vector of results holds for tasks of T.
template <class T>
using when_all_element =
    std::conditional_t<std::is_reference_v<T>, std::reference_wrapper<std::remove_reference_t<T>>, T>;

}  // namespace detail

namespace detail {

/// Makes the children of a vector of tasks.
template <class T, platform P>
[[nodiscard]] std::vector<when_all_child<P>> children_of(std::vector<task<T, P>>& tasks,
                                                         std::vector<settled<T>>& results) {
  std::vector<when_all_child<P>> children;
  children.reserve(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    children.push_back(await_into<when_all_child<P>, task<T, P>>(std::move(tasks[i]), results[i].result()));
  }
  return children;
}

}  // namespace detail

/// Awaits all of `tasks` at once.
///
/// Returns  a task for the vector of their results, in order; references as std::reference_wrapper; nothing for task<>.
/// Errors   the first exception in the order of the vector, after all have ended.
template <class T, platform P>
[[nodiscard]] task<std::conditional_t<std::is_void_v<T>, void, std::vector<detail::when_all_element<T>>>, P> when_all(
    std::vector<task<T, P>> tasks) {
  std::vector<settled<T>> results(tasks.size());
  {
    auto children = detail::children_of(tasks, results);
    co_await detail::when_all_awaiter<P, std::vector<detail::when_all_child<P>>>(children);
  }
  if constexpr (std::is_void_v<T>) {
    for (auto& r : results) r.take();
  } else {
    std::vector<detail::when_all_element<T>> values;
    values.reserve(results.size());
    for (auto& r : results) {
      if constexpr (std::is_reference_v<T> || std::is_move_constructible_v<T>) {
        values.push_back(r.take());
      } else {
        T const copied = r.take();
        values.push_back(copied);
      }
    }
    co_return values;
  }
}

/// As when_all of a vector: a task for the vector of what became of each. It throws nothing that one of them throws.
template <class T, platform P>
[[nodiscard]] task<std::vector<settled<T>>, P> when_all_settled(std::vector<task<T, P>> tasks) {
  std::vector<settled<T>> results(tasks.size());
  {
    auto children = detail::children_of(tasks, results);
    co_await detail::when_all_awaiter<P, std::vector<detail::when_all_child<P>>>(children);
  }
  co_return results;
}

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
