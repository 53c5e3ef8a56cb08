// What is so on a 6.1 kernel, and nowhere else: run in the guest by verify/old_kernel/run, which says in
// SUREWAKE_IO_URING how io_uring answers there. The strategies' own tests run beside it.
#include <doctest/doctest.h>

#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

std::string how_io_uring_answers() {
  char const* const said = std::getenv("SUREWAKE_IO_URING");
  return said == nullptr ? "not said: start this by verify/old_kernel/run" : said;
}

/// A ring's descriptor, or minus the error.
int ring() {
  io_uring_params parameters = {};
  long const fd = syscall(SYS_io_uring_setup, 4, &parameters);
  return fd >= 0 ? static_cast<int>(fd) : -errno;
}

}  // namespace

TEST_CASE("the kernel is one without futex operations in its rings") {
  utsname machine = {};
  REQUIRE(uname(&machine) == 0);
  int major = 0, minor = 0;
  REQUIRE(std::sscanf(machine.release, "%d.%d", &major, &minor) == 2);
  CHECK(major * 1000 + minor < 6007);
}

TEST_CASE("io_uring answers as this boot says, and where it works it has no IORING_OP_FUTEX_WAIT") {
  std::string const how = how_io_uring_answers();
  int const fd = ring();
  if (how == "EPERM") {
    CHECK(fd == -EPERM);
  } else if (how == "ENOSYS") {
    CHECK(fd == -ENOSYS);
  } else {
    REQUIRE(how == "kernel");
    REQUIRE(fd >= 0);
    constexpr unsigned most = 256, futex_wait = 51;
    alignas(io_uring_probe) std::array<std::byte, sizeof(io_uring_probe) + most * sizeof(io_uring_probe_op)> room = {};
    REQUIRE(syscall(SYS_io_uring_register, fd, IORING_REGISTER_PROBE, room.data(), most) == 0);
    auto const* const probe = reinterpret_cast<io_uring_probe const*>(room.data());
    CHECK(probe->last_op < futex_wait);
    close(fd);
  }
}

TEST_CASE("the futex2 calls are not there either") {
  constexpr long futex_wake = 454;
  std::uint32_t word = 0;
  long const answer = syscall(futex_wake, &word, 0xffff'ffffUL, 1, 0x82);
  int const error = errno;
  CHECK(answer == -1);
  CHECK(error == ENOSYS);
}
