// surewake/core/uring/operation.hpp: one request to the kernel, as a node that its loop lists without allocating.
//
//   idle --start--> in_flight --its completion--> done --the loop runs it--> idle     its action is called
//                   in_flight, done --cancel_now--> idle                              its action is not called
//                   in_flight --fork, in the child--> lost                            its action is not called
//
// Invariants
//   I1  From the submission to the completion the kernel knows the node by its address, so the owner of the node
//       destroys it only while it is idle. That holds for what the request points to as well (buffers, paths, words).
//   I2  From start to idle all fields belong to the loop's thread.
// Threads   one: the loop's.   Signals  nothing here is async-signal-safe.
// Fork      in the child an operation in flight is lost, because it is the parent's. Its action is not called, unless
//           the operation asked to be told (tell_of_fork).
// Cost      120 bytes: the link, a copy of the 64-byte request, the result.
#pragma once

#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/coroutine/timer.hpp>
#include <surewake/core/uring/abi.hpp>
#include <surewake/core/node/work.hpp>

#include <cstddef>
#include <new>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

template <class Kernel> class uring_requests;

}  // namespace detail

class uring_operation : public work<std_platform> {
 public:
  enum class state : std::uint8_t { idle, in_flight, done, lost };

  /// Makes a node that resumes handle() when complete.
  uring_operation() noexcept { make_request(); }
  /// Makes a node that calls `completed` on the loop's thread when complete. The node is idle by then, and may be
  /// started again or destroyed.
  explicit uring_operation(action completed) noexcept : work<std_platform>(completed) { make_request(); }

  /// Returns the request, to be filled in before start; its user_data is the loop's.
  [[nodiscard]] io_uring_sqe& request() noexcept { return *std::launder(reinterpret_cast<io_uring_sqe*>(request_)); }

  /// Makes it a wait that lasts while `word` holds `expected`. The result is 0 if it was woken, and -EAGAIN if the word
  /// held something else.
  void prepare_futex_wait(std_platform::atomic<std::uint32_t> const& word, std::uint32_t expected) noexcept {
    uring_abi::prepare_futex(request(), uring_abi::op_futex_wait, &word, expected);
  }
  /// Makes it a wake of at most `n` waiters of `word`. The result is how many were woken. Only the address is used.
  void prepare_futex_wake(std_platform::atomic<std::uint32_t> const* word, int n) noexcept {
    uring_abi::prepare_futex(request(), uring_abi::op_futex_wake, word, static_cast<std::uint64_t>(n));
  }
  /// Makes it a sleep, which is no request at all. It completes with 0 when `t` fires, at `when`; `t` calls the loop's
  /// `finish(*this, 0)`.
  void prepare_sleep(detail::timer& t, detail::timer::time_point when) noexcept {
    alarm_ = &t;
    when_ = when;
  }

  /// Has the action called in a forked child too, inside of fork(), with the result -EOWNERDEAD, because the operation
  /// is the parent's alone. The action may neither resume nor start anything.
  void tell_of_fork() noexcept { told_of_fork_ = true; }

  /// Returns the result of the last completion: a number from 0 on, or minus an errno (-ECANCELED if it was given up).
  [[nodiscard]] int result() const noexcept { return result_; }
  void set_result(int r) noexcept { result_ = r; }
  [[nodiscard]] state where() const noexcept { return state_; }

 private:
  template <class Kernel> friend class detail::uring_requests;

  void make_request() noexcept { ::new (static_cast<void*>(request_)) io_uring_sqe{}; }

  // Bytes, because io_uring_sqe ends in an array of no length, which standard C++ has no members of.
  alignas(io_uring_sqe) std::byte request_[sizeof(io_uring_sqe)];
  detail::timer* alarm_ = nullptr;
  detail::timer::time_point when_{};
  int result_ = 0;
  state state_ = state::idle;
  bool told_of_fork_ = false;
  bool background_ = false;     // does not keep run() from returning
  bool cancel_wanted_ = false;  // the kernel was, or is to be, asked to give it up
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
