#include <surewake/core/coroutine/pool_work.test.hpp>
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/core/coroutine/sync_wait.hpp>
#include <surewake/core/coroutine/thread_pool.hpp>
#include <surewake/core/platform/emulator.test.hpp>
#include <surewake/core/platform/process.test.hpp>
#include <surewake/core/platform/sanitizers.test.hpp>

#include <doctest/doctest.h>

#include <array>
#include <deque>
#include <optional>
#include <system_error>
#include <vector>

namespace thread_pool_test {

using namespace surewake;
using namespace surewake::detail;
using namespace surewake::testing;
using namespace std::chrono_literals;
using P = std_platform;
using clock_type = P::clock;

TEST_CASE("a pool of no threads, or of absurdly many, is an invalid_argument that names value and limit") {
  CHECK_THROWS_WITH_AS(thread_pool(0), "surewake: a thread pool of 0 threads; 1 to 4096 are possible",
                       std::invalid_argument);
  CHECK_THROWS_WITH_AS(thread_pool(4097), "surewake: a thread pool of 4097 threads; 1 to 4096 are possible",
                       std::invalid_argument);
  CHECK(thread_pool(3).threads() == 3);
}

// A sanitizer maps more than the limit that the test sets.
TEST_CASE("where the system refuses a thread the constructor throws, and those already started are joined" *
          doctest::skip(testing::asan || testing::tsan || !testing::can_limit_memory) * testing::limits_memory) {
  long const before = testing::threads_of_process();
  {
    testing::little_memory const room_for_some_stacks;
    CHECK_THROWS_AS(thread_pool(1000), std::system_error);
  }
  CHECK(testing::threads_of_process() == before);
}

TEST_CASE("posted work runs once, on a worker, in the order of the posts") {
  std::vector<int> order;
  std::thread::id ran_on;
  struct item : work<P> {
    item(std::vector<int>& o, std::thread::id& t, int i) : work<P>(&write), log(o), thread(t), id(i) {}
    static void write(work<P>& w) noexcept {
      item& self = static_cast<item&>(w);
      self.log.push_back(self.id);
      self.thread = std::this_thread::get_id();
    }
    std::vector<int>& log;
    std::thread::id& thread;
    int id;
  };
  std::deque<item> items;
  {
    thread_pool pool(1);
    for (int i = 0; i < 100; ++i) pool.post(items.emplace_back(order, ran_on, i));
  }
  REQUIRE(order.size() == 100);
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(ran_on != std::this_thread::get_id());
}

TEST_CASE("the destructor runs what is still queued, and what that posts, before it returns") {
  P::atomic<std::int64_t> total{0};
  struct chain : work<P> {
    chain(thread_pool& p, P::atomic<std::int64_t>& n) : work<P>(&go_on), pool(p), total(n) {}
    static void go_on(work<P>& w) noexcept {
      chain& self = static_cast<chain&>(w);
      if (self.total.fetch_add(1) < 1000) self.pool.post(self);
    }
    thread_pool& pool;
    P::atomic<std::int64_t>& total;
  };
  blocker busy;
  std::optional<chain> c;
  {
    thread_pool pool(1);
    c.emplace(pool, total);
    pool.post(busy);
    wait_for(busy.running);
    pool.post(*c);
    raise(busy.release);
  }
  CHECK(total.load() == 1001);
}

TEST_CASE("all workers of a pool work at the same time") {
  std::array<blocker, 4> busy;
  thread_pool pool(4);
  for (auto& b : busy) pool.post(b);
  for (auto& b : busy) wait_for(b.running);
  for (auto& b : busy) raise(b.release);
}

TEST_CASE("withdraw says whether it came before the run") {
  P::atomic<std::int64_t> total{0};
  counted_work never_posted(total);
  counted_work first(total);
  counted_work second(total);
  counted_work third(total);
  blocker busy;
  {
    thread_pool pool(1);
    pool.post(busy);
    wait_for(busy.running);
    CHECK_FALSE(pool.withdraw(busy));  // it is running
    CHECK_FALSE(pool.withdraw(never_posted));
    pool.post(first);
    pool.post(second);
    pool.post(third);
    CHECK(pool.withdraw(second));
    CHECK_FALSE(pool.withdraw(second));
    raise(busy.release);
  }
  CHECK(first.runs.load() == 1);
  CHECK(second.runs.load() == 0);
  CHECK(third.runs.load() == 1);
}

TEST_CASE("what an item makes ready runs when the item is over, on the same worker, before that sleeps") {
  struct granted_work : work<P> {
    granted_work() : work<P>([](work<P>& w) noexcept { raise(static_cast<granted_work&>(w).ran); }) {}
    flag ran{0};
  } granted;
  struct granter : work<P> {
    explicit granter(granted_work& g) : work<P>(&grant), next(g) {}
    static void grant(work<P>& w) noexcept {
      granter& self = static_cast<granter&>(w);
      trampoline<P>::resume(self.next);
      self.nested = self.next.ran.load() != 0;
    }
    granted_work& next;
    bool nested = true;
  } g(granted);
  thread_pool pool(1);
  pool.post(g);
  wait_for(granted.ran);
  CHECK_FALSE(g.nested);
}

TEST_CASE("the shared pool is one, has a thread for each processor, and works") {
  thread_pool& pool = thread_pool::shared();
  CHECK(&pool == &thread_pool::shared());
  CHECK(pool.threads() >= 1);
  CHECK(pool.threads() == std::max(1U, std::thread::hardware_concurrency()));
  sync_wait(pool.sleep_for(1ms));
}

namespace {
/// Destroyed after main: uses the shared pool, which must still be there.
struct at_exit {
  ~at_exit() {
    flag_timer t;
    thread_pool::shared().arm(t, clock_type::now());
    wait_for(t.fired);
    thread_pool::shared().disarm(t);
  }
} const uses_the_shared_pool_after_main;
}  // namespace

TEST_CASE("stress: every item that four threads post runs once, or was withdrawn and does not run") {
  P::atomic<std::int64_t> total{0};
  constexpr int per_thread = 20'000;
  std::deque<counted_work> items;
  for (int i = 0; i < 4 * per_thread; ++i) items.emplace_back(total);
  P::atomic<std::int64_t> withdrawn{0};
  {
    thread_pool pool(4);
    std::vector<std::thread> posters;
    for (int t = 0; t < 4; ++t) {
      posters.emplace_back([&, t] {
        for (int i = 0; i < per_thread; ++i) {
          counted_work& w = items[static_cast<std::size_t>(t * per_thread + i)];
          pool.post(w);
          if (i % 3 == 0 && pool.withdraw(w)) {
            withdrawn.fetch_add(1);
            w.runs.fetch_add(1);
          }
        }
      });
    }
    for (auto& t : posters) t.join();
  }
  CHECK(total.load() + withdrawn.load() == 4 * per_thread);
  for (auto& w : items) REQUIRE(w.runs.load() == 1);
}

TEST_CASE("work that a worker posts runs on another one while the first is busy") {
  struct posts : work<P> {
    explicit posts(std::optional<thread_pool>& p) : work<P>(&go), pool(p) {}
    static void go(work<P>& w) noexcept {
      posts& self = static_cast<posts&>(w);
      self.pool->post(self.first);
      self.pool->post(self.second);
      for (blocker* const b : {&self.first, &self.second}) {
        wait_for(b->running);  // it can only run elsewhere
        raise(b->release);
      }
      raise(self.done);
    }
    std::optional<thread_pool>& pool;
    blocker first, second;
    flag done{0};
  };
  std::deque<posts> all;
  std::optional<thread_pool> pool(std::in_place, 2U);
  for (int i = 0; i < 20; ++i) {
    posts& w = all.emplace_back(pool);
    if (i % 2 == 0) std::this_thread::sleep_for(1ms);  // both sleep
    pool->post(w);
    wait_for(w.done);
  }
  pool.reset();
}

TEST_CASE("work that waits in a busy worker's shard runs although the other worker is never out of work") {
  thread_pool pool(2);
  P::atomic<std::int64_t> total{0};
  counted_work waits(total);
  struct posts_and_blocks : blocker {
    posts_and_blocks(thread_pool& p, work<P>& w) : pool(p), other(w) { set_action(&go); }
    static void go(work<P>& w) noexcept {
      auto& self = static_cast<posts_and_blocks&>(w);
      self.pool.post(self.other);
      block(w);
    }
    thread_pool& pool;
    work<P>& other;
  } busy(pool, waits);
  struct endless : work<P> {
    explicit endless(thread_pool& p) : work<P>(&again), pool(p) {}
    static void again(work<P>& w) noexcept {
      auto& self = static_cast<endless&>(w);
      if (self.stop.load() == 0) return self.pool.post(w);
      raise(self.done);
    }
    thread_pool& pool;
    flag stop{0}, done{0};
  } first(pool), second(pool);
  pool.post(first);
  pool.post(second);
  pool.post(busy);
  auto const limit = clock_type::now() + 20s;
  while (total.load() == 0 && clock_type::now() < limit) P::yield();
  CHECK(total.load() == 1);
  raise(first.stop);
  raise(second.stop);
  raise(busy.release);
  wait_for(first.done);
  wait_for(second.done);
}

TEST_CASE("stress: coroutines hop between two pools and sleep, and all arrive") {
  P::atomic<std::int64_t> left{200};
  flag done{0};
  thread_pool one(2);
  thread_pool two(2);
  auto const walk = [](thread_pool& a, thread_pool& b, P::atomic<std::int64_t>& n, flag& f, int seed) -> task<> {
    for (int i = 0; i < 50; ++i) {
      co_await a.schedule();
      if ((i + seed) % 7 == 0) co_await b.sleep_for(std::chrono::microseconds{seed});
      co_await b.schedule();
    }
    if (n.fetch_sub(1) == 1) raise(f);
  };
  for (int i = 0; i < 200; ++i) start_detached(walk(one, two, left, done, i));
  wait_for(done);
  CHECK(left.load() == 0);
}

}  // namespace thread_pool_test
