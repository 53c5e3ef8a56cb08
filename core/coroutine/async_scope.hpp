// surewake/core/coroutine/async_scope.hpp: tasks that come and go, of which all can be told to stop, and waited for.
//
//   open --spawn--> a task runs until it suspends; more may come
//        --request_stop, or a task fails--> stopping: the tasks that run have a stop token; none is started any more
//        --co_await joined(), and the last task ends--> joined: nothing runs. The end
//
// Invariants
//   I1  The users of the scope are the tasks that have not ended, + 1 until it is joined. A task is spawned by a user:
//       a task of the scope, or the owner before joined(). The user that leaves last resumes the coroutine that joins,
//       and by then no other thread touches the scope. A task has destroyed its frame before it leaves.
//   I2  failed_ is claimed once. The task that claims it stores its exception before it leaves, and joined() reads it
//       after all have left.
// Progress  wait-free, except for what the tasks do.
// Errors    what the first task that fails throws: from joined(), once all have ended. The others are told to stop;
//           further exceptions are dropped.
// Place     a task starts on the thread that spawns it, and goes on as all coroutines do (core/node/home.hpp).
//           What joins goes on where the last task ends.
// Cost      one frame for each task beside its own, two RMWs, and a stop state for the scope.
// Source    ours; the nursery of Trio (N. J. Smith, "Notes on structured concurrency", 2018), and the counting scope of
//           P3149.
// Checked   models/waking/scope_ends.hpp.
#pragma once

#include <surewake/core/coroutine/task.hpp>
#include <surewake/core/platform/user_count.hpp>

#include <concepts>
#include <cstdint>
#include <stop_token>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// Threads  spawn(), request_stop() and token() may be called by any number of threads at once, by users (I1).
/// Lifetime it is joined before it is destroyed, unless no task of it runs: otherwise the process ends with a message.
template <platform P> class basic_async_scope {
 public:
  basic_async_scope() = default;
  basic_async_scope(basic_async_scope const&) = delete;
  basic_async_scope& operator=(basic_async_scope const&) = delete;
  ~basic_async_scope() {
    if (users_.look() > 1) P::broken("an async_scope is destroyed while its tasks run");
  }

  /// Starts a task on this thread, and returns when it first suspends (or ends).
  ///
  /// Returns  whether it was started: not after request_stop(). Then `t` is dropped, or `f` not called.
  /// Errors   std::bad_alloc; then nothing is started. What the task throws: at the top.
  bool spawn(task<void, P> t) {
    return start([](basic_async_scope&, task<void, P>& mine) { return std::move(mine); }, std::move(t));
  }
  /// The same with the task that `f` makes of the scope's stop token. `f` lives as long as the task, so it may be a
  /// lambda that is a coroutine: `scope.spawn([&](std::stop_token stop) -> task<> { … })`.
  template <class F>
    requires std::same_as<std::invoke_result_t<F&, std::stop_token>, task<void, P>>
  bool spawn(F f) {
    return start([](basic_async_scope& s, F& mine) { return mine(s.token()); }, std::move(f));
  }

  /// Tells all tasks to stop, by their token. Returns whether it was the first.
  ///
  /// Resumes  what waits by a stop token gives up, and may run in here.
  bool request_stop() noexcept { return stop_.request_stop(); }
  [[nodiscard]] std::stop_token token() const noexcept { return stop_.get_token(); }

  /// Awaitable of nothing, once: waits until all tasks have ended. A plain thread waits by sync_wait(scope.joined()).
  ///
  /// Orders   acquires what all tasks did.
  /// Errors   what the first task that failed threw.
  /// Lifetime the scope, and the coroutine that waits, outlive the wait.
  [[nodiscard]] auto joined() noexcept { return join{{}, *this}; }

 private:
  /// The coroutine around one task: it owns itself.
  struct around {
    struct promise_type : detail::platform_frame<P> {
      template <class Make, class A> promise_type(basic_async_scope& s, Make&, A&) noexcept : scope(s) {}
      [[nodiscard]] around get_return_object() noexcept {
        return around{std::coroutine_handle<promise_type>::from_promise(*this)};
      }
      [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
      [[nodiscard]] auto final_suspend() const noexcept { return at_end{}; }
      void return_void() const noexcept {}
      void unhandled_exception() noexcept { scope.fails(std::current_exception()); }
      basic_async_scope& scope;
    };
    std::coroutine_handle<> frame;
  };
  struct at_end : std::suspend_always {
    [[nodiscard]] std::coroutine_handle<> await_suspend(
        std::coroutine_handle<typename around::promise_type> h) const noexcept {
      basic_async_scope& scope = h.promise().scope;
      h.destroy();
      return scope.users_.leave() ? scope.parent_ : trampoline<P>::next();
    }
  };
  struct join : std::suspend_always {
    basic_async_scope& scope;
    [[nodiscard]] bool await_suspend(std::coroutine_handle<> parent) const noexcept {
      scope.parent_ = parent;
      return !scope.users_.leave();
    }
    void await_resume() const {
      if (scope.error_) std::rethrow_exception(scope.error_);
    }
  };

  template <class Make, class A> static around run(basic_async_scope& s, Make make, A a) {
    co_await make(s, a);  // a is here, in the frame, as long as the task
  }
  template <class Make, class A> bool start(Make make, A a) {
    if (stop_.stop_requested()) return false;
    std::coroutine_handle<> const frame = run(*this, make, std::move(a)).frame;
    users_.enter();
    typename trampoline<P>::scope const here;
    frame.resume();
    return true;
  }

  void fails(std::exception_ptr e) noexcept {
    // relaxed: decides by the RMW's atomicity; users_ orders what is stored before joined() reads it (I2).
    if (failed_.exchange(1U, P::relaxed) != 0U) return;
    error_ = std::move(e);
    request_stop();
  }

  detail::user_count<P> users_{1};  // I1
  std::coroutine_handle<> parent_;
  std::stop_source stop_;
  typename P::template atomic<std::uint32_t> failed_{0U};  // not a bool, whose exchange g++ 12 calls on RISC-V
  std::exception_ptr error_;  // I2
};

using async_scope = basic_async_scope<std_platform>;

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
