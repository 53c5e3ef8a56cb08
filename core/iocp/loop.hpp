// surewake/core/iocp/loop.hpp: one thread's I/O, timers and posted work on Windows, completed through one completion
// port.
//
// For coroutines   co_await loop.read(file, bytes, offset, stop) gives an io_result; so do open, write, close,
//                  sleep_for, sleep_until; and co_await loop.schedule(). Awaited on another thread, they bring the
//                  coroutine to the loop's. What was opened elsewhere: associate(file).
// For strategies   operations as nodes with a callback (operation.hpp): start, start_background, cancel, cancel_now.
// The rest, and who may call what where: core/coroutine/event_loop.hpp. On Linux this header is empty.
//
// Windows   A port serves the thread that has waited longest; here one thread waits, so that does not matter, and
//           neither does the limit of threads, which Wine ignores. Closing a port ends no wait: a loop is stopped by
//           a packet (stop()). A handle that completes here must not be told to skip packets on success
//           (SetFileCompletionNotificationModes), nor used with an OVERLAPPED of the caller's.
// Time      a wait until a deadline takes whole milliseconds, rounded up, and Windows wakes by its clock's tick: a
//           timer fires up to 15.6 ms late, and never early.
// Errors    the constructor's. An error that an operation meets is its result (core/coroutine/io_result.hpp), a number
//           of GetLastError(). A message that is longer than the buffer is ERROR_MORE_DATA: the buffer is full then.
// Checked   loop.test.cpp, under Wine 8. Nothing here was seen on a real Windows.
#pragma once

#include <surewake/core/coroutine/event_loop.hpp>
#include <surewake/core/coroutine/loop_awaiter.hpp>
#include <surewake/core/coroutine/task.hpp>
#include <surewake/core/iocp/requests.hpp>

#include <span>

#include <surewake/core/platform/macros_push.hpp>

#if defined(_WIN32)

namespace [[gnu::visibility("default")]] surewake {

/// Runs one thread's coroutines, I/O and timers.
///
/// Orders   what a thread did before post() comes before the work runs; what it did before stop() comes before run()
///          returns.
/// Errors   of an awaitable: its result says, and the call itself throws nothing. Where none are named, none.
class iocp_loop : public detail::event_loop<iocp_loop, detail::iocp_requests> {
  using base = detail::event_loop<iocp_loop, detail::iocp_requests>;
  using awaiter = detail::loop_awaiter<iocp_loop, iocp_operation>;

 public:
  /// Makes a loop for the calling thread, which alone runs and destroys it.
  ///
  /// Errors   std::system_error if Windows gives no port. std::logic_error if the thread has a loop.
  iocp_loop() = default;
  ~iocp_loop() { end(); }

  // ---- for the loop's thread ----

  using detail::iocp_requests::associate;
  using detail::iocp_requests::cancel;
  using detail::iocp_requests::cancel_now;
  using detail::iocp_requests::finish;
  using detail::iocp_requests::inlet;
  using detail::iocp_requests::start;
  using detail::iocp_requests::start_background;
  using detail::iocp_requests::start_completed;
  using detail::iocp_requests::wait_now;

  // ---- for coroutines, on any thread; resumed on the loop's. The results are io_results. If `stop` is requested
  // before the operation is over, it is cancelled, and the result is canceled() unless another result came first ----

  /// Opens `path` as CreateFileW does, overlapped and associated with this loop, and yields a handle as a number
  /// (iocp_operation::to_handle). A stop ends the wait only before the opening has begun.
  awaiter open(wchar_t const* path, DWORD access, DWORD share, DWORD disposition, DWORD flags = FILE_ATTRIBUTE_NORMAL,
               std::stop_token stop = {}) {
    return {*this, std::move(stop),
            [=](iocp_operation& o) { o.prepare_open(path, access, share, disposition, flags); }};
  }
  /// Reads from `file` at `offset`, and yields how many bytes, 0 at the end of the file. (A pipe whose other end has
  /// gone is the error ERROR_BROKEN_PIPE.)
  awaiter read(HANDLE file, std::span<std::byte> to, std::uint64_t offset = 0, std::stop_token stop = {}) {
    return transfer(iocp_operation::kind::read, file, to.data(), to.size(), offset, std::move(stop));
  }
  /// Writes to `file` at `offset`, and yields how many bytes.
  awaiter write(HANDLE file, std::span<std::byte const> from, std::uint64_t offset = 0, std::stop_token stop = {}) {
    return transfer(iocp_operation::kind::write, file, const_cast<std::byte*>(from.data()), from.size(), offset,
                    std::move(stop));
  }
  /// Closes `file`, and yields 0. If it is destroyed while it waits it closes nevertheless; if it is stopped in time it
  /// does not.
  awaiter close(HANDLE file, std::stop_token stop = {}) {
    return {*this, std::move(stop), [=](iocp_operation& o) { o.prepare_close(file); }};
  }

 private:
  awaiter transfer(iocp_operation::kind kind, HANDLE file, void* bytes, std::size_t size, std::uint64_t offset,
                   std::stop_token stop) {
    constexpr std::size_t most = 0x7fff'f000;  // above, the number of bytes would not fit into a result
    auto const length = static_cast<DWORD>(std::min(size, most));
    return {*this, std::move(stop),
            [=](iocp_operation& o) { o.prepare_transfer(kind, file, bytes, length, offset); }};
  }
};

}  // namespace surewake

#endif

#include <surewake/core/platform/macros_pop.hpp>
