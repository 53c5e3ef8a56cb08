// The first and only process of the old kernel's machine: runs the tests that /plan names, says how each ended, and
// switches the machine off. The last argument of the kernel's command line is none of its business.
//
// A line of /plan   <io_uring> <seconds> <test>     io_uring: kernel (as the kernel has it), or the error with which a
//                                                   seccomp filter answers its three calls: EPERM, ENOSYS
// What it prints    surewake-guest: kernel <release>
//                   surewake-guest: begin <io_uring> <test>
//                   surewake-guest: end <io_uring> <test> <ok | exit N | signal N | time is up>
//                   surewake-guest: over
// A test finds <io_uring> in its environment as SUREWAKE_IO_URING.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

/// Every call that begins with io_uring_ fails with `error`, here and in what is started from here.
bool forbid_io_uring(int error) {
  auto const answer = static_cast<std::uint32_t>(SECCOMP_RET_ERRNO) | static_cast<std::uint32_t>(error);
  constexpr std::uint16_t load = BPF_LD | BPF_W | BPF_ABS, equal = BPF_JMP | BPF_JEQ | BPF_K, give = BPF_RET | BPF_K;
  std::array<sock_filter, 6> filter = {{
      {load, 0, 0, offsetof(seccomp_data, nr)},
      {equal, 2, 0, SYS_io_uring_setup},
      {equal, 1, 0, SYS_io_uring_enter},
      {equal, 0, 1, SYS_io_uring_register},
      {give, 0, 0, answer},
      {give, 0, 0, SECCOMP_RET_ALLOW},
  }};
  sock_fprog const program = {static_cast<unsigned short>(filter.size()), filter.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

[[noreturn]] void become(std::string const& io_uring, std::string const& test) {
  setpgid(0, 0);
  int const error = io_uring == "EPERM" ? EPERM : io_uring == "ENOSYS" ? ENOSYS : 0;
  if (io_uring != "kernel" && (error == 0 || !forbid_io_uring(error))) {
    std::printf("surewake-guest: no seccomp filter for %s: errno %d\n", io_uring.c_str(), errno);
    std::exit(126);
  }
  setenv("SUREWAKE_IO_URING", io_uring.c_str(), 1);
  std::string const path = "/tests/" + test;
  execl(path.c_str(), test.c_str(), "--no-skipped-summary", "--no-colors=true", static_cast<char*>(nullptr));
  std::printf("surewake-guest: %s: errno %d\n", path.c_str(), errno);
  std::fflush(stdout);
  _exit(127);
}

std::string run(std::string const& io_uring, std::string const& test, std::chrono::seconds limit) {
  pid_t const child = fork();
  if (child == 0) become(io_uring, test);
  if (child < 0) return "fork: errno " + std::to_string(errno);
  int status = 0;
  bool over = false;
  for (auto const end = steady::now() + limit; !over && steady::now() < end;) {
    pid_t const ended = waitpid(-1, &status, WNOHANG);  // whose parent died became ours
    over = ended == child;
    if (ended <= 0) std::this_thread::sleep_for(10ms);
  }
  kill(-child, SIGKILL);  // and whatever it started and left
  if (!over) return "time is up";
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? "ok" : "exit " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

int main() {
  for (char const* kind : {"proc", "sysfs", "devtmpfs", "tmpfs"}) {
    std::string const name = kind;
    std::string const where = name == "sysfs" ? "/sys" : name == "devtmpfs" ? "/dev" : name == "tmpfs" ? "/tmp" : "/proc";
    mkdir(where.c_str(), 0755);
    if (mount(kind, where.c_str(), kind, 0, nullptr) != 0) {
      std::printf("surewake-guest: cannot mount %s: errno %d\n", where.c_str(), errno);
    }
  }
  utsname machine = {};
  uname(&machine);
  std::printf("surewake-guest: kernel %s\n", machine.release);

  std::ifstream plan("/plan");
  std::string io_uring, test;
  for (int seconds = 0; plan >> io_uring >> seconds >> test;) {
    std::printf("surewake-guest: begin %s %s\n", io_uring.c_str(), test.c_str());
    std::fflush(stdout);
    std::string const end = run(io_uring, test, std::chrono::seconds(seconds));
    std::printf("\nsurewake-guest: end %s %s %s\n", io_uring.c_str(), test.c_str(), end.c_str());
    std::fflush(stdout);
  }
  std::printf("surewake-guest: over\n");
  std::fflush(stdout);
  reboot(RB_POWER_OFF);
  for (;;) pause();
}
