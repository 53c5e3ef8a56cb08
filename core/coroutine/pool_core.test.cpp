// The pool's threads, work and timers, mostly as its owner has them; and what is left of it when that has gone.
#include <surewake/core/coroutine/pool_work.test.hpp>
#include <surewake/core/coroutine/sync_wait.hpp>
#include <surewake/core/coroutine/thread_pool.hpp>

#include <doctest/doctest.h>

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <vector>

namespace pool_core_test {

using namespace surewake;
using namespace surewake::detail;
using namespace surewake::testing;
using namespace std::chrono_literals;
using P = std_platform;
using clock_type = P::clock;

namespace {

/// Fires also when the pool ends before its time has come.
struct last_timer : timer {
  last_timer() : timer(&ring, at_end::fires) {}
  static void ring(timer& t) noexcept {
    auto& self = static_cast<last_timer&>(t);
    self.was_early = self.early();
    ++self.fired;
  }
  std::atomic<int> fired{0};
  bool was_early = false;
};

}  // namespace

TEST_CASE("a core lasts until its last waiter leaves; once it has ended it takes no work and no timer") {
  pool_core* const core = pool_core::make(1, 1);
  home<P>& h = *core;
  h.enter();
  CHECK(h.timers() == core);
  core->end();  // the waiter keeps it
  P::atomic<std::int64_t> total{0};
  counted_work w(total);
  CHECK_FALSE(h.post(w));
  CHECK_FALSE(h.withdraw(w));
  CHECK(h.timers() == nullptr);
  flag_timer t;
  core->arm(t, timer::time_point::min());
  CHECK_FALSE(t.armed());
  CHECK_FALSE(core->disarm(t));
  CHECK(total.load() == 0);
  h.leave_shared();  // and it is gone
}

TEST_CASE("a timer that fires at the end fires early then, once, and one that is armed later at once") {
  last_timer due, far, later;
  flag_timer dropped;
  pool_core* const core = pool_core::make(1, 1);
  core->arm(due, clock_type::now());
  while (due.fired == 0) std::this_thread::yield();
  CHECK_FALSE(due.was_early);
  core->arm(far, clock_type::now() + 1h);
  core->arm(dropped, clock_type::now() + 1h);
  static pool_core* at = nullptr;
  static last_timer* too = nullptr;
  at = core;
  too = &later;
  struct arms_another : work<P> {
    arms_another() : work<P>([](work<P>&) noexcept {
      std::this_thread::sleep_for(5ms);  // the pool ends meanwhile
      at->arm(*too, clock_type::now() + 1h);
    }) {}
  } item;
  core->post_here(item);
  core->end();
  CHECK((far.fired == 1 && far.was_early));
  CHECK((later.fired == 1 && later.was_early));
  CHECK(due.fired == 1);
  CHECK((dropped.fired.load() == 0 && !dropped.armed()));
}

TEST_CASE("a timer that is armed while every thread is busy starts another thread, if there may be one more") {
  pool_core* const core = pool_core::make(1, 2);
  struct blocking_timer : timer {
    blocking_timer() : timer([](timer& t) noexcept {
      raise(static_cast<blocking_timer&>(t).running);
      wait_for(static_cast<blocking_timer&>(t).release);
    }) {}
    flag running{0}, release{0};
  } first, second;
  blocker busy;
  flag_timer late;
  core->post_here(busy);
  wait_for(busy.running);
  core->arm(first, clock_type::now());  // on the thread for timers
  wait_for(first.running);
  core->arm(second, clock_type::now());
  auto const limit = clock_type::now() + 20s;
  while (second.running.load() == 0 && clock_type::now() < limit) std::this_thread::sleep_for(100us);
  CHECK(second.running.load() == 1);
  core->arm(late, clock_type::now());
  std::this_thread::sleep_for(2ms);
  CHECK(late.fired.load() == 0);  // there may be no more
  raise(second.release);
  wait_for(late.fired);
  raise(first.release);
  raise(busy.release);
  for (timer* const t : {static_cast<timer*>(&first), static_cast<timer*>(&second), static_cast<timer*>(&late)}) {
    core->disarm(*t);
  }
  core->end();
}

TEST_CASE("what a worker runs lives at the pool, what a timer resumes does not") {
  pool_core* const core = pool_core::make(1, 1);
  static home<P>* seen_by_work;
  static home<P>* seen_by_timer;
  struct looks : work<P> {
    looks() : work<P>([](work<P>& w) noexcept {
      seen_by_work = trampoline<P>::here();
      raise(static_cast<looks&>(w).done);
    }) {}
    flag done{0};
  } w;
  struct looks_too : timer {
    looks_too() : timer([](timer& t) noexcept {
      seen_by_timer = trampoline<P>::here();
      raise(static_cast<looks_too&>(t).done);
    }) {}
    flag done{0};
  } t;
  seen_by_work = nullptr;
  seen_by_timer = core;
  core->post_here(w);
  core->arm(t, clock_type::now());
  wait_for(w.done);
  wait_for(t.done);
  core->disarm(t);
  core->end();
  CHECK(seen_by_work == core);
  CHECK(seen_by_timer == nullptr);
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
  pool.arm(never, timer::time_point::max());
  pool.arm(past, clock_type::now() - 1h);
  pool.arm(min, timer::time_point::min());
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
  struct waits_for_other : timer {
    explicit waits_for_other(flag_timer& t) : timer(&ring), other(t) {}
    static void ring(timer& t) noexcept { wait_for(static_cast<waits_for_other&>(t).other.fired); }
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
  struct slow : timer {
    explicit slow(thread_pool& p) : timer(&ring), pool(p) {}
    static void ring(timer& t) noexcept {
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
  struct dies : timer {
    dies(thread_pool& p, std::unique_ptr<dies>& h, flag& f) : timer(&ring), pool(p), home(h), done(f) {}
    static void ring(timer& t) noexcept {
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
  struct periodic : timer {
    explicit periodic(thread_pool& p) : timer(&ring), pool(p) {}
    static void ring(timer& t) noexcept {
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
  struct punctual : timer {
    punctual() : timer(&ring) {}
    static void ring(timer& t) noexcept {
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
  struct always_due : timer {
    explicit always_due(thread_pool& p) : timer(&ring), pool(p) {}
    static void ring(timer& t) noexcept {
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

TEST_CASE("stress: each timer that four threads arm and disarm fires or was disarmed, never both; then it is free") {
  thread_pool pool(4);
  P::atomic<std::int64_t> fired{0};
  P::atomic<std::int64_t> disarmed{0};
  P::atomic<std::int64_t> violations{0};
  struct counted_timer : timer {
    explicit counted_timer(P::atomic<std::int64_t>& n) : timer(&ring), total(n) {}
    static void ring(timer& t) noexcept {
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

}  // namespace pool_core_test
