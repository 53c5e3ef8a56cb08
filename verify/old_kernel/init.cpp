// The first and only process of the old kernel's machine: runs the tests that /plan names, says how each ended, and
// switches the machine off.
//
// A line of /plan   <io_uring> <seconds> <test>     io_uring: kernel (as the kernel has it), or the error with which a
//                                                   seccomp filter answers its three calls: EPERM, ENOSYS
// What it prints    surewake-guest: kernel <release>
//                   surewake-guest: begin <io_uring> <test>
//                   surewake-guest: end <io_uring> <test> <ok | exit N | signal N | time is up>
//                   surewake-guest: over
// A test finds <io_uring> in its environment as SUREWAKE_IO_URING.
#include <surewake/core/platform/child.test.hpp>

#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

[[noreturn]] void become(std::string const& io_uring, std::string const& test) {
  setpgid(0, 0);
  int const error = io_uring == "EPERM" ? EPERM : io_uring == "ENOSYS" ? ENOSYS : 0;
  if (error != 0) surewake::testing::forbid(error, {SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register});
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
    pid_t const ended = waitpid(-1, &status, WNOHANG);  // a process whose parent died became ours
    over = ended == child;
    if (ended <= 0) std::this_thread::sleep_for(10ms);
  }
  kill(-child, SIGKILL);  // and whatever it started and left
  if (!over) return "time is up";
  return status == 0 ? "ok" : surewake::testing::how_it_ended(status);
}

}  // namespace

int main() {
  struct place {
    char const *kind, *path;
  };
  for (auto const [kind, path] : {place{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"tmpfs", "/tmp"}}) {
    if (mount(kind, path, kind, 0, nullptr) != 0) std::printf("surewake-guest: no %s: errno %d\n", path, errno);
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
