#include <surewake/core/coroutine/idle_workers.hpp>

#include <doctest/doctest.h>

#include <thread>
#include <vector>

namespace idle_workers_test {

using namespace surewake;
using P = std_platform;
using time_point = detail::idle_workers::time_point;

namespace {

/// Threads that sleep once, as workers without a pool.
struct dormitory {
  P::mutex mutex;
  detail::idle_workers idle;
  int in_bed = 0;
  int back = 0;
  std::size_t last_back = 0;
  std::vector<std::thread> threads;

  ~dormitory() {
    for (auto& t : threads) t.join();
  }
  template <class... Deadline> void put_to_bed(Deadline... first) {
    put([this, first...](detail::idle_workers::lock_type& lock) { idle.sleep(lock, first..., nothing); });
  }
  static bool nothing() noexcept { return false; }
  template <class... Deadline> void rest(Deadline... first) {
    put([this, first...](detail::idle_workers::lock_type& lock) { idle.rest(lock, first...); });
  }
  template <class Sleep> void put(Sleep sleep) {
    threads.emplace_back([this, me = threads.size(), sleep] {
      detail::idle_workers::lock_type lock(mutex);
      ++in_bed;
      sleep(lock);
      ++back;
      last_back = me;
    });
    until([this] { return static_cast<std::size_t>(in_bed) == threads.size(); });
  }
  template <class Condition> void until(Condition c) {
    for (;;) {
      {
        detail::idle_workers::lock_type const lock(mutex);
        if (c()) return;
      }
      P::yield();
    }
  }
  template <class Summon> [[nodiscard]] bool summons(Summon s) {
    mutex.lock();
    auto* const w = s(idle);
    mutex.unlock();
    detail::idle_workers::wake(w);
    return w != nullptr;
  }
  [[nodiscard]] bool summon() {
    return summons([](detail::idle_workers& i) { return i.summon(); });
  }
  [[nodiscard]] bool summon_for(time_point when) {
    return summons([when](detail::idle_workers& i) { return i.summon_for(when); });
  }
};

}  // namespace

TEST_CASE("nobody is woken where nobody sleeps") {
  dormitory d;
  CHECK_FALSE(d.summon());
  CHECK_FALSE(d.summon_for(time_point::min()));
}

// The summons are under one lock: a sleeper that is not in the kernel yet comes back from any of them.
TEST_CASE("each summon wakes one sleeper, and no more are summoned than sleep") {
  dormitory d;
  for (int i = 0; i < 3; ++i) d.put_to_bed();
  detail::idle_workers::word* summoned[3];
  d.mutex.lock();
  for (auto& w : summoned) w = d.idle.summon();
  auto* const fourth = d.idle.summon();
  d.mutex.unlock();
  CHECK(fourth == nullptr);
  for (auto* const w : summoned) {
    CHECK(w != nullptr);
    detail::idle_workers::wake(w);
  }
  d.until([&] { return d.back == 3; });
  CHECK_FALSE(d.summon());
}

TEST_CASE("two summons of one sleeper are one wake") {
  dormitory d;
  d.put_to_bed();
  d.mutex.lock();
  auto* const first = d.idle.summon();
  auto* const second = d.idle.summon();
  d.mutex.unlock();
  CHECK(first != nullptr);
  CHECK(second == nullptr);
  detail::idle_workers::wake(first);
  d.until([&] { return d.back == 1; });
}

TEST_CASE("the keeper wakes at the deadline by himself") {
  dormitory d;
  auto const due = P::now() + std::chrono::milliseconds{5};
  d.put_to_bed(due);
  d.until([&] { return d.back == 1; });
  CHECK(P::now() >= due);
}

TEST_CASE("only an earlier timer wakes the keeper") {
  dormitory d;
  d.put_to_bed(time_point::max() - std::chrono::hours{1});
  CHECK_FALSE(d.summon_for(time_point::max()));
  CHECK(d.summon_for(P::now()));
  d.until([&] { return d.back == 1; });
}

TEST_CASE("work wakes the sleepers first, then the keeper") {
  dormitory d;
  d.put_to_bed(time_point::max());
  d.put_to_bed(time_point::max());  // there is a keeper: an ordinary sleeper
  CHECK(d.summon());
  d.until([&] { return d.back == 1 && d.last_back == 1; });
  CHECK(d.summon());
  d.until([&] { return d.back == 2 && d.last_back == 0; });
}

TEST_CASE("a timer that finds no keeper makes a sleeper get up and become one") {
  dormitory d;
  d.put_to_bed();
  CHECK(d.summon_for(time_point::max()));
  d.until([&] { return d.back == 1; });
}

TEST_CASE("wake_all wakes sleepers and keeper") {
  dormitory d;
  d.put_to_bed(time_point::max());
  d.put_to_bed();
  d.put_to_bed();
  detail::idle_workers::lock_type lock(d.mutex);
  d.idle.wake_all(lock);
  d.until([&] { return d.back == 3; });
}

TEST_CASE("a keeper that was summoned once can be summoned again when it keeps again") {
  dormitory d;
  for (int times = 1; times <= 2; ++times) {
    d.put_to_bed(time_point::max());
    CHECK(d.summon());
    d.until([&] { return d.back == times; });
  }
  d.put_to_bed(time_point::max());
  CHECK(d.summon_for(time_point::min()));
  d.until([&] { return d.back == 3; });
}

TEST_CASE("a reserve is called to keep where no worker sleeps, never for work, and only once") {
  dormitory d;
  d.rest();
  CHECK_FALSE(d.summon());
  d.mutex.lock();
  auto* const first = d.idle.summon_new_keeper();
  auto* const second = d.idle.summon_new_keeper();
  d.mutex.unlock();
  CHECK(first != nullptr);
  CHECK(second == nullptr);
  detail::idle_workers::wake(first);
  d.until([&] { return d.back == 1; });
  d.rest(time_point::max());  // it keeps
  CHECK_FALSE(d.summon());
  CHECK_FALSE(d.summons([](detail::idle_workers& i) { return i.summon_new_keeper(); }));
  CHECK(d.summon_for(P::now()));
  d.until([&] { return d.back == 2; });
}

TEST_CASE("a worker that finds work at its last look stays awake; by then it may be summoned, before and after not") {
  dormitory d;
  detail::idle_workers::lock_type lock(d.mutex);
  for (bool keeps : {false, true}) {
    int looks = 0;
    auto const found = [&]() noexcept {
      ++looks;
      CHECK(d.idle.may_summon());
      return true;
    };
    CHECK_FALSE(d.idle.may_summon());
    keeps ? d.idle.sleep(lock, time_point::max(), found) : d.idle.sleep(lock, found);
    CHECK(looks == 1);
    CHECK(lock.owns_lock());
    CHECK_FALSE(d.idle.may_summon());
    CHECK(d.idle.summon() == nullptr);
  }
}

TEST_CASE("may_summon() says what summon() would do") {
  dormitory d;
  auto const may = [&] {
    detail::idle_workers::lock_type const lock(d.mutex);
    return d.idle.may_summon();
  };
  d.rest();  // a reserve is not summoned for work
  CHECK_FALSE(may());
  d.put_to_bed(time_point::max());
  CHECK(may());
  d.put_to_bed();
  CHECK(may());
  CHECK(d.summon());
  d.until([&] { return d.back == 1; });
  CHECK(may());  // the keeper
  CHECK(d.summon());
  CHECK_FALSE(d.idle.may_summon());
  d.until([&] { return d.back == 2; });
  CHECK_FALSE(may());
  detail::idle_workers::lock_type lock(d.mutex);
  d.idle.wake_all(lock);
}

TEST_CASE("a worker that sleeps is summoned to keep before a reserve is, and nobody keeps where neither is there") {
  dormitory d;
  CHECK(d.idle.nobody_keeps());
  d.rest();
  d.put_to_bed();
  CHECK(d.summons([](detail::idle_workers& i) { return i.summon_new_keeper(); }));
  d.until([&] { return d.back == 1 && d.last_back == 1; });
  detail::idle_workers::lock_type lock(d.mutex);
  CHECK_FALSE(d.idle.nobody_keeps());
  d.idle.wake_all(lock);
  d.until([&] { return d.back == 2; });
  CHECK(d.idle.nobody_keeps());
}

}  // namespace idle_workers_test
