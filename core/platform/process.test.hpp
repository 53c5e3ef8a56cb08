// surewake/core/platform/process.test.hpp: how many threads this process has, and a process that gets no more memory.
// Not installed.
#pragma once

#if defined(_WIN32)
#include <windows.h>

#include <tlhelp32.h>
#else
#include <sys/resource.h>
#include <unistd.h>
#endif

#include <cstdint>
#include <fstream>
#include <string>

namespace surewake::testing {

#if defined(_WIN32)
[[nodiscard]] inline long threads_of_process() {
  HANDLE const all = ::CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
  THREADENTRY32 entry{};
  entry.dwSize = sizeof entry;
  long n = 0;
  for (BOOL more = ::Thread32First(all, &entry); more; more = ::Thread32Next(all, &entry)) {
    n += entry.th32OwnerProcessID == ::GetCurrentProcessId() ? 1 : 0;
  }
  ::CloseHandle(all);
  return n;
}

/// Windows has no limit of a process's addresses that it could lift again.
inline constexpr bool can_limit_memory = false;
struct little_memory {
  little_memory() {}
  ~little_memory() {}
};
#else
[[nodiscard]] inline long threads_of_process() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (long n = 0; word == "Threads:" && status >> n) return n;
  }
  return -1;
}

inline constexpr bool can_limit_memory = true;
/// Leaves the process, while it lives, 256 MiB of addresses more than it has.
class little_memory {
 public:
  little_memory() {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t pages = 0;
    statm >> pages;
    ::getrlimit(RLIMIT_AS, &old_);
    rlimit tight = old_;
    tight.rlim_cur = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) + (256U << 20U);
    ::setrlimit(RLIMIT_AS, &tight);
  }
  little_memory(little_memory const&) = delete;
  little_memory& operator=(little_memory const&) = delete;
  ~little_memory() { ::setrlimit(RLIMIT_AS, &old_); }

 private:
  rlimit old_{};
};
#endif

}  // namespace surewake::testing
