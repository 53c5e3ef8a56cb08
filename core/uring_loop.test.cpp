#include <surewake/core/coroutines.test.hpp>
#include <surewake/core/uring_loop.hpp>
#include <surewake/core/uring_support.hpp>
#include <surewake/core/when_all.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;
using word = uring_loop::word;

static_assert(executor<uring_loop, std_platform>);

namespace {

bool const no_ring = !uring_support::probe().ring;
bool const no_futex = !uring_support::probe().futex;

/// A pipe; nobody writes to it unless told.
struct quiet_pipe {
  quiet_pipe() { REQUIRE(::pipe(ends) == 0); }
  ~quiet_pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  int ends[2];
};

struct counting_work : work<std_platform> {
  counting_work() : work<std_platform>([](work<std_platform>& w) noexcept { ++static_cast<counting_work&>(w).runs; }) {}
  int runs = 0;
};

}  // namespace

TEST_CASE("a file is opened, measured, read and closed" * doctest::skip(no_ring)) {
  uring_loop loop;
  auto const f = [](uring_loop& l) -> task<> {
    io_result const fd = co_await l.openat(AT_FDCWD, "/proc/self/exe", O_RDONLY);
    REQUIRE(fd);
    struct ::statx about {};
    io_result const measured = co_await l.statx(*fd, "", AT_EMPTY_PATH, STATX_SIZE, about);
    CHECK(measured.value() == 0);
    CHECK(about.stx_size > 1000);
    std::byte first[4];
    io_result const n = co_await l.read(*fd, first, 0);
    CHECK(*n == 4);
    CHECK(first[1] == std::byte{'E'});
    io_result const closed = co_await l.close(*fd);
    CHECK(closed.has_value());
    CHECK(::fcntl(*fd, F_GETFD) == -1);
  };
  loop.block_on(f(loop));
}

TEST_CASE("an ordinary error is a value, and throws only when asked for the number" * doctest::skip(no_ring)) {
  uring_loop loop;
  auto const f = [](uring_loop& l) -> task<> {
    io_result const fd = co_await l.openat(AT_FDCWD, "/nothing/of/that/name", O_RDONLY);
    CHECK(!fd);
    CHECK(fd.error() == std::errc::no_such_file_or_directory);
    CHECK_THROWS_AS(static_cast<void>(fd.value()), std::system_error);
  };
  loop.block_on(f(loop));
}

TEST_CASE("work that another thread posts wakes a loop that sleeps" * doctest::skip(no_ring)) {
  uring_loop loop;
  std::vector<counting_work> works(100);
  std::jthread poster([&] {
    for (counting_work& w : works) {
      std::this_thread::sleep_for(100us);
      loop.post(w);
    }
    loop.stop();
  });
  auto const forever = [](uring_loop& l) -> task<> { co_await l.sleep_for(1h); };
  auto const sleeper = [&]() -> plain { co_await forever(loop); }();
  loop.run();
  poster.join();
  for (counting_work const& w : works) CHECK(w.runs == 1);
}

TEST_CASE("a futex wait in the ring wakes by a ring's wake, by a thread's, and not for a value that differs" *
          doctest::skip(no_futex)) {
  uring_loop loop;
  word w{1};
  auto const waits = [&](std::uint32_t v) -> task<io_result> { co_return co_await loop.futex_wait(w, v); };
  CHECK(loop.block_on(waits(0)).error() == std::errc::resource_unavailable_try_again);
  auto const both = [&]() -> task<> {
    auto const wakes = [&]() -> task<> {
      co_await loop.nop();
      io_result const woken = co_await loop.futex_wake(w, 1);
      CHECK(*woken == 1);
    };
    auto const wait = [&]() -> task<> {
      io_result const r = co_await loop.futex_wait(w, 1);
      CHECK(r.has_value());
    };
    co_await when_all(wait(), wakes());
  };
  loop.block_on(both());
  std::jthread waker([&] {
    for (int i = 0; i < 1000; ++i) {
      std::this_thread::sleep_for(1ms);
      std_platform::futex_wake(&w, 1);
    }
  });
  CHECK(loop.block_on(waits(1)).has_value());
}
