// surewake/bench/workloads/ping_pong_threads.cpp: two threads wake each other in turn, by two semaphores.
//
// One operation = one round trip: two releases and two blocking acquires. `as it comes`: surewake spins 2 µs before it
// sleeps. `sleeps at once`: surewake told not to spin, as sem_t. `spins`: for up to 200 µs. Each thread is bound to a
// core of its own where there are two.
#include <surewake/bench/peers/peers.hpp>
#include <surewake/bench/measure/strategies.hpp>
#include <surewake/bench/measure/two_threads.hpp>

#include <barrier>

namespace surewake::bench {
namespace {

template <class Semaphore, std::int64_t SpinNs>
struct blocking_pair {
  Semaphore there{0};
  Semaphore back{0};
  static void wake(Semaphore& s) { s.add_permits(1); }
  static void wait(Semaphore& s) {
    auto permit = s.acquire_blocking(1, {.spin = std::chrono::nanoseconds{SpinNs}});
    permit.forget();
  }
  [[nodiscard]] bool at_rest() const {
    return there.max_permits() == 0 && back.max_permits() == 0 && there.available_permits() == 0 &&
           back.available_permits() == 0 && there.waiters() == 0 && back.waiters() == 0;
  }
};

struct futex_word {
  alignas(64) std::atomic<std::uint32_t> value{0};
};

struct futex_pair {
  futex_word there;
  futex_word back;
  static void wake(futex_word& w) {
    w.value.store(1, std::memory_order_release);
    std_platform::futex_wake(&w.value, 1);
  }
  static void wait(futex_word& w) {
    while (w.value.load(std::memory_order_acquire) == 0) std_platform::futex_wait(w.value, 0);
    w.value.store(0, std::memory_order_relaxed);
  }
  [[nodiscard]] bool at_rest() const { return there.value.load() == 0 && back.value.load() == 0; }
};

struct spinning_pair {
  futex_word there;
  futex_word back;
  static void wake(futex_word& w) { w.value.store(1, std::memory_order_release); }
  static void wait(futex_word& w) {
    std_platform::await(
        w.value, [](std::uint32_t v) { return v != 0; }, std::memory_order_acquire);
    w.value.store(0, std::memory_order_relaxed);
  }
  [[nodiscard]] bool at_rest() const { return there.value.load() == 0 && back.value.load() == 0; }
};

/// Runs both sides at once, and times the first.
template <class First, class Second>
sample timed_sides(std::uint64_t n, First first, Second second) {
  std::barrier ready(2);
  return on_two_threads(
      [&] {
        stopwatch watch;
        ready.arrive_and_wait();
        watch.start();
        first();
        watch.stop(static_cast<double>(n));
        return watch.total();
      },
      [&] {
        ready.arrive_and_wait();
        second();
      });
}

/// Both sides of a pair, n round trips each.
template <class Pair>
sample timed_pair(std::uint64_t n) {
  Pair pair;
  sample const o = timed_sides(
      n,
      [&] {
        for (std::uint64_t i = 0; i < n; ++i) {
          pair.wake(pair.there);
          pair.wait(pair.back);
        }
      },
      [&] {
        for (std::uint64_t i = 0; i < n; ++i) {
          pair.wait(pair.there);
          pair.wake(pair.back);
        }
      });
  expect(pair.at_rest(), "as many wakes as waits: nothing is left over");
  return o;
}

sample timed_peer_pair(peer const& p, std::uint64_t n) {
  peer_semaphore const there(p, 0);
  peer_semaphore const back(p, 0);
  sample const o = timed_sides(
      n, [&] { p.wake_and_wait(there.get(), back.get(), n); }, [&] { p.wait_and_wake(there.get(), back.get(), n); });
  expect(there.free_permits() == 0 && back.free_permits() == 0, "as many wakes as waits: nothing is left over");
  return o;
}

}  // namespace

void add_ping_pong_threads(scenarios& all, effort const&) {
  scenario const base{.workload = "ping_pong_threads", .threads = 2, .permits = 0};
  scenario as_is = base;
  scenario sleeping = base;
  scenario spinning = base;
  as_is.name = "as it comes";
  sleeping.name = "sleeps at once";
  sleeping.contestants = {{"futex there and back", kind::floor, &timed_pair<futex_pair>}};
  spinning.name = "spins";
  spinning.contestants = {{"cache line there and back", kind::floor, &timed_pair<spinning_pair>}};
  for_each_semaphore([&]<class M>(M const& m) {
    using semaphore = typename M::semaphore;
    constexpr std::int64_t spin = wait_options{}.spin.count();
    as_is.contestants.push_back({m.name, kind::strategy, &timed_pair<blocking_pair<semaphore, spin>>});
    sleeping.contestants.push_back({m.name, kind::strategy, &timed_pair<blocking_pair<semaphore, 0>>});
    spinning.contestants.push_back({m.name, kind::strategy, &timed_pair<blocking_pair<semaphore, 200'000>>});
  });
  for (peer const& p : peers()) {
    if (p.wake_and_wait == nullptr) continue;
    auto const run = [&p](std::uint64_t n) { return timed_peer_pair(p, n); };
    as_is.contestants.push_back({p.name, kind::peer, run});
    sleeping.contestants.push_back({p.name, kind::peer, run});
  }
  all.push_back(std::move(as_is));
  all.push_back(std::move(spinning));
  all.push_back(std::move(sleeping));
}

}  // namespace surewake::bench
