// surewake/core/uring/operation.hpp: one request to the ring, as an operation of a loop
// (core/coroutine/loop_operation.hpp).
//
// Cost      120 bytes: the link, a copy of the 64-byte request, the result.
#pragma once

#include <surewake/core/coroutine/loop_operation.hpp>
#include <surewake/core/uring/abi.hpp>

#include <unistd.h>

#include <cstddef>
#include <new>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

class uring_operation : public detail::loop_operation {
 public:
  /// Makes a node that resumes handle() when complete.
  uring_operation() noexcept { make_request(); }
  /// Makes a node that calls `completed` on the loop's thread when complete. The node is idle by then, and may be
  /// started again or destroyed.
  explicit uring_operation(action completed) noexcept : loop_operation(completed) { make_request(); }

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
  // ---- for loop_awaiter ----

  /// Returns whether it closes something, which it does also if its coroutine is destroyed first.
  [[nodiscard]] bool closes() noexcept { return request().opcode == IORING_OP_CLOSE; }
  /// Closes it at once, without the loop.
  void close_now() noexcept { ::close(request().fd); }
  /// Closes what was opened for nobody.
  void drop(int r) noexcept {
    if (request().opcode == IORING_OP_OPENAT && r >= 0) ::close(r);
  }

 private:
  void make_request() noexcept { ::new (static_cast<void*>(request_)) io_uring_sqe{}; }

  // Bytes, because io_uring_sqe ends in an array of no length, which standard C++ has no members of.
  alignas(io_uring_sqe) std::byte request_[sizeof(io_uring_sqe)];
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
