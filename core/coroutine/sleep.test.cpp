#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/coroutine/sync_wait.hpp>
#include <surewake/core/coroutine/thread_pool.hpp>
#include <surewake/core/coroutine/when_all.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace sleep_test {

using namespace surewake;
using namespace std::chrono_literals;
using clock_type = std_platform::clock;

namespace {

using testing::plain;

plain nap(thread_pool& p, clock_type::duration d, std_platform::atomic<std::uint32_t>& woken) {
  co_await p.sleep_for(d);
  woken.fetch_add(1);
}

}  // namespace

TEST_CASE("sleep_for and sleep_until wake on a worker, not before their time") {
  thread_pool pool(1);
  auto const f = [](thread_pool& p) -> task<std::thread::id> {
    auto const start = clock_type::now();
    co_await p.sleep_for(15ms);
    CHECK(clock_type::now() - start >= 15ms);
    co_await p.sleep_until(clock_type::now() + 5ms);
    CHECK(clock_type::now() - start >= 20ms);
    auto const by_the_wall = std::chrono::system_clock::now();
    co_await p.sleep_until(by_the_wall + 5ms);
    co_return std::this_thread::get_id();
  };
  CHECK(sync_wait(f(pool)) != std::this_thread::get_id());
}

TEST_CASE("a moment that has passed, or no time at all, wakes at once") {
  thread_pool pool(1);
  auto const f = [](thread_pool& p) -> task<> {
    co_await p.sleep_for(0s);
    co_await p.sleep_for(-1h);
    co_await p.sleep_for(std::chrono::hours::min());
    co_await p.sleep_until(clock_type::time_point::min());
  };
  auto const start = clock_type::now();
  sync_wait(f(pool));
  CHECK(clock_type::now() - start < 5s);
}

TEST_CASE("sleepers wake in the order of their deadlines") {
  thread_pool pool(1);
  std::vector<int> order;
  auto const f = [](thread_pool& p, std::vector<int>& o, int i) -> task<> {
    co_await p.sleep_for(i * 10ms);
    o.push_back(i);
  };
  sync_wait(when_all(f(pool, order, 3), f(pool, order, 1), f(pool, order, 2)));
  CHECK(order == std::vector{1, 2, 3});
}

TEST_CASE("a sleeper for ever does not keep others from waking, and can be dropped") {
  thread_pool pool(2);
  std_platform::atomic<std::uint32_t> woken{0};
  {
    plain const forever = nap(pool, clock_type::duration::max(), woken);
    sync_wait(pool.sleep_for(std::chrono::milliseconds{5}));
    CHECK(woken.load() == 0);
  }
  sync_wait(pool.sleep_for(1ms));
  CHECK(woken.load() == 0);
}

TEST_CASE("a sleeper whose time has come, but whom the pool has not resumed yet, can be dropped") {
  struct blocker : work<std_platform> {
    blocker() : work<std_platform>(&block) {}
    static void block(work<std_platform>& w) noexcept {
      blocker& self = static_cast<blocker&>(w);
      self.running.store(1);
      self.running.notify_all();
      self.held.wait(1);
    }
    void release() {
      held.store(0);
      held.notify_all();
    }
    std_platform::atomic<std::uint32_t> held{1};
    std_platform::atomic<std::uint32_t> running{0};
  } first, second;
  std_platform::atomic<std::uint32_t> woken{0};
  thread_pool pool(1);
  pool.post(first);
  first.running.wait(0);
  pool.post(second);
  {
    plain const p = nap(pool, 0s, woken);
    first.release();
    second.running.wait(0);  // the timer has fired before, and posted the coroutine after this one
  }
  second.release();
  sync_wait(pool.schedule());
  CHECK(woken.load() == 0);
}

TEST_CASE("a sleeper that is dropped never wakes, also when its time comes just then") {
  // One worker, which is kept busy while the time passes: the timer fires or the drop comes first, the wake never runs.
  thread_pool pool(1);
  std_platform::atomic<std::uint32_t> woken{0};
  struct blocker : work<std_platform> {
    blocker() : work<std_platform>(&block) {}
    static void block(work<std_platform>& w) noexcept {
      blocker& self = static_cast<blocker&>(w);
      self.running.store(1);
      self.running.notify_all();
      self.held.wait(1);
    }
    std_platform::atomic<std::uint32_t> held{1};
    std_platform::atomic<std::uint32_t> running{0};
  };
  for (int i = 0; i < 100; ++i) {
    blocker busy;
    pool.post(busy);
    busy.running.wait(0);
    { plain const p = nap(pool, std::chrono::microseconds{i}, woken); }
    busy.held.store(0);
    busy.held.notify_all();
    sync_wait(pool.schedule());
  }
  CHECK(woken.load() == 0);
}

}  // namespace sleep_test
