#include <surewake/core/platform/std_platform.hpp>

#include <doctest/doctest.h>

namespace std_platform_test {

using namespace surewake;
using namespace std::chrono_literals;
using P = std_platform;

TEST_CASE("a futex wait returns at once when the word has changed") {
  P::atomic<std::uint32_t> word{1};
  P::futex_wait(word, 0);
  CHECK(P::futex_wait_until(word, 0, P::now() + 1h));
}

TEST_CASE("a futex wait ends by a wake") {
  P::atomic<std::uint32_t> word{0};
  std::thread t([&] {
    while (word.load(P::acquire) == 0) P::futex_wait(word, 0);
  });
  std::this_thread::sleep_for(2ms);
  word.store(1, P::release);
  P::futex_wake(&word, 1);
  t.join();
  CHECK(word.load(P::relaxed) == 1);
}

TEST_CASE("a futex wait with a deadline says when that has passed, and not before") {
  P::atomic<std::uint32_t> word{0};
  auto const end = P::now() + 5ms;
  while (P::futex_wait_until(word, 0, end)) CHECK(P::now() < end + 10s);
  CHECK(P::now() >= end);
  CHECK_FALSE(P::futex_wait_until(word, 0, P::clock::time_point::min()));
  CHECK_FALSE(P::futex_wait_until(word, 0, P::clock::time_point()));
  CHECK_FALSE(P::futex_wait_until(word, 0, P::now()));
}

TEST_CASE("the longest deadline is one that the kernel takes") {
  P::atomic<std::uint32_t> word{0};
  bool in_time = false;
  std::thread t([&] {
    while (word.load(P::acquire) == 0) in_time = P::futex_wait_until(word, 0, P::clock::time_point::max());
  });
  std::this_thread::sleep_for(5ms);
  word.store(1, P::release);
  P::futex_wake(&word, 1);
  t.join();
  CHECK((in_time || word.load(P::relaxed) == 1));
}

TEST_CASE("a wake leaves errno alone, also where nothing is mapped") {
  errno = 4711;
  P::atomic<std::uint32_t> word{0};
  P::futex_wake(&word, 1);
  P::futex_wake(reinterpret_cast<P::atomic<std::uint32_t> const*>(0x10), 1);
  P::futex_wake(reinterpret_cast<P::atomic<std::uint32_t> const*>(0x11), 1);
  CHECK(errno == 4711);
}

TEST_CASE("spin ends with the value, or after about its limit") {
  P::atomic<std::uint32_t> word{0};
  auto const is_one = [](std::uint32_t v) { return v == 1; };
  CHECK_FALSE(P::spin(word, is_one, P::acquire, 0ns));
  CHECK_FALSE(P::spin(word, is_one, P::acquire, -1ns));
  auto const start = P::now();
  CHECK_FALSE(P::spin(word, is_one, P::acquire, 2ms));
  CHECK(P::now() - start >= 2ms);
  std::thread t([&] { word.store(1, P::release); });
  CHECK(P::spin(word, is_one, P::acquire, 20s));
  t.join();
  CHECK(P::spin(word, is_one, P::acquire, 0ns));
}

TEST_CASE("await returns the value it waited for, however long that takes") {
  P::atomic<std::uint32_t> word{0};
  std::thread t([&] {
    std::this_thread::sleep_for(5ms);
    word.store(7, P::release);
  });
  CHECK(P::await(word, [](std::uint32_t v) { return v != 0; }, P::acquire) == 7);
  t.join();
}

TEST_CASE("who steps back comes back although others never leave the word alone") {
  std::atomic<std::uint32_t> word{0};
  std::jthread const other([&](std::stop_token stop) {
    while (!stop.stop_requested()) word.fetch_add(1);
  });
  while (word.load() == 0) std::this_thread::yield();
  auto const before = std_platform::now();
  std_platform::backoff(word, 3);
  CHECK(std_platform::now() - before >= 1'500ns);
}

TEST_CASE("memory is aligned as asked") {
  for (unsigned const align : {1U, 8U, 16U, 64U, 4096U}) {
    void* const p = P::allocate(100, align);
    CHECK(reinterpret_cast<std::uintptr_t>(p) % align == 0);
    P::deallocate(p, 100, align);
  }
}

TEST_CASE("every thread has its own, value-initialised") {
  struct mine {
    int value;
  };
  CHECK(P::local<mine>().value == 0);
  P::local<mine>().value = 5;
  CHECK(&P::local<mine>() == &P::local<mine>());
  mine* others = nullptr;
  int seen = -1;
  std::thread([&] {
    others = &P::local<mine>();
    seen = others->value;
  }).join();
  CHECK(seen == 0);
  CHECK(P::local<mine>().value == 5);
}

TEST_CASE("plain data is exactly a T, and atomics are lock-free") {
  CHECK(sizeof(P::plain<char>) == 1);
  CHECK(sizeof(P::plain<std::int64_t>) == 8);
  CHECK(P::atomic<std::int64_t>::is_always_lock_free);
  CHECK(P::atomic<std::uint32_t>::is_always_lock_free);
  CHECK(P::atomic<void*>::is_always_lock_free);
  P::plain<int> p(3);
  p.set(4);
  CHECK(p.get() == 4);
}

}  // namespace std_platform_test
