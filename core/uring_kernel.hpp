// surewake/core/uring_kernel.hpp: the few calls by which a loop reaches the kernel, so that a test can make them fail.
//
// Each returns what the kernel returned, a failure as minus the errno. A loop takes the struct as a template parameter;
// with this one the calls are the bare functions.
#pragma once

#include <surewake/core/uring_abi.hpp>

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

namespace [[gnu::visibility("default")]] surewake {

struct uring_kernel {
  /// How many refusals in a row a loop bears; the pauses between them add up to 0.2 s.
  static constexpr unsigned patience = 12;

  static int setup(unsigned entries, io_uring& ring, io_uring_params& params) noexcept {
    return ::io_uring_queue_init_params(entries, &ring, &params);
  }

  static int enter(io_uring const& ring, unsigned submit, unsigned wait_for, unsigned flags, void* argument,
                   std::size_t size) noexcept {
    // liburing 2.3 declares the argument as what it was before IORING_ENTER_EXT_ARG.
    return ::io_uring_enter2(static_cast<unsigned>(ring.enter_ring_fd), submit, wait_for, flags,
                             static_cast<sigset_t*>(argument), size);
  }

  static int event() noexcept {
    int const fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return fd >= 0 ? fd : -errno;
  }
  static void signal(int event_fd) noexcept {
    int const saved = errno;
    std::uint64_t const one = 1;
    // Fails only where the count would overflow, that is, after 2^64 - 2 signals.
    [[maybe_unused]] auto const written = ::write(event_fd, &one, sizeof one);
    errno = saved;
  }
};

}  // namespace surewake
