// surewake/bench/workloads/withdraw_race.cpp: what does giving up cost while releases arrive?
//
// n coroutines wait, each with a way to give up. One thread asks every second of them to stop while another one
// releases n/2 permits, one by one: so a stop may meet a grant at any step. One operation = one stop or one release.
// A peer's future is dropped instead, and is not resumed; it has no deadlines.
// `deadlines`: one in ten has a deadline instead of a stop, at a random time of the first millisecond of the race.
#include <surewake/bench/measure/coroutine.hpp>
#include <surewake/bench/measure/strategies.hpp>
#include <surewake/bench/measure/two_threads.hpp>
#include <surewake/bench/peers/peers.hpp>
#include <surewake/core/coroutine/deadline_source.hpp>
#include <surewake/core/coroutine/thread_pool.hpp>

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <random>
#include <stop_token>

namespace surewake::bench {
namespace {

using time_point = std_platform::clock::time_point;

/// How each wait ended: by a permit, or by giving up; counted, so that a second wake shows.
struct endings {
  explicit endings(std::uint64_t n) : granted(n), gave_up(n) {}
  std::vector<std::uint8_t> granted;
  std::vector<std::uint8_t> gave_up;
  std::atomic<std::uint64_t> ended{0};
};

template <class Permit> void note(endings& e, std::uint64_t me, Permit const& permit) {
  ++(permit.has_value() ? e.granted : e.gave_up)[me];
  e.ended.fetch_add(1, std::memory_order_release);
}

template <class Semaphore>
probe until_stopped(frame_arena&, Semaphore& s, std::stop_token stop, endings& e, std::uint64_t me) {
  auto const permit = co_await s.acquire(std::move(stop));
  note(e, me, permit);
  co_await std::suspend_always{};  // holds the permit until it is destroyed
}

template <class Semaphore>
probe until_late(frame_arena&, Semaphore& s, thread_pool& timers, time_point when, endings& e, std::uint64_t me) {
  auto const permit = co_await s.acquire_until(timers, when);
  note(e, me, permit);
  co_await std::suspend_always{};
}

struct race {
  std::uint64_t n;
  bool deadlines;
  std::uint64_t seed;

  [[nodiscard]] bool has_deadline(std::uint64_t i) const noexcept { return deadlines && i % 10 == 0; }
};

void wait_for_all(endings const& e, std::uint64_t n) {
  for (auto const patience = bench_clock::now() + std::chrono::seconds{10};
       e.ended.load(std::memory_order_acquire) != n;) {
    expect(bench_clock::now() < patience, "a wait ends, by a permit or by giving up");
    std::this_thread::sleep_for(std::chrono::microseconds{50});
  }
}

template <class Semaphore> sample timed_race(frame_arena& arena, race const& r) {
  auto const permits = static_cast<std::ptrdiff_t>(r.n);
  Semaphore s(permits);
  auto all = s.try_acquire(permits);
  endings e(r.n);
  std::vector<std::stop_source> sources(r.n);
  std::vector<probe> waiting;
  std::mt19937_64 random(r.seed);
  sample o;
  {
    std::optional<thread_pool> timers;
    if (r.deadlines) timers.emplace(1);
    time_point const begin = std_platform::now() + std::chrono::milliseconds{r.deadlines ? 5 : 0};
    for (std::uint64_t i = 0; i < r.n; ++i) {
      waiting.push_back(r.has_deadline(i)
                            ? until_late(arena, s, *timers, begin + std::chrono::microseconds{random() % 1'000}, e, i)
                            : until_stopped(arena, s, sources[i].get_token(), e, i));
      waiting.back().start();
    }
    while (std_platform::now() < begin) std_platform::relax();
    o = timed_together(2, r.n, [&](unsigned t) {
      for (std::uint64_t i = 0; i < r.n / 2; ++i) {
        if (t == 0) {
          sources[2 * i + 1].request_stop();
        } else {
          auto const one = all->split(1);
        }
      }
    });
    all->release();
    wait_for_all(e, r.n);
  }  // the timers' threads have left the coroutines
  for (std::uint64_t i = 0; i < r.n; ++i) expect(e.granted[i] + e.gave_up[i] == 1, "each wait ends once");
  waiting.clear();
  expect(s.available_permits() == permits && s.waiters() == 0, "every permit is back, and nobody waits");
  arena.reset();
  return o;
}

sample peer_race_of(peer_race const& p, std::uint64_t n) {
  void* const race = p.make(n);
  sample const o = timed_together(2, n, [&](unsigned t) { (t == 0 ? p.leave : p.release)(race); });
  expect(p.finish(race), "each wait ends once, by a permit or by giving up, and every permit is back");
  return o;
}

}  // namespace

void add_withdraw_race(scenarios& all, effort const& e) {
  std::uint64_t const n = e.smoke ? 100 : 4'000;
  auto const arena = std::make_shared<frame_arena>(n * 1'024);
  for (bool const deadlines : {false, true}) {
    scenario add{.workload = "withdraw_race",
                 .name = fmt::format("{}, n = {}", deadlines ? "deadlines" : "stops", n),
                 .threads = 2,
                 .permits = n,
                 .waiters = n,
                 .operations = n,
                 .max_repeats = 40};
    for_each_semaphore([&]<class M>(M const& m) {
      using semaphore = typename M::semaphore;
      if constexpr (!std::string_view(semaphore::queue_type::name).starts_with("uring")) {
        if (leaves_too_slowly(M::cost, true, n, false)) return;
        add.contestants.push_back({m.name, kind::strategy, [=](std::uint64_t) {
                                     return timed_race<semaphore>(*arena, {n, deadlines, e.seed});
                                   }});
      }
    });
    for (peer const& p : peers()) {
      if (p.race == nullptr || deadlines) continue;
      add.contestants.push_back({p.name, kind::peer, [=, &p](std::uint64_t) { return peer_race_of(*p.race, n); }});
    }
    all.push_back(std::move(add));
  }
}

}  // namespace surewake::bench
