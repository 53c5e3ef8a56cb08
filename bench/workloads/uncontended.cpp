// surewake/bench/workloads/uncontended.cpp: acquire and release where nobody else wants the permit.
//
// One operation = one acquire + one release, permit object included, on one thread. Scenarios: `await` (co_await inside a
// coroutine that never suspends; peers, which have no coroutines, in a plain loop), `blocking`, `try`.
#include <surewake/bench/coroutine.hpp>
#include <surewake/bench/peers.hpp>
#include <surewake/bench/strategies.hpp>

namespace surewake::bench {
namespace {

/// The contract's fast path written out: one RMW and one branch either way.
struct hand_written {
  alignas(64) std::atomic<std::int64_t> word{1};
  std::uint64_t slow_paths = 0;

  [[gnu::noinline, gnu::cold]] void slow() { ++slow_paths; }
  void acquire() {
    if (word.fetch_sub(1, std::memory_order_acquire) <= 0) [[unlikely]] slow();
  }
  void release() {
    if (word.fetch_add(1, std::memory_order_release) < 0) [[unlikely]] slow();
  }
};

template <class Semaphore> probe await_loop(frame_arena&, Semaphore& s, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) auto const permit = co_await s.acquire();
}

template <class Semaphore> [[gnu::noinline]] void blocking_loop(Semaphore& s, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) auto const permit = s.acquire_blocking();
}

template <class Semaphore> [[gnu::noinline]] std::uint64_t try_loop(Semaphore& s, std::uint64_t n) {
  std::uint64_t got = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    if (auto const permit = s.try_acquire()) ++got;
  }
  return got;
}

template <class Peer> [[gnu::noinline]] void peer_loop(Peer& s, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) {
    s.acquire();
    s.release();
  }
}

template <class Peer> [[gnu::noinline]] std::uint64_t peer_try_loop(Peer& s, std::uint64_t n) {
  std::uint64_t got = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    if (s.try_acquire()) {
      ++got;
      s.release();
    }
  }
  return got;
}

contestant bare_pair() {
  return {"locked RMW pair", kind::floor, [](std::uint64_t n) {
            alignas(64) std::atomic<std::int64_t> word{0};
            stopwatch watch;
            watch.start();
            rmw_pairs(word, n);
            watch.stop(static_cast<double>(n));
            expect(word.load() == 0, "as many taken off as added");
            return watch.total();
          }};
}

contestant by_hand() {
  return {"hand-written", kind::floor, [](std::uint64_t n) {
            hand_written s;
            stopwatch watch;
            watch.start();
            peer_loop(s, n);
            watch.stop(static_cast<double>(n));
            expect(s.word.load() == 1 && s.slow_paths == 0, "the permit is back, nobody waited");
            return watch.total();
          }};
}

template <class Semaphore> outcome timed_await(std::uint64_t n) {
  frame_arena arena(std::size_t{1} << 16);
  Semaphore s(1);
  {
    probe loop = await_loop(arena, s, n);
    stopwatch watch;
    watch.start();
    loop.start();
    watch.stop(static_cast<double>(n));
    expect(loop.done(), "nobody else wants the permit: the coroutine never suspends");
    expect(s.available_permits() == 1, "the permit is back");
    return watch.total();
  }
}

template <class Semaphore> outcome timed_blocking(std::uint64_t n) {
  Semaphore s(1);
  stopwatch watch;
  watch.start();
  blocking_loop(s, n);
  watch.stop(static_cast<double>(n));
  expect(s.available_permits() == 1, "the permit is back");
  return watch.total();
}

template <class Semaphore> outcome timed_try(std::uint64_t n) {
  Semaphore s(1);
  stopwatch watch;
  watch.start();
  std::uint64_t const got = try_loop(s, n);
  watch.stop(static_cast<double>(n));
  expect(got == n, "a free permit is never refused");
  expect(s.available_permits() == 1, "the permit is back");
  return watch.total();
}

template <class Peer> outcome timed_peer(std::uint64_t n) {
  Peer s(1);
  stopwatch watch;
  watch.start();
  peer_loop(s, n);
  watch.stop(static_cast<double>(n));
  expect(free_permits(s) == 1, "the permit is back");
  return watch.total();
}

template <class Peer> outcome timed_peer_try(std::uint64_t n) {
  Peer s(1);
  stopwatch watch;
  watch.start();
  std::uint64_t const got = peer_try_loop(s, n);
  watch.stop(static_cast<double>(n));
  expect(got == n && free_permits(s) == 1, "a free permit is never refused, and it is back");
  return watch.total();
}

}  // namespace

void add_uncontended(scenarios& all, effort const&) {
  scenario await{.workload = "uncontended", .name = "await", .contestants = {bare_pair(), by_hand()}};
  scenario blocking{.workload = "uncontended", .name = "blocking", .contestants = {by_hand()}};
  scenario attempt{.workload = "uncontended", .name = "try", .contestants = {by_hand()}};
  for_each_semaphore([&]<class M>(M const& m) {
    using semaphore = typename M::semaphore;
    await.contestants.push_back({m.name, kind::strategy, &timed_await<semaphore>});
    blocking.contestants.push_back({m.name, kind::strategy, &timed_blocking<semaphore>});
    attempt.contestants.push_back({m.name, kind::strategy, &timed_try<semaphore>});
  });
  for_each_peer([&]<class Peer>() {
    await.contestants.push_back({Peer::name, kind::peer, &timed_peer<Peer>});
    blocking.contestants.push_back({Peer::name, kind::peer, &timed_peer<Peer>});
    attempt.contestants.push_back({Peer::name, kind::peer, &timed_peer_try<Peer>});
  });
  all.push_back(std::move(await));
  all.push_back(std::move(blocking));
  all.push_back(std::move(attempt));
}

}  // namespace surewake::bench
