// surewake/core/iocp/pipe.test.hpp: a pipe of a test's own. Not installed.
#pragma once

#include <surewake/core/iocp/api.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <string>

namespace surewake::testing {

/// A pipe: what `theirs` writes, `ours`, which is overlapped, reads.
struct pipe_pair {
  pipe_pair() {
    static std::atomic<int> number{0};
    std::wstring const name = L"\\\\.\\pipe\\surewake-" + std::to_wstring(::GetCurrentProcessId()) + L"-" +
                              std::to_wstring(number++);
    ours = ::CreateNamedPipeW(name.c_str(), PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, PIPE_TYPE_BYTE, 1, 4096, 4096, 0,
                              nullptr);
    REQUIRE(ours != INVALID_HANDLE_VALUE);
    theirs = ::CreateFileW(name.c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING, 0, nullptr);
    REQUIRE(theirs != INVALID_HANDLE_VALUE);
  }
  pipe_pair(pipe_pair const&) = delete;
  pipe_pair& operator=(pipe_pair const&) = delete;
  ~pipe_pair() {
    ::CloseHandle(ours);
    drop();
  }
  void write(char c) {
    DWORD n = 0;
    REQUIRE(::WriteFile(theirs, &c, 1, &n, nullptr));
  }
  void drop() {
    if (theirs != INVALID_HANDLE_VALUE) ::CloseHandle(theirs);
    theirs = INVALID_HANDLE_VALUE;
  }
  HANDLE ours = INVALID_HANDLE_VALUE, theirs = INVALID_HANDLE_VALUE;
};

}  // namespace surewake::testing
