// surewake/bench/workloads/paced.cpp: how long after a release does a single waiter run?
//
// One operation = one wake; its time is from just before the release, on one thread, to the waiter's next step, on
// another. Releases come at random distances and do not wait for the waiter, which so is found spinning or asleep.
// `thread`: a blocking acquire, which spins 2 µs before it sleeps. `coroutine`: it resumes on a pool of one thread.
// Every wake is stamped alone: a wake across threads takes 20 × the clock's reading and more.
#include <surewake/bench/measure/affinity.hpp>
#include <surewake/bench/measure/coroutine.hpp>
#include <surewake/bench/measure/histogram.hpp>
#include <surewake/bench/measure/strategies.hpp>
#include <surewake/bench/peers/peers.hpp>
#include <surewake/core/coroutine/thread_pool.hpp>

#include <fmt/format.h>

#include <barrier>
#include <memory>
#include <numeric>
#include <random>
#include <thread>

namespace surewake::bench {
namespace {

using time_point = bench_clock::time_point;

/// When each release is made, and when its waiter ran.
struct wakes {
  wakes(std::uint64_t n, std::chrono::nanoseconds longest_gap, std::uint64_t seed) : gaps(n), sent(n), ran(n) {
    std::mt19937_64 random(seed);
    auto const range = static_cast<std::uint64_t>(longest_gap.count());
    for (auto& gap : gaps) gap = std::chrono::nanoseconds{random() % range};
  }

  /// Calls `release` n times, at the distances drawn.
  template <class Release> void send_all(Release release) {
    time_point due = bench_clock::now();
    for (std::size_t i = 0; i < gaps.size(); ++i) {
      due += gaps[i];
      while (bench_clock::now() < due) std_platform::relax();
      sent[i] = bench_clock::now();
      release();
    }
  }

  std::vector<std::chrono::nanoseconds> gaps;
  std::vector<time_point> sent;
  std::vector<time_point> ran;  // written by the waiter
};

template <class Semaphore> struct ours {
  void wake() { semaphore.add_permits(1); }
  void wait() {
    auto permit = semaphore.acquire_blocking();
    permit.forget();
  }
  [[nodiscard]] bool at_rest() const { return semaphore.max_permits() == 0 && semaphore.waiters() == 0; }
  Semaphore semaphore{0};
};

template <class Peer> struct theirs {
  void wake() { semaphore.release(); }
  void wait() { semaphore.acquire(); }
  [[nodiscard]] bool at_rest() { return free_permits(semaphore) == 0; }
  Peer semaphore{0};
};

/// The least: a count, and a futex that is waited on where it is zero.
struct futex_count {
  void wake() {
    if (count.fetch_add(1, std::memory_order_release) == 0) std_platform::futex_wake(&count, 1);
  }
  void wait() {
    while (count.load(std::memory_order_acquire) == 0) std_platform::futex_wait(count, 0);
    count.fetch_sub(1, std::memory_order_acquire);
  }
  [[nodiscard]] bool at_rest() const { return count.load() == 0; }
  alignas(64) std::atomic<std::uint32_t> count{0};
};

template <class Subject> void on_threads(wakes& w) {
  static std::vector<int> const cpus = one_cpu_per_core();
  bool const pin = cpus.size() >= 2;
  Subject subject;
  std::barrier ready(2);
  std::jthread waiter([&] {
    if (pin) bind_to(cpus[1]);
    ready.arrive_and_wait();
    for (time_point& ran : w.ran) {
      subject.wait();
      ran = bench_clock::now();
    }
  });
  std::jthread([&] {
    if (pin) bind_to(cpus[0]);
    ready.arrive_and_wait();
    w.send_all([&] { subject.wake(); });
  }).join();
  waiter.join();
  expect(subject.at_rest(), "as many wakes as releases: nothing is left over");
}

template <class Semaphore>
probe waiting_coroutine(frame_arena&, Semaphore& s, thread_pool& pool, wakes& w, std::atomic_flag& ended) {
  co_await pool.schedule();
  for (time_point& ran : w.ran) {
    auto permit = co_await s.acquire();
    ran = bench_clock::now();
    permit.forget();
  }
  ended.test_and_set();
  ended.notify_all();
}

template <class Semaphore> void on_a_pool(wakes& w) {
  frame_arena arena(4'096);
  Semaphore s(0);
  std::atomic_flag ended{};
  std::optional<probe> waiter;
  {
    thread_pool pool(1);
    waiter.emplace(waiting_coroutine(arena, s, pool, w, ended));
    waiter->start();
    while (s.waiters() != 1) std::this_thread::yield();
    std::jthread([&] { w.send_all([&] { s.add_permits(1); }); }).join();
    ended.wait(false);
  }
  expect(waiter->done() && s.max_permits() == 0 && s.waiters() == 0, "as many wakes as releases: nothing is left over");
}

/// Runs one sample. Its time is that of all wakes, without the distances between them.
sample stamped(wakes w, void (*run)(wakes&), latency_histogram& so_far) {
  stopwatch watch;
  watch.start();
  run(w);
  watch.stop(static_cast<double>(w.sent.size()));
  sample o = watch.total();
  o.elapsed_ns = 0;
  latency_histogram mine;
  for (std::size_t i = 0; i < w.sent.size(); ++i) {
    double const ns = nanoseconds(w.ran[i] - w.sent[i]);
    expect(ns >= 0, "no waiter runs before its release");
    o.elapsed_ns += ns;
    mine.add(ns);
  }
  so_far.add(mine);
  set_percentiles(o.metrics, "wake", mine, so_far);
  return o;
}

struct pace {
  char const* name;
  std::chrono::microseconds longest_gap;
};

void add_pace(scenarios& all, effort const& e, pace const& p, bool coroutine) {
  std::uint64_t const n = e.smoke ? 20 : 500;
  scenario add{.workload = "paced",
               .name = fmt::format("{}, {}", coroutine ? "coroutine" : "thread", p.name),
               .threads = 2,
               .permits = 0,
               .waiters = 1,
               .operations = n,
               .max_repeats = 40};
  auto const enter = [&](std::string name, kind what, void (*run)(wakes&)) {
    auto const so_far = std::make_shared<latency_histogram>();
    add.contestants.push_back({.name = std::move(name),
                               .what = what,
                               .run = [=](std::uint64_t) {
                                 return stamped(wakes(n, p.longest_gap, e.seed), run, *so_far);
                               },
                               .latencies = [=] { return std::vector{so_far->bins("wake")}; }});
  };
  if (!coroutine) {
    enter("futex and a count", kind::floor, &on_threads<futex_count>);
    for_each_peer([&]<class Peer>() { enter(Peer::name, kind::peer, &on_threads<theirs<Peer>>); });
  }
  for_each_semaphore([&]<class M>(M const& m) {
    using semaphore = typename M::semaphore;
    if constexpr (!std::string_view(semaphore::queue_type::name).starts_with("uring")) {
      enter(m.name, kind::strategy, coroutine ? &on_a_pool<semaphore> : &on_threads<ours<semaphore>>);
    }
  });
  all.push_back(std::move(add));
}

}  // namespace

void add_paced(scenarios& all, effort const& e) {
  add_pace(all, e, {"0 to 4 µs apart", std::chrono::microseconds{4}}, false);
  add_pace(all, e, {"0 to 100 µs apart", std::chrono::microseconds{100}}, false);
  add_pace(all, e, {"0 to 100 µs apart", std::chrono::microseconds{100}}, true);
}

}  // namespace surewake::bench
