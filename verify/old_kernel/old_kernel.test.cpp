// What is so on a kernel before 6.7, and nowhere else: run in the guest by verify/old_kernel/run, which says in
// SUREWAKE_IO_URING how io_uring answers there. The tests of the loop and of the strategies run beside it.
#include <surewake/core/semaphore/semaphore.hpp>
#include <surewake/core/coroutine/deadline_source.hpp>
#include <surewake/core/coroutine/when_all.hpp>
#include <surewake/queues/uring_futex.hpp>

#include <doctest/doctest.h>
#include <sys/utsname.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace surewake;
using namespace std::chrono_literals;

namespace {

std::string how_io_uring_answers() {
  char const* const said = std::getenv("SUREWAKE_IO_URING");
  return said == nullptr ? "not said: start this by verify/old_kernel/run" : said;
}

struct version {
  int major = 0, minor = 0;
  version() {
    utsname machine = {};
    REQUIRE(uname(&machine) == 0);
    REQUIRE(std::sscanf(machine.release, "%d.%d", &major, &minor) == 2);
  }
  [[nodiscard]] std::string name() const {
    return "kernel " + std::to_string(major) + "." + std::to_string(minor);
  }
};

}  // namespace

TEST_CASE("the kernel is one without futex operations in its rings") {
  version const v;
  CHECK(v.major * 1000 + v.minor < 6007);
}

TEST_CASE("the probe says what is missing, and why") {
  std::string const how = how_io_uring_answers();
  uring_support const& s = uring_support::probe();
  CHECK(!s.futex);
  CHECK(!s.futex_calls);
  if (how == "EPERM") {
    CHECK(!s.ring);
    CHECK(s.why == "io_uring_setup: EPERM (seccomp)");
  } else if (how == "ENOSYS") {
    CHECK(!s.ring);
    CHECK(s.why == "io_uring_setup: ENOSYS");
  } else {
    REQUIRE(how == "kernel");
    CHECK(s.ring);
    CHECK(s.waits == version().name() + ": one table for all processes");
    CHECK(s.why == version().name() + ": no IORING_OP_FUTEX_WAIT");
  }
}

TEST_CASE("a futex operation that is asked for all the same fails, and the loop goes on") {
  if (!uring_support::probe().ring) return;
  REQUIRE(!uring_support::probe().futex);
  uring_loop loop;
  std_platform::atomic<std::uint32_t> word{0};
  CHECK(loop.block_on(loop.futex_wait(word, 0)).error() == std::errc::invalid_argument);
  CHECK(loop.block_on(loop.futex_wake(word, 1)).error() == std::errc::invalid_argument);
  CHECK(loop.block_on(loop.nop()).has_value());
}

TEST_CASE("the strategy falls back and says so, and serves threads and a loop's coroutines, some of which give up") {
  using limiter = basic_semaphore<uring_futex>;
  CHECK(limiter::backend() == "intrusive_list: " + uring_support::probe().why);
  limiter s(2);
  std::atomic<int> inside{0}, granted{0}, given_up{0}, too_many{0};
  auto const use = [&](std::optional<limiter::permit> p) {
    ++(p ? granted : given_up);
    if (!p) return;
    if (inside.fetch_add(1) >= 2) ++too_many;
    std::this_thread::yield();
    --inside;
  };
  auto const visits = [&](uring_loop& loop) -> task<> {
    for (int i = 0; i < 20; ++i) {
      use(co_await s.acquire());
      co_await loop.sleep_for(20us);
      use(co_await s.acquire_for(100us));
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int k = 0; k < 3; ++k) {
      threads.emplace_back([&] {
        for (int i = 0; i < 100; ++i) {
          use(s.acquire_blocking());
          use(s.try_acquire_for(100us));
        }
      });
    }
    if (uring_support::probe().ring) {
      uring_loop loop;
      std::vector<task<>> tasks;
      for (int k = 0; k < 16; ++k) tasks.push_back(visits(loop));
      loop.block_on(when_all(std::move(tasks)));
    }
  }
  CHECK(too_many == 0);
  CHECK(granted + given_up == (uring_support::probe().ring ? 600 + 640 : 600));
  CHECK(s.available_permits() == 2);
  CHECK(s.waiters() == 0);
}
