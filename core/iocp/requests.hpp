// surewake/core/iocp/requests.hpp: the operations that a loop has in flight at a completion port, and what a packet
// says.
//
// Terms     *key*: the number that a packet carries beside its pointer. `io` a handle's, `call` of a thread that opened
//           or closed, `look` from anywhere: it has no pointer.
// Invariants
//   I1  A read or write is over when its packet comes, and not before: neither when the call returned success, nor when
//       CancelIoEx found it, or found nothing (ERROR_NOT_FOUND). Only a call that failed at once, with another error
//       than ERROR_IO_PENDING and ERROR_MORE_DATA, has no packet.
//   I2  The OVERLAPPED is clear before each request, because Wine writes the lower half of `Internal` only; and of
//       `Internal` 32 bits are the status.
//   I3  What GetQueuedCompletionStatusEx returns is asked before what it counted, because under Wine a wait that timed
//       out says that it removed 1.
//   I4  A packet that is to be posted is posted, however often Windows refuses it, because it may be the only one that
//       tells of a grant.
// Threads   one: the loop's; signal() any.
// Errors    results. If the port itself fails, coroutines would wait for ever, so the process ends with a message.
// Source    Microsoft's pages of CreateIoCompletionPort, GetQueuedCompletionStatusEx, CancelIoEx. Seen under Wine 8
//           only.
// Checked   requests.test.cpp, loop.test.cpp, under Wine 8.
#pragma once

#include <surewake/core/iocp/inlet.hpp>
#include <surewake/core/iocp/operation.hpp>

#include <algorithm>
#include <limits>
#include <system_error>

#include <surewake/core/platform/macros_push.hpp>

#if defined(_WIN32)

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// The port that an inlet posts to.
struct windows_port {
  HANDLE handle = nullptr;

  static constexpr ULONG_PTR io = 1, call = 2, look = 3;

  void post(ULONG_PTR key, OVERLAPPED* about) const noexcept {
    windows::keeps_last_error const keep;
    while (!::PostQueuedCompletionStatus(handle, 0, key, about)) ::Sleep(1);  // I4
  }
  void post() const noexcept { post(look, nullptr); }
};
using windows_inlet = port_inlet<std_platform, windows_port>;

class iocp_requests : public loop_operations<iocp_requests, iocp_operation> {
  using operations = loop_operations<iocp_requests, iocp_operation>;
  friend operations;

 public:
  static constexpr char const* a_loop = "an iocp_loop";

  iocp_requests() : inlet_(windows_inlet::take()) {
    port_.handle = ::CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1);
    if (port_.handle == nullptr) {
      auto const error = static_cast<int>(::GetLastError());
      windows_inlet::give_back(*inlet_);
      throw std::system_error(error, std::system_category(), "surewake: CreateIoCompletionPort");
    }
    inlet_->open(port_);
  }
  iocp_requests(iocp_requests const&) = delete;
  iocp_requests& operator=(iocp_requests const&) = delete;
  ~iocp_requests() {
    inlet_->close();
    windows_inlet::give_back(*inlet_);
    ::CloseHandle(port_.handle);
  }

  /// Has what is read and written by `file` complete here. The handle was opened with FILE_FLAG_OVERLAPPED, and stays
  /// associated until it is closed.
  ///
  /// Errors   std::system_error: for a handle that is not overlapped, or is another port's (ERROR_INVALID_PARAMETER).
  void associate(HANDLE file) {
    if (::CreateIoCompletionPort(file, port_.handle, windows_port::io, 0) == nullptr)
      throw std::system_error(static_cast<int>(::GetLastError()), std::system_category(), "surewake: associate");
  }

  /// Returns the inlet through which any thread asks this loop to look, also when the loop has gone.
  [[nodiscard]] windows_inlet& inlet() const noexcept { return *inlet_; }

  /// Completes, with 0, the watch that is in flight, if there is one.
  void finish_watch() noexcept {
    if (iocp_operation* const w = std::exchange(watch_, nullptr)) finish(*w, 0);
  }

 protected:
  void signal() noexcept { inlet_->post(); }
  void prepare_to_wait() noexcept {}
  void flush() noexcept {}

  /// Takes all packets that are there.
  void bring() noexcept {
    while (take(0) == std::size(entries_)) {}
  }

  /// Takes packets; if `wait_for` is not 0, waits for one, until `until` at most.
  void enter(unsigned wait_for, time_point until) noexcept { take(wait_for == 0 ? 0 : milliseconds_until(until)); }

 private:
  static DWORD milliseconds_until(time_point until) noexcept {
    if (until == time_point::max()) return INFINITE;
    time_point const now = P::now();
    if (until <= now) return 0;
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();  // now is not negative
    return static_cast<DWORD>(std::min<std::int64_t>(left, 0x7fff'ffff));
  }

  ULONG take(DWORD milliseconds) noexcept {
    std::fill(std::begin(entries_), std::end(entries_), OVERLAPPED_ENTRY{});
    ULONG count = 0;
    if (!::GetQueuedCompletionStatusEx(port_.handle, entries_, static_cast<ULONG>(std::size(entries_)), &count,
                                       milliseconds, FALSE)) {
      if (::GetLastError() != WAIT_TIMEOUT) P::broken("a completion port failed in a way that it never should");
      return 0;  // I3
    }
    for (ULONG i = 0; i != count; ++i) take(entries_[i]);
    return count;
  }

  void take(OVERLAPPED_ENTRY const& e) noexcept {
    if (e.lpCompletionKey == windows_port::look) return finish_watch();
    iocp_operation& op = static_cast<iocp_operation::record*>(e.lpOverlapped)->operation;
    finish(op, e.lpCompletionKey == windows_port::call ? op.answer_ : result_of(op, e.dwNumberOfBytesTransferred));
  }

  static int result_of(iocp_operation& op, DWORD bytes) noexcept {
    if (static_cast<DWORD>(op.record_.Internal) == 0) return static_cast<int>(bytes);
    DWORD n = 0;
    if (::GetOverlappedResult(op.file_, &op.record_, &n, FALSE)) return static_cast<int>(n);
    return failed(op, ::GetLastError());
  }
  /// Returns the result of an operation that Windows says failed with `error`. The end of a file is none for a read.
  static int failed(iocp_operation const& op, DWORD error) noexcept {
    if (error == ERROR_HANDLE_EOF && op.kind_ == iocp_operation::kind::read) return 0;
    return -static_cast<int>(error);
  }

  void send(iocp_operation& op) noexcept {
    using kind = iocp_operation::kind;
    switch (op.kind_) {
      case kind::watch: watch_ = &op; return;
      case kind::open:
      case kind::close:
        op.port_ = port_.handle;
        if (!::TrySubmitThreadpoolCallback(&call_elsewhere, &op, nullptr)) finish(op, call(op));
        return;
      default: transfer(op);
    }
  }

  void transfer(iocp_operation& op) noexcept {
    static_cast<OVERLAPPED&>(op.record_) = {};  // I2
    op.record_.Offset = static_cast<DWORD>(op.offset_);
    op.record_.OffsetHigh = static_cast<DWORD>(op.offset_ >> 32U);
    BOOL const done = op.kind_ == iocp_operation::kind::read
                          ? ::ReadFile(op.file_, op.bytes_, op.length_, nullptr, &op.record_)
                          : ::WriteFile(op.file_, op.bytes_, op.length_, nullptr, &op.record_);
    DWORD const error = done ? DWORD{ERROR_SUCCESS} : ::GetLastError();
    if (error == ERROR_SUCCESS || error == ERROR_IO_PENDING || error == ERROR_MORE_DATA) return;  // I1
    finish(op, failed(op, error));
  }

  void send_cancel(iocp_operation& op) noexcept {
    using kind = iocp_operation::kind;
    if (op.kind_ == kind::watch) {
      watch_ = nullptr;
      return finish(op, -canceled_error);
    }
    if (op.kind_ == kind::read || op.kind_ == kind::write) ::CancelIoEx(op.file_, &op.record_);  // I1
  }

  static void CALLBACK call_elsewhere(PTP_CALLBACK_INSTANCE, void* context) noexcept {
    auto& op = *static_cast<iocp_operation*>(context);
    windows_port const port{op.port_};
    op.answer_ = call(op);
    port.post(windows_port::call, &op.record_);  // the operation may be gone when this returns
  }
  static int call(iocp_operation& op) noexcept {
    if (op.kind_ == iocp_operation::kind::close)
      return ::CloseHandle(op.file_) ? 0 : -static_cast<int>(::GetLastError());
    HANDLE const file =
        ::CreateFileW(op.path_, op.access_, op.share_, nullptr, op.disposition_, op.flags_, nullptr);
    if (file == INVALID_HANDLE_VALUE) return -static_cast<int>(::GetLastError());
    DWORD error = ERROR_TOO_MANY_OPEN_FILES;  // a handle that does not fit into a result
    auto const number = reinterpret_cast<std::intptr_t>(file);
    if (number >= 0 && number <= std::numeric_limits<int>::max()) {
      if (::CreateIoCompletionPort(file, op.port_, windows_port::io, 0) != nullptr) return static_cast<int>(number);
      error = ::GetLastError();
    }
    ::CloseHandle(file);
    return -static_cast<int>(error);
  }

  windows_inlet* const inlet_;
  windows_port port_;
  iocp_operation* watch_ = nullptr;
  OVERLAPPED_ENTRY entries_[64];
};

}}  // namespace surewake::detail

#endif

#include <surewake/core/platform/macros_pop.hpp>
