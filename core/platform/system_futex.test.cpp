#include <surewake/core/platform/system_futex.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace system_futex_test {

using surewake::detail::system_futex;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

TEST_CASE("a word that has another value is not waited for") {
  std::atomic<std::uint32_t> const word{1};
  system_futex::wait(word, 0);
  CHECK(system_futex::wait_until(word, 0, clock::now() + 1h));
}

TEST_CASE("a wait with a deadline ends at it, not before, and at once where it has passed") {
  std::atomic<std::uint32_t> const word{0};
  auto const deadline = clock::now() + 5ms;
  while (system_futex::wait_until(word, 0, deadline)) {}
  CHECK(clock::now() >= deadline);
  CHECK_FALSE(system_futex::wait_until(word, 0, clock::now() - 1h));
  CHECK_FALSE(system_futex::wait_until(word, 0, clock::time_point::min()));
}

TEST_CASE("a wake ends a sleep, one of several and all of them") {
  for (int const at_once : {1, 3}) {
    std::atomic<std::uint32_t> word{0};
    std::atomic<int> awake{0};
    {
      std::vector<std::jthread> sleepers;
      for (int i = 0; i < 3; ++i) {
        sleepers.emplace_back([&] {
          while (word == 0) system_futex::wait(word, 0);
          ++awake;
        });
      }
      std::this_thread::sleep_for(5ms);
      word = 1;
      for (int woken = 0; woken < 3; woken += at_once) system_futex::wake(&word, at_once);
    }
    CHECK(awake == 3);
  }
}

TEST_CASE("a nap lets time pass") {
  auto const begin = clock::now();
  system_futex::nap();
  CHECK(clock::now() > begin);
}

}  // namespace system_futex_test
