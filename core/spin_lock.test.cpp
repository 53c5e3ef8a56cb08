#include <surewake/core/spin_lock.hpp>
#include <surewake/core/std_platform.hpp>

#include <doctest/doctest.h>

#include <mutex>
#include <vector>

using namespace surewake;

TEST_CASE("a lock that is held cannot be had, and can be had once it is free") {
  spin_lock<std_platform> l;
  CHECK(l.try_lock());
  CHECK_FALSE(l.try_lock());
  bool had = true;
  std::thread([&] { had = l.try_lock(); }).join();
  CHECK_FALSE(had);
  l.unlock();
  CHECK(l.try_lock());
  l.unlock();
}

TEST_CASE("one thread at a time is inside, and sees what the last one wrote") {
  spin_lock<std_platform> l;
  long plain = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20'000; ++i) {
        std::lock_guard const hold(l);
        ++plain;
      }
    });
  }
  for (auto& t : threads) t.join();
  CHECK(plain == 80'000);
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
