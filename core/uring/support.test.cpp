#include <surewake/core/platform/child.test.hpp>
#include <surewake/core/uring/support.hpp>

#include <doctest/doctest.h>

namespace support_test {

using namespace surewake;

namespace {

/// Returns what a fresh process says of itself under a filter that answers `error` to the system calls `forbidden`.
std::string said_under_filter(int error, std::vector<long> const& forbidden) {
  return testing::in_a_child([&] {
    testing::forbid(error, forbidden);
    uring_support const s = uring_support::look();  // probe() is the parent's answer
    return std::string(s.ring ? "ring " : "- ") + (s.futex ? "futex " : "- ") + (s.futex_calls ? "calls " : "- ") +
           "[" + s.why + "]";
  });
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

}  // namespace support_test
