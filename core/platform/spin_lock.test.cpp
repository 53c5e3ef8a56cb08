#include <surewake/core/platform/lock.test.hpp>
#include <surewake/core/platform/spin_lock.hpp>
#include <surewake/core/platform/std_platform.hpp>

#include <doctest/doctest.h>

#include <mutex>
#include <thread>

namespace spin_lock_test {

using namespace surewake;

TEST_CASE("a lock that is held cannot be had, and can be had once it is free") {
  testing::a_held_lock_cannot_be_had<spin_lock<std_platform>>();
}

TEST_CASE("one thread at a time is inside, and sees what the last one wrote") {
  testing::one_thread_at_a_time_is_inside<spin_lock<std_platform>>();
}

TEST_CASE("who waits for long gets the lock when its holder was asleep") {
  spin_lock<std_platform> l;
  l.lock();
  bool inside = false;
  std::thread t([&] {
    std::lock_guard const hold(l);
    inside = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK_FALSE(inside);  // guarded by l, which we hold
  l.unlock();
  t.join();
  CHECK(inside);
}

}  // namespace spin_lock_test
