// The calls themselves, on whatever kernel is there: what they return, also where they fail, and what they leave.
#include <surewake/core/uring/kernel.hpp>
#include <surewake/core/platform/child.test.hpp>
#include <surewake/core/platform/emulator.test.hpp>
#include <surewake/core/uring/support.hpp>

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <cstdio>
#include <fstream>
#include <limits>
#include <string>

namespace kernel_test {

using namespace surewake;
using namespace surewake::testing;
using kernel = uring_kernel;

namespace {

bool const no_ring = !uring_support::probe().ring;

/// Returns the descriptor that would be opened next.
int next_descriptor() {
  int const fd = ::dup(STDERR_FILENO);
  ::close(fd);
  return fd;
}

std::string number(int n) { return std::to_string(n); }

}  // namespace

TEST_CASE("a ring is set up with the sizes that the kernel says, and torn down without a trace" *
          doctest::skip(no_ring)) {
  int const before = next_descriptor();
  io_uring ring;
  io_uring_params params{};
  REQUIRE(kernel::setup(3, ring, params) == 0);
  CHECK(ring.sq.ring_entries == 4);
  CHECK(ring.sq.ring_mask == 3);
  CHECK(ring.cq.ring_entries == params.cq_entries);
  CHECK(ring.cq.ring_mask == params.cq_entries - 1);
  CHECK(ring.features == params.features);
  CHECK((*ring.sq.khead == 0 && *ring.sq.ktail == 0 && *ring.cq.khead == 0 && *ring.cq.ktail == 0));
  ring.sq.array[0] = 0;
  ring.sq.sqes[0].opcode = IORING_OP_NOP;
  ring.sq.sqes[0].user_data = 4711;
  __atomic_store_n(ring.sq.ktail, 1U, __ATOMIC_RELEASE);
  CHECK(kernel::enter(ring, 1, 1, IORING_ENTER_GETEVENTS, nullptr, _NSIG / 8) == 1);
  CHECK(__atomic_load_n(ring.cq.ktail, __ATOMIC_ACQUIRE) == 1);
  CHECK(ring.cq.cqes[0].user_data == 4711);
  CHECK(kernel::registers(ring.ring_fd, 0x7fff, nullptr, 0) == -EINVAL);
  kernel::teardown(ring);
  CHECK(kernel::enter(ring, 0, 0, 0, nullptr, _NSIG / 8) == -EBADF);
  CHECK(kernel::registers(ring.ring_fd, IORING_REGISTER_PROBE, nullptr, 0) == -EBADF);
  CHECK(next_descriptor() == before);
}

TEST_CASE("a setup that the kernel refuses returns its error, and opens nothing") {
  int const before = next_descriptor();
  io_uring ring;
  io_uring_params params{};
  int const none = kernel::setup(0, ring, params);
  CHECK((none == -EINVAL || (no_ring && none < 0)));
  CHECK(in_a_child([] {
          forbid(EMFILE, {SYS_io_uring_setup});
          io_uring r;
          io_uring_params p{};
          return number(kernel::setup(4, r, p));
        }) == number(-EMFILE));
  CHECK(next_descriptor() == before);
}

TEST_CASE("a ring that cannot be mapped is closed again" * doctest::skip(no_ring)) {
  CHECK(in_a_child([] {
          int const before = next_descriptor();
          forbid(EACCES, {SYS_mmap});
          io_uring ring;
          io_uring_params params{};
          int const r = kernel::setup(4, ring, params);
          if (next_descriptor() != before) return std::string("open");
          return number(r);
        }) == number(-EACCES));
}

TEST_CASE("signals of an event add up, block nobody, and leave errno alone") {
  int const fd = kernel::event();
  REQUIRE(fd >= 0);
  CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  errno = 4711;
  kernel::signal(fd);
  kernel::signal(fd);
  std::uint64_t count = std::numeric_limits<std::uint64_t>::max() - 3;
  CHECK(::write(fd, &count, sizeof count) == sizeof count);
  kernel::signal(fd);  // for which there is no room
  CHECK(errno == 4711);
  CHECK(::read(fd, &count, sizeof count) == sizeof count);
  CHECK(count == std::numeric_limits<std::uint64_t>::max() - 1);
  CHECK(::read(fd, &count, sizeof count) == -1);
  CHECK(errno == EAGAIN);
  ::close(fd);
}

TEST_CASE("where no descriptor is left an event says so") {
  CHECK(in_a_child([] {
          auto const most = static_cast<rlim_t>(next_descriptor());
          rlimit const limit{most, most};
          ::setrlimit(RLIMIT_NOFILE, &limit);
          return number(kernel::event());
        }) == number(-EMFILE));
}

TEST_CASE("releases are compared by both their numbers") {
  utsname u{};
  long major = 0, minor = 0;
  REQUIRE(::uname(&u) == 0);
  REQUIRE(std::sscanf(u.release, "%ld.%ld", &major, &minor) == 2);
  CHECK_FALSE(kernel::older_than(major, minor));
  CHECK(kernel::older_than(major, minor + 1));
  CHECK(kernel::older_than(major + 1, 0));
  CHECK_FALSE(kernel::older_than(major - 1, minor + 1));
  CHECK_FALSE(kernel::older_than(0, 0));
}

TEST_CASE("a filter is known where there is one" * forbids_calls) {
  std::ifstream status("/proc/self/status");
  std::string line, mode = "0";
  while (std::getline(status, line)) {
    if (line.starts_with("Seccomp:\t")) mode = line.substr(9);
  }
  CHECK(kernel::filtered() == (mode != "0"));
  CHECK(in_a_child([] {
          forbid(ENOSYS, {SYS_acct});
          return std::string(kernel::filtered() ? "filtered" : "not filtered");
        }) == "filtered");
}

TEST_CASE("a thread that is made leaves the signals as they were, and one that is refused says why" * forbids_calls) {
  auto const masked = [] {
    sigset_t now;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &now);
    return ::sigismember(&now, SIGUSR1) == 0 && ::sigismember(&now, SIGUSR2) == 1;
  };
  CHECK(in_a_child([&] {
          sigset_t some;
          ::sigemptyset(&some);
          ::sigaddset(&some, SIGUSR2);
          ::pthread_sigmask(SIG_SETMASK, &some, nullptr);
          std::string said = number(kernel::make_a_thread()) + (masked() ? " kept " : " changed ");
          forbid(EAGAIN, {SYS_clone, SYS_clone3});
          return said + number(kernel::make_a_thread()) + (masked() ? " kept" : " changed");
        }) == "0 kept " + number(-EAGAIN) + " kept");
}

}  // namespace kernel_test
