#include <surewake/core/uring_support.hpp>

#include <doctest/doctest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <vector>

using namespace surewake;

namespace {

/// What a fresh process says of itself under a filter that answers `error` to the system calls `forbidden`.
std::string said_under_filter(int error, std::vector<long> const& forbidden) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  pid_t const child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::vector<sock_filter> code;
    code.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0));  // seccomp_data::nr
    for (long const call : forbidden) {
      code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1));
      code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error)));
    }
    code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    sock_fprog const program{static_cast<unsigned short>(code.size()), code.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) ::_exit(1);
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) ::_exit(2);
    uring_support const s = uring_support::look();  // probe() is the parent's answer
    std::string const said = std::string(s.ring ? "ring " : "- ") + (s.futex ? "futex " : "- ") +
                             (s.futex_calls ? "calls " : "- ") + "[" + s.why + "]";
    [[maybe_unused]] auto const n = ::write(ends[1], said.data(), said.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string said;
  char buffer[256];
  for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
    said.append(buffer, static_cast<std::size_t>(n));
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
  return said;
}

constexpr long setup_call = SYS_io_uring_setup;
bool const all_there = uring_support::look().why.empty();

}  // namespace

TEST_CASE("what is missing is named, and what is there is not") {
  uring_support const& s = uring_support::probe();
  CHECK((s.ring && s.futex && s.futex_calls) == s.why.empty());
  CHECK(!(s.futex && !s.ring));
  CHECK(&uring_support::probe() == &s);
  if (!s.why.empty()) MESSAGE(s.why);
}

TEST_CASE("a filter that forbids io_uring_setup is named" * doctest::skip(!all_there)) {
  CHECK(said_under_filter(EPERM, {setup_call}) == "- - calls [io_uring_setup: EPERM (seccomp)]");
  CHECK(said_under_filter(ENOSYS, {setup_call}) == "- - calls [io_uring_setup: ENOSYS]");
  CHECK(said_under_filter(EMFILE, {setup_call}) == "- - calls [io_uring_setup: EMFILE]");
  CHECK(said_under_filter(ENOMEM, {setup_call}) == "- - calls [io_uring_setup: ENOMEM]");
}

TEST_CASE("a filter that forbids only the futex2 calls leaves the ring's futex operations" *
          doctest::skip(!all_there)) {
  std::vector<long> const calls{uring_abi::sys_futex_wake, uring_abi::sys_futex_wait, uring_abi::sys_futex_requeue};
  CHECK(said_under_filter(EPERM, calls) == "ring futex - [futex_wake: EPERM (seccomp)]");
  std::string const absent = said_under_filter(ENOSYS, calls);
  CHECK(absent.starts_with("ring futex - [kernel "));
  CHECK(absent.ends_with(": no system call futex_wake]"));
  CHECK(said_under_filter(EPERM, {uring_abi::sys_futex_wait}) == "ring futex - [futex_wait: EPERM (seccomp)]");
}

TEST_CASE("a filter that lets everything through takes nothing away" * doctest::skip(!all_there)) {
  CHECK(said_under_filter(EPERM, {}) == "ring futex calls []");
}
