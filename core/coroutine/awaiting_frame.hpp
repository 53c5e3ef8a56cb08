// surewake/core/coroutine/awaiting_frame.hpp: the coroutine that awaits for a function that blocks: sync_wait, and a
// loop's block_on.
//
//   made by await_into (awaitable.hpp), suspended --start(end)--> awaits --the awaitable is done--> end()
//
// Lifetime  the result and `end` are in the blocking function's own frame, which may go once end() has told it: the
//           call of end() is the coroutine's last step.
#pragma once

#include <surewake/core/coroutine/task.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// `End` is called once, without arguments, when all is done.
template <class End, platform P = std_platform> class awaiting_frame {
 public:
  class promise_type : public platform_frame<P> {
   public:
    [[nodiscard]] awaiting_frame get_return_object() noexcept {
      return awaiting_frame{std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] auto final_suspend() const noexcept { return at_end{}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }  // await_into catches everything

   private:
    friend awaiting_frame;
    End* end_ = nullptr;
  };

  awaiting_frame(awaiting_frame&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}  // for clang 14
  awaiting_frame& operator=(awaiting_frame&&) = delete;
  ~awaiting_frame() {
    if (frame_) frame_.destroy();
  }

  void start(End& end) const {
    frame_.promise().end_ = &end;
    frame_.resume();
  }

 private:
  struct at_end : std::suspend_always {
    void await_suspend(std::coroutine_handle<promise_type> h) const noexcept { (*h.promise().end_)(); }
  };
  explicit awaiting_frame(std::coroutine_handle<promise_type> h) noexcept : frame_(h) {}

  std::coroutine_handle<promise_type> frame_;
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
