#include <surewake/core/futex_lock.hpp>
#include <surewake/core/std_platform.hpp>

#include <doctest/doctest.h>

#include <mutex>
#include <vector>

using namespace surewake;

TEST_CASE("a futex lock that is held cannot be had, and can be had once it is free") {
  futex_lock<std_platform> l;
  CHECK(l.try_lock());
  CHECK_FALSE(l.try_lock());
  bool had = true;
  std::thread([&] { had = l.try_lock(); }).join();
  CHECK_FALSE(had);
  l.unlock();
  CHECK(l.try_lock());
  l.unlock();
}

TEST_CASE("a futex lock is four bytes") { CHECK(sizeof(futex_lock<std_platform>) == 4); }

TEST_CASE("one thread at a time is inside, and sees what the last one wrote") {
  futex_lock<std_platform> l;
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
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // far beyond the spin: they sleep
  CHECK(inside == 0);                                          // guarded by l, which we hold
  l.unlock();
  for (auto& t : threads) t.join();
  CHECK(inside == 3);
}
