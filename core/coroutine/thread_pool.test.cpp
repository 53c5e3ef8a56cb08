#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/core/coroutine/sync_wait.hpp>
#include <surewake/core/coroutine/thread_pool.hpp>

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <array>
#include <deque>
#include <fstream>
#include <memory>
#include <optional>
#include <random>
#include <system_error>

namespace thread_pool_test {

using namespace surewake;
using namespace std::chrono_literals;
using P = std_platform;
using flag = P::atomic<std::uint32_t>;
using clock_type = P::clock;

namespace {

void raise(flag& f) {
  f.store(1);
  f.notify_all();
}
void wait_for(flag const& f) { f.wait(0); }

struct counted_work : work<P> {
  explicit counted_work(P::atomic<std::int64_t>& n) : work<P>(&count), total(n) {}
  static void count(work<P>& w) noexcept {
    static_cast<counted_work&>(w).runs.fetch_add(1);
    static_cast<counted_work&>(w).total.fetch_add(1);
  }
  P::atomic<std::int64_t>& total;
  P::atomic<int> runs{0};
};

/// Occupies a worker from `running` until `release`.
struct blocker : work<P> {
  blocker() : work<P>(&block) {}
  static void block(work<P>& w) noexcept {
    blocker& self = static_cast<blocker&>(w);
    raise(self.running);
    wait_for(self.release);
  }
  flag running{0};
  flag release{0};
};

struct flag_timer : detail::timer {
  flag_timer() : timer([](detail::timer& t) noexcept { raise(static_cast<flag_timer&>(t).fired); }) {}
  flag fired{0};
};

}  // namespace

TEST_CASE("a pool of no threads, or of absurdly many, is an invalid_argument that names value and limit") {
  CHECK_THROWS_WITH_AS(thread_pool(0), "surewake: a thread pool of 0 threads; 1 to 4096 are possible",
                       std::invalid_argument);
  CHECK_THROWS_WITH_AS(thread_pool(4097), "surewake: a thread pool of 4097 threads; 1 to 4096 are possible",
                       std::invalid_argument);
  CHECK(thread_pool(3).threads() == 3);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("where the system refuses a thread the constructor throws, and those already started are joined") {
  auto const threads = [] {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
      if (word == "Threads:") return status >> word, std::stoi(word);
    }
    return -1;
  };
  int const before = threads();
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  statm >> pages;
  rlimit old{};
  REQUIRE(::getrlimit(RLIMIT_AS, &old) == 0);
  rlimit tight = old;
  // Room for some stacks, not for 1,000.
  tight.rlim_cur = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) + (256U << 20U);
  REQUIRE(::setrlimit(RLIMIT_AS, &tight) == 0);
  CHECK_THROWS_AS(thread_pool(1000), std::system_error);
  REQUIRE(::setrlimit(RLIMIT_AS, &old) == 0);
  CHECK(threads() == before);
}
#endif

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

TEST_CASE("a timer fires once, after its deadline, on a worker that was asleep") {
  thread_pool pool(2);
  for (int i = 0; i < 5; ++i) {
    flag_timer t;
    auto const due = clock_type::now() + 5ms;
    pool.arm(t, due);
    wait_for(t.fired);
    CHECK(clock_type::now() >= due);
    CHECK_FALSE(pool.disarm(t));
  }
}

TEST_CASE("a deadline that has passed fires at once, time_point::max() never, and neither disturbs the other") {
  thread_pool pool(2);
  flag_timer never;
  flag_timer past;
  flag_timer min;
  pool.arm(never, detail::timer::time_point::max());
  pool.arm(past, clock_type::now() - 1h);
  pool.arm(min, detail::timer::time_point::min());
  wait_for(past.fired);
  wait_for(min.fired);
  CHECK(never.fired.load() == 0);
  CHECK(pool.disarm(never));
  CHECK_FALSE(pool.disarm(never));
  CHECK_FALSE(pool.disarm(past));
  CHECK_FALSE(pool.disarm(min));
}

TEST_CASE("an earlier timer that is armed later fires first") {
  thread_pool pool(1);
  flag_timer late;
  flag_timer early;
  auto const start = clock_type::now();
  pool.arm(late, start + 1h);
  sync_wait(pool.schedule());  // the worker has seen the late one, and sleeps until then
  std::this_thread::sleep_for(2ms);
  pool.arm(early, start + 10ms);
  wait_for(early.fired);
  CHECK(clock_type::now() - start < 30min);
  CHECK_FALSE(pool.disarm(early));
  CHECK(pool.disarm(late));
}

TEST_CASE("a timer fires while the other worker is busy, whichever of them kept the timers") {
  std::deque<blocker> busy(20);
  thread_pool pool(2);
  for (blocker& b : busy) {
    flag_timer t;
    pool.arm(t, clock_type::now() + 2ms);
    std::this_thread::sleep_for(1ms);  // one sleeps as the keeper now
    pool.post(b);
    wait_for(b.running);
    wait_for(t.fired);
    CHECK_FALSE(pool.disarm(t));
    raise(b.release);
  }
}

TEST_CASE("a callback that takes its time does not hold up the next timer while a worker sleeps") {
  flag_timer second;
  struct waits_for_other : detail::timer {
    explicit waits_for_other(flag_timer& t) : detail::timer(&ring), other(t) {}
    static void ring(detail::timer& t) noexcept { wait_for(static_cast<waits_for_other&>(t).other.fired); }
    flag_timer& other;
  } first(second);
  thread_pool pool(2);
  std::this_thread::sleep_for(2ms);  // both sleep
  auto const now = clock_type::now();
  pool.arm(first, now + 3ms);
  pool.arm(second, now + 6ms);
  wait_for(second.fired);
  CHECK_FALSE(pool.disarm(first));
  CHECK_FALSE(pool.disarm(second));
}

TEST_CASE("disarm waits for a callback that runs on another thread, and not for its own") {
  thread_pool pool(2);
  struct slow : detail::timer {
    explicit slow(thread_pool& p) : detail::timer(&ring), pool(p) {}
    static void ring(detail::timer& t) noexcept {
      slow& self = static_cast<slow&>(t);
      self.own = self.pool.disarm(t);  // returns at once
      raise(self.entered);
      wait_for(self.go_on);
      std::this_thread::sleep_for(10ms);
      self.over = true;  // plain: disarm's return must make it visible
    }
    thread_pool& pool;
    flag entered{0};
    flag go_on{0};
    bool own = true;
    bool over = false;
  };
  for (int i = 0; i < 5; ++i) {
    slow t(pool);
    pool.arm(t, clock_type::now());
    wait_for(t.entered);
    raise(t.go_on);
    CHECK_FALSE(pool.disarm(t));
    CHECK(t.over);
    CHECK_FALSE(t.own);
  }
}

TEST_CASE("a callback may destroy its timer, and arm another one at the same place") {
  struct dies : detail::timer {
    dies(thread_pool& p, std::unique_ptr<dies>& h, flag& f) : detail::timer(&ring), pool(p), home(h), done(f) {}
    static void ring(detail::timer& t) noexcept {
      auto& self = static_cast<dies&>(t);
      flag& done = self.done;
      self.home.reset();
      raise(done);
    }
    thread_pool& pool;
    std::unique_ptr<dies>& home;
    flag& done;
  };
  std::deque<flag> flags(100);
  std::unique_ptr<dies> home;
  thread_pool pool(2);
  for (flag& done : flags) {
    home = std::make_unique<dies>(pool, home, done);
    pool.arm(*home, clock_type::now());
    wait_for(done);
  }
}

TEST_CASE("a callback may arm its own timer again") {
  thread_pool pool(1);
  struct periodic : detail::timer {
    explicit periodic(thread_pool& p) : detail::timer(&ring), pool(p) {}
    static void ring(detail::timer& t) noexcept {
      auto& self = static_cast<periodic&>(t);
      if (++self.times < 10) return self.pool.arm(t, clock_type::now() + 100us);
      raise(self.done);
    }
    thread_pool& pool;
    int times = 0;
    flag done{0};
  } t(pool);
  pool.arm(t, clock_type::now());
  wait_for(t.done);
  pool.disarm(t);
  CHECK(t.times == 10);
}

TEST_CASE("a timer is never early, however busy the pool is when it comes near") {
  struct punctual : detail::timer {
    punctual() : detail::timer(&ring) {}
    static void ring(detail::timer& t) noexcept {
      auto& self = static_cast<punctual&>(t);
      self.early = clock_type::now() < self.deadline();
      raise(self.fired);
    }
    flag fired{0};
    bool early = true;
  } t;
  thread_pool pool(1);
  pool.arm(t, clock_type::now() + 5ms);
  while (t.fired.load() == 0) sync_wait(pool.schedule());
  pool.disarm(t);
  CHECK_FALSE(t.early);
}

TEST_CASE("work wakes a worker that sleeps until a timer") {
  thread_pool pool(1);
  flag_timer far;
  pool.arm(far, clock_type::now() + 1h);
  std::this_thread::sleep_for(5ms);  // it keeps the timers now
  auto const start = clock_type::now();
  sync_wait(pool.schedule());
  CHECK(clock_type::now() - start < 30min);
  CHECK(pool.disarm(far));
}

TEST_CASE("posts and a timer that is far off: every post runs, whenever the only worker sleeps as the keeper") {
  thread_pool pool(1);
  flag_timer far;
  pool.arm(far, clock_type::now() + 1h);
  for (int i = 0; i < 4; ++i) {
    std::this_thread::sleep_for(2ms);  // it keeps the timers now
    sync_wait(pool.schedule());
    if (i == 2) {
      flag_timer near;
      pool.arm(near, clock_type::now() + 1ms);
      wait_for(near.fired);
      CHECK_FALSE(pool.disarm(near));
    }
  }
  CHECK(pool.disarm(far));
}

TEST_CASE("a timer fires in time although every worker is busy, and work that was posted does not run on its thread") {
  P::atomic<std::int64_t> total{0};
  counted_work waits(total);
  blocker busy[2];
  {
    thread_pool pool(2);
    for (blocker& b : busy) {
      pool.post(b);
      wait_for(b.running);
    }
    pool.post(waits);
    for (int i = 0; i < 3; ++i) {
      flag_timer t;
      pool.arm(t, clock_type::now() + 1ms);
      wait_for(t.fired);
      CHECK_FALSE(pool.disarm(t));
    }
    flag_timer later;
    pool.arm(later, clock_type::now() + 2ms);
    wait_for(later.fired);
    CHECK_FALSE(pool.disarm(later));
    CHECK(total.load() == 0);
    for (blocker& b : busy) raise(b.release);
  }
  CHECK(total.load() == 1);
}

TEST_CASE("no timer fires once the destructor has begun, even if it is due") {
  flag_timer due;
  struct slow : work<P> {
    slow() : work<P>([](work<P>& w) noexcept {
      raise(static_cast<slow&>(w).running);
      std::this_thread::sleep_for(30ms);
    }) {}
    flag running{0};
  } item;
  {
    thread_pool pool(1);
    pool.post(item);
    wait_for(item.running);
    pool.arm(due, clock_type::now() + 1ms);
  }
  CHECK(due.fired.load() == 0);
}

TEST_CASE("the destructor drops timers that are still armed") {
  std::deque<flag_timer> timers(100);
  {
    thread_pool pool(2);
    for (auto& t : timers) pool.arm(t, clock_type::now() + 1h);
  }
  for (auto& t : timers) {
    CHECK_FALSE(t.armed());
    CHECK(t.fired.load() == 0);
  }
}

TEST_CASE("a stream of due timers does not starve work, nor a stream of work the timers") {
  thread_pool pool(1);
  struct always_due : detail::timer {
    explicit always_due(thread_pool& p) : detail::timer(&ring), pool(p) {}
    static void ring(detail::timer& t) noexcept {
      auto& self = static_cast<always_due&>(t);
      if (self.stop.load() == 0) return self.pool.arm(t, clock_type::time_point::min());
      raise(self.done);
    }
    thread_pool& pool;
    flag stop{0};
    flag done{0};
  } t(pool);
  struct always_queued : work<P> {
    explicit always_queued(thread_pool& p) : work<P>(&again), pool(p) {}
    static void again(work<P>& w) noexcept {
      auto& self = static_cast<always_queued&>(w);
      if (self.stop.load() == 0) return self.pool.post(w);
      raise(self.done);
    }
    thread_pool& pool;
    flag stop{0};
    flag done{0};
  } w(pool);
  pool.arm(t, clock_type::now());
  pool.post(w);
  sync_wait(pool.schedule());
  flag_timer other;
  pool.arm(other, clock_type::now());
  // The other timer may never be first while one is always due earlier, so end that one first.
  raise(t.stop);
  wait_for(t.done);
  wait_for(other.fired);
  raise(w.stop);
  wait_for(w.done);
  sync_wait(pool.schedule());  // no thread is in w any more
  pool.disarm(t);
  pool.disarm(other);
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

TEST_CASE("stress: each timer that four threads arm and disarm fires or was disarmed, never both; then it is free") {
  thread_pool pool(4);
  P::atomic<std::int64_t> fired{0};
  P::atomic<std::int64_t> disarmed{0};
  P::atomic<std::int64_t> violations{0};
  struct counted_timer : detail::timer {
    explicit counted_timer(P::atomic<std::int64_t>& n) : detail::timer(&ring), total(n) {}
    static void ring(detail::timer& t) noexcept {
      auto& self = static_cast<counted_timer&>(t);
      ++self.mine;  // plain: a race if disarm returns too early
      self.total.fetch_add(1);
    }
    P::atomic<std::int64_t>& total;
    int mine = 0;
  };
  constexpr int rounds = 3'000;
  std::vector<std::thread> threads;
  for (unsigned id = 0; id < 4; ++id) {
    threads.emplace_back([&, id] {
      std::minstd_rand random(id + 1);
      for (int i = 0; i < rounds; ++i) {
        std::array<std::optional<counted_timer>, 4> batch;
        for (auto& t : batch) {
          t.emplace(fired);
          pool.arm(*t, clock_type::now() + std::chrono::microseconds{random() % 40});
        }
        for (auto spin = random() % 1000; spin > 0; --spin) P::relax();
        for (auto& t : batch) {
          bool const before = pool.disarm(*t);
          if (before) disarmed.fetch_add(1);
          if (t->mine != (before ? 0 : 1)) violations.fetch_add(1);
          t.reset();
        }
      }
    });
  }
  for (auto& t : threads) t.join();
  CHECK(fired.load() + disarmed.load() == 4 * 4 * rounds);
  CHECK(violations.load() == 0);
  CHECK(fired.load() > 0);
  CHECK(disarmed.load() > 0);
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
