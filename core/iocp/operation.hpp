// surewake/core/iocp/operation.hpp: one request to Windows, as an operation of a loop
// (core/coroutine/loop_operation.hpp).
//
//   read, write   overlapped: a packet comes through the port, whatever CancelIoEx said
//   open, close   CreateFile and CloseHandle have no overlapped form and may block, so a thread of the system's pool
//                 calls them and posts a packet
//   watch         nothing: it completes when another thread asks the loop to look
//
// Cost      no allocation of ours.
#pragma once

#include <surewake/core/coroutine/loop_operation.hpp>
#include <surewake/core/iocp/api.hpp>

#include <surewake/core/platform/macros_push.hpp>

#if defined(_WIN32)

namespace [[gnu::visibility("default")]] surewake {

namespace detail { class iocp_requests; }
class iocp_operation : public detail::loop_operation {
 public:
  enum class kind : std::uint8_t { watch, read, write, open, close };

  /// What Windows keeps of an operation, and finds it by.
  struct record : OVERLAPPED {
    explicit record(iocp_operation& o) noexcept : OVERLAPPED{}, operation(o) {}
    iocp_operation& operation;
  };

  /// Makes a node that resumes handle() when complete.
  iocp_operation() = default;
  /// Makes a node that calls `completed` on the loop's thread when complete.
  explicit iocp_operation(action completed) noexcept : loop_operation(completed) {}

  /// Makes it a read or a write of `length` bytes at `offset`, which pipes and sockets ignore.
  void prepare_transfer(kind k, HANDLE file, void* bytes, DWORD length, std::uint64_t offset) noexcept {
    kind_ = k;
    file_ = file;
    bytes_ = bytes;
    length_ = length;
    offset_ = offset;
  }
  /// Makes it a CreateFileW with these arguments and FILE_FLAG_OVERLAPPED.
  void prepare_open(wchar_t const* path, DWORD access, DWORD share, DWORD disposition, DWORD flags) noexcept {
    kind_ = kind::open;
    path_ = path;
    access_ = access;
    share_ = share;
    disposition_ = disposition;
    flags_ = flags | FILE_FLAG_OVERLAPPED;
  }
  void prepare_close(HANDLE file) noexcept {
    kind_ = kind::close;
    file_ = file;
  }

  // ---- for loop_awaiter ----

  /// Returns whether it closes something, which it does also if its coroutine is destroyed first.
  [[nodiscard]] bool closes() const noexcept { return kind_ == kind::close; }
  /// Closes it at once, without the loop.
  void close_now() noexcept { ::CloseHandle(file_); }
  /// Closes what was opened for nobody.
  void drop(int r) noexcept {
    if (kind_ == kind::open && r >= 0) ::CloseHandle(to_handle(r));
  }

  /// Returns the handle that an open's result means. A handle of Windows has 32 bits that matter, as its documentation
  /// promises to programs of both sizes; one that does not fit an int is refused when it is opened.
  [[nodiscard]] static HANDLE to_handle(int result) noexcept {
    return reinterpret_cast<HANDLE>(static_cast<std::intptr_t>(result));
  }

 private:
  friend class detail::iocp_requests;

  kind kind_ = kind::watch;
  HANDLE file_ = nullptr, port_ = nullptr;  // port_: of an open or close, whose thread posts there
  union {
    void* bytes_ = nullptr;
    wchar_t const* path_;
  };
  union {
    DWORD length_ = 0;
    DWORD access_;
  };
  DWORD share_ = 0, disposition_ = 0, flags_ = 0;
  std::uint64_t offset_ = 0;
  int answer_ = 0;  // of an open or close
  record record_{*this};
};

}  // namespace surewake

#endif

#include <surewake/core/platform/macros_pop.hpp>
