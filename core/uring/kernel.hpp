// surewake/core/uring/kernel.hpp: the few calls by which a loop reaches the kernel, so that a test can make them fail.
//
// Each call returns what the kernel returned, and a failure as minus the errno. A loop takes the struct as a template
// parameter; with this struct the calls are the bare functions.
//
// Threads   any.   Signals  enter(), event() and signal() are async-signal-safe, make_a_thread() is not.
// Versions  The rings are set up, mapped and entered by the system calls, and the fields of `io_uring` are filled here.
//           Once liburing's io_uring_queue_init_params did that, on the assumption that the library gives what the
//           parameters ask for. It does not, because from 2.6 on it adds IORING_SETUP_NO_SQARRAY where the kernel knows
//           it, and leaves the index array null. A program may be built with the header of one version and run with the
//           library of another (2.3 to 2.15 share a soname), so nothing that the library decides may be relied on.
//           Today the flags of a ring are those that uring_ring asks for, and no function of the library is called.
#pragma once

#include <surewake/core/uring/abi.hpp>

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <system_error>
#include <thread>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

struct uring_kernel {
  /// How many refusals in a row a loop bears. The pauses between them add up to 0.2 s.
  static constexpr unsigned patience = 12;

  /// Sets up and maps `ring`. Returns -ENOTSUP for a kernel whose two queues are mapped one by one (before Linux 5.4).
  static int setup(unsigned entries, io_uring& ring, io_uring_params& params) noexcept {
    long const fd = ::syscall(SYS_io_uring_setup, entries, &params);
    if (fd < 0) return -errno;
    int const r = map(static_cast<int>(fd), ring, params);
    if (r < 0) ::close(static_cast<int>(fd));
    return r;
  }
  /// Undoes setup(). What the ring has in flight goes on in the kernel for a while.
  static void teardown(io_uring& ring) noexcept {
    ::munmap(ring.sq.sqes, ring.sq.ring_entries * sizeof(io_uring_sqe));
    ::munmap(ring.sq.ring_ptr, ring.sq.ring_sz);
    ::close(ring.ring_fd);
  }

  static int enter(io_uring const& ring, unsigned submit, unsigned wait_for, unsigned flags, void* argument,
                   std::size_t size) noexcept {
    long const r = ::syscall(SYS_io_uring_enter, ring.enter_ring_fd, submit, wait_for, flags, argument, size);
    return r < 0 ? -errno : static_cast<int>(r);
  }
  static int registers(int ring_fd, unsigned opcode, void* argument, unsigned count) noexcept {
    long const r = ::syscall(SYS_io_uring_register, ring_fd, opcode, argument, count);
    return r < 0 ? -errno : static_cast<int>(r);
  }

  /// Calls prctl(PR_FUTEX_HASH, what, slots).
  static int futex_hash(unsigned long what, unsigned long slots) noexcept {
    int const r = ::prctl(uring_abi::pr_futex_hash, what, slots, 0UL, 0UL);
    return r < 0 ? -errno : r;
  }
  /// Returns whether a seccomp filter may be what answers system calls.
  static bool filtered() noexcept {
    // An error counts as one. A kernel without filters gives EINVAL, but so may a filter that answers prctl itself.
    return ::prctl(PR_GET_SECCOMP, 0UL, 0UL, 0UL, 0UL) != 0;
  }
  /// Returns whether the kernel's release is below `major`.`minor`.
  static bool older_than(long major, long minor) noexcept {
    utsname u{};
    if (::uname(&u) != 0) return false;
    char* end = u.release;
    long const first = std::strtol(end, &end, 10);
    long const second = *end == '.' ? std::strtol(end + 1, nullptr, 10) : 0;
    return first < major || (first == major && second < minor);
  }
  /// Makes a thread that does nothing, and joins it.
  static int make_a_thread() noexcept {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);  // so that no handler of the program runs there
    int r = 0;
    try {
      std::thread([] {}).join();
    } catch (std::system_error const& e) {
      r = -e.code().value();
    } catch (...) {
      r = -ENOMEM;
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return r;
  }

  static int event() noexcept {
    int const fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return fd >= 0 ? fd : -errno;
  }
  static void signal(int event_fd) noexcept {
    int const saved = errno;
    std::uint64_t const one = 1;
    // Fails only if the count would overflow, that is, after 2^64 - 2 signals.
    [[maybe_unused]] auto const written = ::write(event_fd, &one, sizeof one);
    errno = saved;
  }

 private:
  static int map(int fd, io_uring& ring, io_uring_params const& p) noexcept {
    if ((p.features & IORING_FEAT_SINGLE_MMAP) == 0) return -ENOTSUP;
    std::size_t const size = std::max(p.sq_off.array + p.sq_entries * sizeof(unsigned),
                                      p.cq_off.cqes + p.cq_entries * sizeof(io_uring_cqe));
    void* const queues = map(fd, size, IORING_OFF_SQ_RING);
    if (queues == MAP_FAILED) return -errno;
    void* const requests = map(fd, p.sq_entries * sizeof(io_uring_sqe), IORING_OFF_SQES);
    if (requests == MAP_FAILED) {
      int const error = errno;
      ::munmap(queues, size);
      return -error;
    }
    auto const at = [queues](std::size_t offset) {
      return reinterpret_cast<unsigned*>(static_cast<std::byte*>(queues) + offset);
    };
    ring = {};
    ring.sq.khead = at(p.sq_off.head);
    ring.sq.ktail = at(p.sq_off.tail);
    ring.sq.kflags = at(p.sq_off.flags);
    ring.sq.kdropped = at(p.sq_off.dropped);
    ring.sq.array = (p.flags & uring_abi::setup_no_sqarray) != 0 ? nullptr : at(p.sq_off.array);
    ring.sq.sqes = static_cast<io_uring_sqe*>(requests);
    ring.sq.ring_mask = *at(p.sq_off.ring_mask);
    ring.sq.ring_entries = *at(p.sq_off.ring_entries);
    ring.cq.khead = at(p.cq_off.head);
    ring.cq.ktail = at(p.cq_off.tail);
    ring.cq.koverflow = at(p.cq_off.overflow);
    ring.cq.cqes = reinterpret_cast<io_uring_cqe*>(at(p.cq_off.cqes));
    ring.cq.ring_mask = *at(p.cq_off.ring_mask);
    ring.cq.ring_entries = *at(p.cq_off.ring_entries);
    ring.sq.ring_ptr = ring.cq.ring_ptr = queues;
    ring.sq.ring_sz = ring.cq.ring_sz = size;
    ring.flags = p.flags;
    ring.features = p.features;
    ring.ring_fd = ring.enter_ring_fd = fd;
    return 0;
  }
  static void* map(int fd, std::size_t size, unsigned long long what) noexcept {
    return ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, static_cast<off_t>(what));
  }
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
