// surewake/core/platform/child.test.hpp: processes of a test's own, system calls that are forbidden there, and
// what runs as a thread ends. Not installed.
//
// Windows has no fork(): there a test case that calls status_of() is decorated with doctest::skip(!can_fork).
#pragma once

#if !defined(_WIN32)
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <concepts>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace surewake::testing {

/// Calls a function when the thread's thread_locals end.
struct at_end_of_thread {
  std::function<void()> call;
  ~at_end_of_thread() {
    if (call) call();
  }
};
/// Returns the one of this thread.
inline at_end_of_thread& first_of_thread() {
  thread_local at_end_of_thread it;
  return it;
}

#if defined(_WIN32)
inline constexpr bool can_fork = false;
template <std::invocable F> [[nodiscard]] int status_of(F, void (*)(int) = ::_exit) { return -1'000; }
#else
inline constexpr bool can_fork = true;

/// Makes the system calls `forbidden` fail with `error` from now on, and for good, on this thread and those it starts.
inline void forbid(int error, std::vector<long> const& forbidden) {
  std::vector<sock_filter> code;
  code.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (long const call : forbidden) {
    code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1));
    code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error)));
  }
  code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  sock_fprog const program{static_cast<unsigned short>(code.size()), code.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
    return;
  std::perror("seccomp");
  ::_exit(126);
}

/// Returns how a process ended: `exit 0`, `signal 6`.
[[nodiscard]] inline std::string how_it_ended(int status) {
  return WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                             : "exit " + std::to_string(WEXITSTATUS(status));
}

/// Calls f in a process of its own, which is killed after 20 s, and which ends by `leave`, with f's answer. Returns its
/// exit status, or minus the signal that ended it.
template <std::invocable F> [[nodiscard]] int status_of(F f, void (*leave)(int) = ::_exit) {
  pid_t const child = ::fork();
  if (child == 0) {
    ::signal(SIGABRT, SIG_DFL);
    ::alarm(20);
    leave(f());
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return -1'000;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// Calls f in a process of its own, which is killed after 20 s. Returns what it wrote to standard error, what f
/// returned, and, unless that was the end of it, how the process ended.
template <std::invocable F> [[nodiscard]] std::string in_a_child(F f) {
  int ends[2];
  if (::pipe(ends) != 0) return "pipe failed";
  pid_t const child = ::fork();
  if (child < 0) return "fork failed";
  if (child == 0) {
    ::signal(SIGABRT, SIG_DFL);
    ::alarm(20);
    ::dup2(ends[1], STDERR_FILENO);
    std::string const said = f();
    [[maybe_unused]] auto const written = ::write(ends[1], said.data(), said.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string said;
  char buffer[256];
  for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
    said.append(buffer, static_cast<std::size_t>(n));
  ::close(ends[0]);
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return "waitpid failed";
  return status == 0 ? said : said + " [" + how_it_ended(status) + "]";
}
#endif

}  // namespace surewake::testing
