#include <surewake/core/platform/asymmetric_fence.hpp>
#include <surewake/core/platform/child.test.hpp>
#include <surewake/core/platform/emulator.test.hpp>

#include <doctest/doctest.h>

#if !defined(_WIN32)
#include <sys/syscall.h>

#include <cerrno>
#endif

#include <algorithm>
#include <vector>

namespace asymmetric_fence_test {

using surewake::asymmetric_fence_platform;
using namespace std::chrono_literals;

namespace {

/// Store buffering, without a meeting in each round. One thread counts its word up and notes, after the light fence,
/// what it reads of the other's; the other thread does so with the heavy fence. If the first read less than m after it
/// had written n, and the second less than n after it had written m, then each missed the other. Returns how often that
/// was, at most 99.
int missed_in_one_go() {
  std::atomic<int> light{0}, heavy{0};
  std::vector<int> light_saw(200'001), heavy_saw{0};
  std::atomic<int> ready{0};
  std::thread reader([&] {
    ready = 1;
    for (int n = 1; n != static_cast<int>(light_saw.size()); ++n) {
      light.store(n, std::memory_order_relaxed);
      asymmetric_fence_platform::light_fence();
      light_saw[static_cast<std::size_t>(n)] = heavy.load(std::memory_order_relaxed);
    }
    ready = 2;
  });
  while (ready == 0) std::this_thread::yield();
  for (int m = 1; ready == 1; ++m) {
    heavy.store(m, std::memory_order_relaxed);
    asymmetric_fence_platform::heavy_fence();
    heavy_saw.push_back(light.load(std::memory_order_relaxed));
  }
  reader.join();
  int misses = 0;
  for (std::size_t m = 1; m != heavy_saw.size(); ++m) {
    auto const n = static_cast<std::size_t>(heavy_saw[m]) + 1;
    misses += n < light_saw.size() && light_saw[n] < static_cast<int>(m);
  }
  return std::min(misses, 99);
}

int missed() {
  int misses = 0;
  for (int i = 0; i != 6 && misses == 0; ++i) misses = missed_in_one_go();
  return misses;
}

}  // namespace

#if defined(_WIN32)

TEST_CASE("under Wine, whose call does nothing, both are full fences; on Windows the call is asked for") {
  CHECK(asymmetric_fence_platform::fences_by_kernel() == !surewake::detail::windows::is_wine());
}

TEST_CASE("a light and a heavy fence order as two full fences, and so they do once full ones were asked for") {
  CHECK(missed() == 0);
  asymmetric_fence_platform::use_full_fences();
  CHECK_FALSE(asymmetric_fence_platform::fences_by_kernel());
  CHECK(missed() == 0);
}

#else

// Each in a process of its own, because what the kernel answered is kept for good.

using surewake::testing::forbid;
using surewake::testing::status_of;

TEST_CASE("a light and a heavy fence order as two full fences") {
  CHECK(status_of([] { return missed(); }) == 0);
}

TEST_CASE("both fences leave errno alone") {
  CHECK(status_of([] {
          errno = 47;
          asymmetric_fence_platform::light_fence();
          asymmetric_fence_platform::heavy_fence();
          return errno;
        }) == 47);
}

TEST_CASE("where the kernel refuses from the start, both are full fences, without a pause" *
          surewake::testing::forbids_calls) {
  CHECK(status_of([] {
          forbid(EPERM, {SYS_membarrier});
          auto const start = std::chrono::steady_clock::now();
          asymmetric_fence_platform::heavy_fence();
          if (asymmetric_fence_platform::fences_by_kernel()) return 3;
          return std::chrono::steady_clock::now() - start >= 10s ? 4 : missed();
        }) == 0);
}

TEST_CASE("a refusal that comes later is survived: full fences from then on, after a pause" *
          surewake::testing::forbids_calls) {
  CHECK(status_of([] {
          if (!asymmetric_fence_platform::fences_by_kernel()) return 0;  // this kernel has no membarrier to lose
          forbid(EPERM, {SYS_membarrier});
          auto const start = std::chrono::steady_clock::now();
          asymmetric_fence_platform::heavy_fence();
          if (std::chrono::steady_clock::now() - start < 10ms) return 3;
          return asymmetric_fence_platform::fences_by_kernel() ? 4 : missed();
        }) == 0);
}

TEST_CASE("full fences can be asked for, before the kernel was or after, and stay") {
  CHECK(status_of([] {
          asymmetric_fence_platform::use_full_fences();
          return asymmetric_fence_platform::fences_by_kernel() ? 100 : missed();
        }) == 0);
  CHECK(status_of([] {
          static_cast<void>(asymmetric_fence_platform::fences_by_kernel());
          asymmetric_fence_platform::use_full_fences();
          return asymmetric_fence_platform::fences_by_kernel() ? 100 : missed();
        }) == 0);
}

TEST_CASE("what exec() starts has its own answer from the kernel" * surewake::testing::execs_itself) {
  CHECK(status_of([] {
          static_cast<void>(asymmetric_fence_platform::fences_by_kernel());
          execl("/proc/self/exe", "after-exec", "--test-case=a light and a heavy fence*", nullptr);
          return 1;
        }) == 0);
}

TEST_CASE("a child of fork() keeps its fences") {
  CHECK(status_of([] {
          bool const before = asymmetric_fence_platform::fences_by_kernel();
          return status_of(
              [before] { return asymmetric_fence_platform::fences_by_kernel() == before ? missed() : 100; });
        }) == 0);
}

#endif

}  // namespace asymmetric_fence_test
