// surewake/core/platform/lock.test.hpp: what the tests of every lock ask. Not installed.
#pragma once

#include <doctest/doctest.h>

#include <mutex>
#include <thread>
#include <vector>

#include <surewake/core/platform/macros_push.hpp>

namespace surewake::testing {

template <class Lock> void a_held_lock_cannot_be_had() SUREWAKE_WITHOUT_LOCK {  // clang cannot see that a CHECK has it
  Lock l;
  CHECK(l.try_lock());
  CHECK_FALSE(l.try_lock());
  bool had = true;
  std::thread([&] { had = l.try_lock(); }).join();
  CHECK_FALSE(had);
  l.unlock();
  CHECK(l.try_lock());
  l.unlock();
}

template <class Lock> void one_thread_at_a_time_is_inside() {
  Lock l;
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

}  // namespace surewake::testing

#include <surewake/core/platform/macros_pop.hpp>
