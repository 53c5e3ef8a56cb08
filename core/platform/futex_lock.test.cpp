#include <surewake/core/platform/futex_lock.hpp>
#include <surewake/core/platform/lock.test.hpp>
#include <surewake/core/platform/std_platform.hpp>

#include <doctest/doctest.h>

#include <mutex>
#include <vector>

namespace futex_lock_test {

using namespace surewake;

TEST_CASE("a futex lock that is held cannot be had, and can be had once it is free") {
  testing::a_held_lock_cannot_be_had<futex_lock<std_platform>>();
}

TEST_CASE("a futex lock is four bytes") { CHECK(sizeof(futex_lock<std_platform>) == 4); }

TEST_CASE("one thread at a time is inside, and sees what the last one wrote") {
  testing::one_thread_at_a_time_is_inside<futex_lock<std_platform>>();
}

TEST_CASE("everybody who fell asleep waiting for the lock gets it, one after the other") {
  futex_lock<std_platform> l;
  l.lock();
  int inside = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      std::lock_guard const hold(l);
      ++inside;
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // far longer than the spin: they sleep
  CHECK(inside == 0);                                          // guarded by l, which we hold
  l.unlock();
  for (auto& t : threads) t.join();
  CHECK(inside == 3);
}

}  // namespace futex_lock_test
