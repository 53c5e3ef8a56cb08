// surewake/core/uring/faulty_kernel.test.hpp: the kernel, except for what a test says instead. Not installed.
#pragma once

#include <surewake/core/uring/loop.hpp>

#include <doctest/doctest.h>

#include <functional>

namespace surewake::testing {

/// The kernel, except for what a test says instead.
struct faulty_kernel : uring_kernel {
  static constexpr unsigned patience = 7;  // 6 ms

  struct call {
    unsigned submit, wait_for;
  };
  // Each answers 0 to let the call through, or minus an errno.
  static inline std::function<int(io_uring_params const&)> on_setup;
  static inline std::function<int(call)> on_enter;
  static inline int event_error = 0;
  static inline unsigned hidden_features = 0;
  static inline int misdirected_cancels = 0;  // that many name an operation that does not exist
  static inline unsigned added_flags = 0;     // that nobody asked for, as newer libraries add some
  static inline std::function<int(unsigned long, unsigned long)> on_futex_hash;
  static inline bool has_filter = false, is_old = false;
  static inline int thread_error = 0, threads_made = 0;

  static int setup(unsigned entries, io_uring& ring, io_uring_params& params) noexcept {
    int const r = on_setup ? on_setup(params) : 0;
    if (r != 0) return r;
    params.flags |= added_flags;
    int const made = uring_kernel::setup(entries, ring, params);
    ring.features &= ~hidden_features;
    return made;
  }
  static int futex_hash(unsigned long what, unsigned long slots) noexcept {
    return on_futex_hash ? on_futex_hash(what, slots) : uring_kernel::futex_hash(what, slots);
  }
  static bool filtered() noexcept { return has_filter; }
  static bool older_than(long, long) noexcept { return is_old; }
  static int make_a_thread() noexcept { return ++threads_made, thread_error; }
  static int enter(io_uring const& ring, unsigned submit, unsigned wait_for, unsigned flags, void* argument,
                   std::size_t size) noexcept {
    for (unsigned i = 1; i <= submit && misdirected_cancels > 0; ++i) {
      io_uring_sqe& s = ring.sq.sqes[(*ring.sq.ktail - i) & ring.sq.ring_mask];
      if (s.opcode != IORING_OP_ASYNC_CANCEL) continue;
      s.addr = ~std::uint64_t{0};
      --misdirected_cancels;
    }
    int const r = on_enter ? on_enter({submit, wait_for}) : 0;
    return r != 0 ? r : uring_kernel::enter(ring, submit, wait_for, flags, argument, size);
  }
  static int event() noexcept { return event_error != 0 ? event_error : uring_kernel::event(); }
};
using faulty_loop = basic_uring_loop<faulty_kernel>;

/// For one test; what it says ends with it.
struct faults {
  faults() = default;
  faults(faults const&) = delete;
  faults& operator=(faults const&) = delete;
  ~faults() {
    faulty_kernel::on_setup = nullptr;
    faulty_kernel::on_enter = nullptr;
    faulty_kernel::event_error = 0;
    faulty_kernel::hidden_features = 0;
    faulty_kernel::misdirected_cancels = 0;
    faulty_kernel::added_flags = 0;
    faulty_kernel::on_futex_hash = nullptr;
    faulty_kernel::has_filter = faulty_kernel::is_old = false;
    faulty_kernel::thread_error = faulty_kernel::threads_made = 0;
  }
  /// The next `times` system calls that submit something fail with `error`.
  static void refuse(int error, int times) {
    faulty_kernel::on_enter = [error, times](faulty_kernel::call c) mutable {
      return c.submit != 0 && times != 0 ? (--times, error) : 0;
    };
  }
};
inline constexpr int for_ever = -1;

struct counting_operation : uring_operation {
  counting_operation()
      : uring_operation([](work<std_platform>& w) noexcept { ++static_cast<counting_operation&>(w).calls; }) {}
  int calls = 0;
};

/// A read that is in the kernel, from a pipe into which nobody has written yet.
struct waiting_read : counting_operation {
  explicit waiting_read(faulty_loop& loop) {
    REQUIRE(::pipe(ends) == 0);
    ::io_uring_prep_read(&request(), ends[0], buffer, sizeof buffer, 0);
    loop.start(*this);
    loop.poll();
  }
  ~waiting_read() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  int ends[2];
  std::byte buffer[8];
};

}  // namespace surewake::testing
