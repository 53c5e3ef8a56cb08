// What a loop does when the kernel refuses, as it does under memory pressure, and when it has less to offer.
#include <surewake/core/uring/open_descriptors.test.hpp>
#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/uring/loop.hpp>
#include <surewake/core/uring/support.hpp>

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <deque>
#include <filesystem>
#include <functional>
#include <thread>

namespace faults_test {

using namespace surewake;
using testing::open_descriptors;
using namespace surewake::testing;
using namespace std::chrono_literals;

namespace {

bool const no_ring = !uring_support::probe().ring;
bool const no_futex = !uring_support::probe().futex;

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
constexpr int for_ever = -1;

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

/// Whether `f` ends its process with SIGABRT; in a child that has no ring of its parent's.
template <class F> bool aborts(F f) {
  pid_t const child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::signal(SIGABRT, SIG_DFL);
    ::close(2);
    f();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

}  // namespace

TEST_CASE("a system call that is interrupted is made again" * doctest::skip(no_ring)) {
  faults const f;
  faulty_loop loop;
  int left = 5;
  faulty_kernel::on_enter = [&](auto) { return left-- > 0 ? -EINTR : 0; };
  CHECK(loop.block_on(loop.nop()).has_value());
  CHECK(loop.counters().interrupted == 5);
}

TEST_CASE("requests that the kernel refuses for a while get through later" * doctest::skip(no_ring)) {
  for (int const error : {-EAGAIN, -ENOMEM, -EBUSY}) {
    faults const f;
    faulty_loop loop;
    faults::refuse(error, 6);
    CHECK(loop.block_on(loop.nop()).has_value());
    CHECK(loop.counters().refused == 6);
    CHECK(loop.counters().given_back == 0);
  }
}

TEST_CASE("a refusal does not keep completions and timers from coming" * doctest::skip(no_ring)) {
  faults const f;
  faulty_loop loop;
  waiting_read const reads(loop);
  faults::refuse(-EAGAIN, 7);
  REQUIRE(::write(reads.ends[1], "x", 1) == 1);
  auto const start = std_platform::now();
  CHECK(loop.block_on(loop.nop()).has_value());
  CHECK(std_platform::now() - start < 5s);
  CHECK(reads.calls == 1);
}

TEST_CASE("requests that the kernel refuses for good come back with its error, and the loop goes on" *
          doctest::skip(no_ring)) {
  faults const f;
  faulty_loop loop({.entries = 4});
  faults::refuse(-ENOMEM, for_ever);
  auto const start = std_platform::now();
  CHECK(loop.block_on(loop.nop()).error() == std::errc::not_enough_memory);
  auto const took = std_platform::now() - start;
  CHECK(took >= 6ms);
  std::deque<counting_operation> ops(10);  // more than the queue holds
  for (counting_operation& op : ops) {
    ::io_uring_prep_nop(&op.request());
    loop.start(op);
  }
  loop.run();
  for (counting_operation const& op : ops) {
    CHECK(op.calls == 1);
    CHECK(op.result() == -ENOMEM);
  }
  CHECK(loop.counters().given_back >= 11);
  CHECK(loop.block_on(loop.sleep_for(1ms)).has_value());  // asks nothing of the kernel
  faulty_kernel::on_enter = nullptr;
  CHECK(loop.block_on(loop.nop()).has_value());
}

TEST_CASE("where no call gets through, not even one that only waits, the loop does not spin" * doctest::skip(no_ring)) {
  faults const f;
  faulty_loop loop;
  int calls = 0;
  faulty_kernel::on_enter = [&](auto) { return ++calls, -ENOMEM; };
  auto const start = std_platform::now();
  CHECK(loop.block_on(loop.nop()).error() == std::errc::not_enough_memory);
  CHECK(calls < 100);
  CHECK(std_platform::now() - start >= 6ms);
}

TEST_CASE("a futex wake that the kernel would not take is made by a system call" * doctest::skip(no_futex)) {
  faults const f;
  faulty_loop loop;
  std_platform::atomic<std::uint32_t> w{0};
  std::jthread sleeper([&] {
    while (w.load() == 0) std_platform::futex_wait(w, 0);
  });
  std::this_thread::sleep_for(5ms);
  faults::refuse(-EAGAIN, for_ever);
  w.store(1);
  loop.wake_later(&w, 1);
  loop.flush();
  sleeper.join();
  CHECK(loop.counters().given_back >= 1);
}

TEST_CASE("a cancellation that the kernel would not take is sent again" * doctest::skip(no_ring)) {
  for (bool const at_once : {false, true}) {
    faults const f;
    faulty_loop loop;
    waiting_read reads(loop);
    faults::refuse(-EAGAIN, 8);  // one more than is borne: the first cancellation is given back
    if (at_once) {
      CHECK(loop.cancel_now(reads) == -ECANCELED);
    } else {
      loop.cancel(reads);
      loop.run();
      CHECK(reads.calls == 1);
      CHECK(reads.result() == -ECANCELED);
    }
    CHECK(loop.counters().given_back >= 1);
  }
}

TEST_CASE("a cancellation that the kernel finds nothing for is sent again while its operation is in flight" *
          doctest::skip(no_ring)) {
  for (bool const at_once : {false, true}) {
    faults const f;
    faulty_loop loop;
    waiting_read reads(loop);
    faulty_kernel::misdirected_cancels = 3;
    if (at_once) {
      CHECK(loop.cancel_now(reads) == -ECANCELED);
    } else {
      loop.cancel(reads);
      loop.run();
      CHECK(reads.calls == 1);
      CHECK(reads.result() == -ECANCELED);
    }
    CHECK(faulty_kernel::misdirected_cancels == 0);
  }
}

TEST_CASE("a post wakes the loop although the kernel once refused to watch for it" * doctest::skip(no_ring)) {
  faults const f;
  faulty_loop loop;
  faults::refuse(-ENOMEM, 8);  // the first that the loop submits is the poll of its event
  auto const stays = [&]() -> plain { co_await loop.sleep_for(1h); };
  plain const p = stays();
  std::jthread const stopper([&] {
    std::this_thread::sleep_for(50ms);
    loop.stop();
  });
  loop.run();
  CHECK(loop.counters().given_back >= 1);
}

TEST_CASE("lost completions end the process: nobody could say whose they were" * doctest::skip(no_ring)) {
  CHECK(aborts([] {
    faulty_loop loop;
    faulty_kernel::on_enter = [](auto) { return -EBADR; };
    static_cast<void>(loop.block_on(loop.nop()));
  }));
}

TEST_CASE("a setup that fails says why, and leaves nothing behind" * doctest::skip(no_ring)) {
  std::ptrdiff_t const before = open_descriptors();
  for (int const error : {EPERM, ENOSYS, EMFILE, ENOMEM}) {
    faults const f;
    faulty_kernel::on_setup = [error](auto const&) { return -error; };
    try {
      faulty_loop loop;
      CHECK(false);
    } catch (std::system_error const& e) {
      CHECK(e.code() == std::error_code(error, std::system_category()));
    }
    uring_support const s = uring_support::look<faulty_kernel>();
    CHECK(!s.ring);
    CHECK(!s.futex);
    CHECK(s.why.starts_with("io_uring_setup: E"));
  }
  {
    faults const f;
    faulty_kernel::event_error = -EMFILE;
    CHECK_THROWS_AS(faulty_loop loop, std::system_error);
  }
  {
    faults const f;
    faulty_kernel::hidden_features = IORING_FEAT_EXT_ARG;
    CHECK_THROWS_AS(faulty_loop loop, std::system_error);
    CHECK(uring_support::look<faulty_kernel>().why.find(": no multishot poll") != std::string::npos);
  }
  CHECK(faulty_loop::current() == nullptr);
  CHECK(open_descriptors() == before);
}

TEST_CASE("a kernel that does not know the newest flags gets older ones, and the loop works the same" *
          doctest::skip(no_ring)) {
  struct level {
    unsigned unknown, expected;
  };
  constexpr unsigned all = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_COOP_TASKRUN;
  for (level const l :
       {level{IORING_SETUP_DEFER_TASKRUN, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN},
        level{IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER, IORING_SETUP_COOP_TASKRUN}, level{all, 0}}) {
    faults const f;
    faulty_kernel::on_setup = [&](io_uring_params const& p) { return (p.flags & l.unknown) != 0 ? -EINVAL : 0; };
    faulty_kernel::hidden_features = l.expected == 0 ? IORING_FEAT_CQE_SKIP : 0;
    faulty_loop loop({.entries = 4, .completions = 8});
    CHECK((loop.ring().setup_flags() & all) == l.expected);
    auto const reads = [](faulty_loop& on) -> task<int> {
      io_result const fd = co_await on.openat(AT_FDCWD, "/proc/self/exe", O_RDONLY);
      std::byte b[100];
      io_result const n = co_await on.read(*fd, b, 0);
      co_await on.close(*fd);
      co_return n.value();
    };
    CHECK(loop.block_on(reads(loop)) == 100);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    std::deque<counting_operation> ops(100);
    std::byte b[8];
    for (counting_operation& op : ops) {
      ::io_uring_prep_read(&op.request(), ends[0], b, sizeof b, 0);
      loop.start(op);
    }
    CHECK(loop.cancel_now(ops[0]) == -ECANCELED);
    loop.cancel(ops[1]);
    loop.poll();  // the kernel has it before the other end closes
    std::jthread const writer([&] {
      std::this_thread::sleep_for(2ms);
      ::close(ends[1]);
    });
    loop.run();
    for (std::size_t i = 0; i < ops.size(); ++i) {
      CHECK(ops[i].calls == (i == 0 ? 0 : 1));
      CHECK(ops[i].result() == (i < 2 ? -ECANCELED : 0));
    }
    auto const stays = [&]() -> plain { co_await loop.sleep_for(1h); };
    plain const p = stays();
    std::jthread const stopper([&] {
      std::this_thread::sleep_for(2ms);
      loop.stop();
    });
    loop.run();
    ::close(ends[0]);
  }
}

TEST_CASE("a ring without an index array, as newer libraries make it, works the same" * doctest::skip(no_ring)) {
  faults const f;
  faulty_kernel::added_flags = uring_abi::setup_no_sqarray;  // liburing 2.6 and later, if the kernel has it: 6.6
  faulty_kernel::on_setup = [](io_uring_params const& p) {
    io_uring_params probe = p;
    probe.flags |= uring_abi::setup_no_sqarray;
    io_uring ring{};
    int const r = uring_kernel::setup(4, ring, probe);
    if (r == 0) uring_kernel::teardown(ring);
    if (r == -EINVAL) faulty_kernel::added_flags = 0;
    return 0;
  };
  faulty_loop loop({.entries = 4});
  for (int i = 0; i != 20; ++i) CHECK(loop.block_on(loop.nop()).has_value());
  waiting_read reads(loop);
  CHECK(loop.cancel_now(reads) == -ECANCELED);
}

TEST_CASE("what a ring does for the futex waits of its process follows what the kernel says" *
          doctest::skip(no_ring)) {
  struct answer {
    int get, set;
    bool filter, old;
    futex_table expected;
    int threads;
  };
  for (answer const& a : {answer{16, -EIO, false, false, futex_table::present, 0},
                          answer{0, 0, false, false, futex_table::made, 0},
                          answer{0, -EBUSY, false, false, futex_table::fixed, 0},
                          answer{0, -ENOMEM, false, false, futex_table::by_thread, 1},
                          answer{-EINVAL, -EINVAL, false, false, futex_table::none, 0},
                          answer{-EINVAL, -EINVAL, false, true, futex_table::none, 0},
                          answer{-EINVAL, -EINVAL, true, true, futex_table::none, 0},
                          answer{-EINVAL, -EINVAL, true, false, futex_table::by_thread, 1},
                          answer{-EPERM, -EPERM, true, false, futex_table::by_thread, 1},
                          answer{-ENOSYS, -ENOSYS, true, true, futex_table::by_thread, 1}}) {
    faults const f;
    faulty_kernel::has_filter = a.filter;
    faulty_kernel::is_old = a.old;
    faulty_kernel::on_futex_hash = [&](unsigned long what, unsigned long slots) {
      if (what == uring_abi::futex_hash_get_slots) return a.get;
      CHECK(std::has_single_bit(slots));
      CHECK(slots >= 16);
      return a.set;
    };
    CHECK(faulty_loop().ring().table() == a.expected);
    CHECK(faulty_kernel::threads_made == a.threads);
    faulty_kernel::thread_error = -EAGAIN;
    if (a.threads == 0) {
      CHECK_NOTHROW(faulty_loop());
    } else {
      CHECK_THROWS_AS(faulty_loop(), std::system_error);
    }
  }
}

}  // namespace faults_test
