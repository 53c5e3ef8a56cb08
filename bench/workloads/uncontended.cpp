// surewake/bench/workloads/uncontended.cpp: acquire and release where no other thread wants the permit.
//
// One operation = one acquire + one release, permit object included, on one thread. Scenarios: `await` (co_await inside
// a coroutine that never suspends; peers in a task of their own kind, those for plain threads in a plain loop),
// `blocking`, `try`: each with 4 permits, of which 3 stay free; and `last permit`: blocking with a single one, which
// makes std::counting_semaphore notify each time.
#include <surewake/bench/measure/coroutine.hpp>
#include <surewake/bench/peers/peers.hpp>
#include <surewake/bench/measure/strategies.hpp>

namespace surewake::bench {
namespace {

constexpr unsigned plenty = 4;

/// The contract's fast path written out: one RMW and one branch either way.
struct hand_written {
  alignas(64) std::atomic<std::int64_t> word{plenty};
  std::uint64_t slow_paths = 0;

  [[gnu::noinline, gnu::cold]] void slow() { ++slow_paths; }
  void acquire() {
    if (word.fetch_sub(1, std::memory_order_acquire) <= 0) [[unlikely]]
      slow();
  }
  void release() {
    if (word.fetch_add(1, std::memory_order_release) < 0) [[unlikely]]
      slow();
  }
};

/// The same where a coroutine keeps its variables: in its frame, also the loop's counter.
probe hand_written_loop(frame_arena&, hand_written& s, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) {
    s.acquire();
    s.release();
  }
  co_return;
}

template <class Semaphore>
probe await_loop(frame_arena&, Semaphore& s, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) auto const permit = co_await s.acquire();
}

template <class Semaphore>
[[gnu::noinline]] void blocking_loop(Semaphore& s, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) auto const permit = s.acquire_blocking();
}

template <class Semaphore>
[[gnu::noinline]] std::uint64_t try_loop(Semaphore& s, std::uint64_t n) {
  std::uint64_t got = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    if (auto const permit = s.try_acquire()) ++got;
  }
  return got;
}

[[gnu::noinline]] void plain_loop(hand_written& s, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) {
    s.acquire();
    s.release();
  }
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

/// The bare pair with one store before each RMW, which the RMW waits for: what a frame in memory costs at least.
contestant bare_pair_with_stores() {
  return {"RMW pair, stores between", kind::floor, [](std::uint64_t n) {
            struct alignas(64) {
              std::atomic<std::int64_t> word{0};
              alignas(64) volatile std::uint64_t frame[2] = {0, 0};
            } shared;
            stopwatch watch;
            watch.start();
            for (std::uint64_t i = 0; i < n; ++i) {
              shared.frame[0] = i;
              shared.word.fetch_add(1, std::memory_order_acquire);
              shared.frame[1] = i;
              shared.word.fetch_sub(1, std::memory_order_release);
            }
            watch.stop(static_cast<double>(n));
            expect(shared.word.load() == 0, "as many taken off as added");
            return watch.total();
          }};
}

contestant by_hand() {
  return {"hand-written", kind::floor, [](std::uint64_t n) {
            hand_written s;
            stopwatch watch;
            watch.start();
            plain_loop(s, n);
            watch.stop(static_cast<double>(n));
            expect(s.word.load() == plenty && s.slow_paths == 0, "the permit is back, nobody waited");
            return watch.total();
          }};
}

contestant by_hand_in_coroutine() {
  return {"hand-written, coroutine", kind::floor, [](std::uint64_t n) {
            frame_arena arena(std::size_t{1} << 16);
            hand_written s;
            probe loop = hand_written_loop(arena, s, n);
            stopwatch watch;
            watch.start();
            loop.start();
            watch.stop(static_cast<double>(n));
            expect(loop.done() && s.word.load() == plenty && s.slow_paths == 0, "the permit is back, nobody waited");
            return watch.total();
          }};
}

template <class Semaphore>
sample timed_await(std::uint64_t n) {
  frame_arena arena(std::size_t{1} << 16);
  Semaphore s(plenty);
  {
    probe loop = await_loop(arena, s, n);
    stopwatch watch;
    watch.start();
    loop.start();
    watch.stop(static_cast<double>(n));
    expect(loop.done(), "nobody else wants the permit: the coroutine never suspends");
    expect(s.available_permits() == plenty, "the permit is back");
    return watch.total();
  }
}

template <class Semaphore, unsigned Permits>
sample timed_blocking(std::uint64_t n) {
  Semaphore s(Permits);
  stopwatch watch;
  watch.start();
  blocking_loop(s, n);
  watch.stop(static_cast<double>(n));
  expect(s.available_permits() == Permits, "the permit is back");
  return watch.total();
}

template <class Semaphore>
sample timed_try(std::uint64_t n) {
  Semaphore s(plenty);
  stopwatch watch;
  watch.start();
  std::uint64_t const got = try_loop(s, n);
  watch.stop(static_cast<double>(n));
  expect(got == n, "a free permit is never refused");
  expect(s.available_permits() == plenty, "the permit is back");
  return watch.total();
}

sample timed_peer(peer const& p, void (*loop)(void*, std::uint64_t), unsigned permits, std::uint64_t n) {
  peer_semaphore const s(p, permits);
  stopwatch watch;
  watch.start();
  loop(s.get(), n);
  watch.stop(static_cast<double>(n));
  expect(s.free_permits() == permits, "the permit is back");
  return watch.total();
}

sample timed_peer_try(peer const& p, std::uint64_t n) {
  peer_semaphore const s(p, plenty);
  stopwatch watch;
  watch.start();
  std::uint64_t const got = p.try_loop(s.get(), n);
  watch.stop(static_cast<double>(n));
  expect(got == n && s.free_permits() == plenty, "a free permit is never refused, and it is back");
  return watch.total();
}

}  // namespace

void add_uncontended(scenarios& all, effort const&) {
  std::string const in_coroutine = by_hand_in_coroutine().name;
  std::string const in_loop = by_hand().name;
  scenario const base{.workload = "uncontended", .permits = plenty};
  scenario await = base;
  scenario blocking = base;
  scenario attempt = base;
  scenario last = base;
  await.name = "await";
  await.contestants = {bare_pair(), bare_pair_with_stores(), by_hand(), by_hand_in_coroutine()};
  blocking.name = "blocking";
  blocking.contestants = {by_hand()};
  attempt.name = "try";
  attempt.contestants = {by_hand()};
  last.name = "last permit";
  last.permits = 1;
  for_each_semaphore([&]<class M>(M const& m) {
    using semaphore = typename M::semaphore;
    await.contestants.push_back({m.name, kind::strategy, &timed_await<semaphore>, {}, in_coroutine});
    blocking.contestants.push_back({m.name, kind::strategy, &timed_blocking<semaphore, plenty>});
    attempt.contestants.push_back({m.name, kind::strategy, &timed_try<semaphore>});
    last.contestants.push_back({m.name, kind::strategy, &timed_blocking<semaphore, 1>});
  });
  for (peer const& p : peers()) {
    auto const add = [&](scenario& to, auto loop, unsigned permits, std::string const& floor) {
      if (loop == nullptr) return;
      auto const run = [&p, loop, permits](std::uint64_t n) { return timed_peer(p, loop, permits, n); };
      to.contestants.push_back({p.name, kind::peer, run, {}, floor});
    };
    bool const in_a_task = p.await_loop != nullptr;
    add(await, in_a_task ? p.await_loop : p.blocking_loop, plenty, in_a_task ? in_coroutine : in_loop);
    add(blocking, p.blocking_loop, plenty, in_loop);
    add(last, p.blocking_loop, 1, in_loop);
    if (p.try_loop == nullptr) continue;
    attempt.contestants.push_back({p.name, kind::peer, [&p](std::uint64_t n) { return timed_peer_try(p, n); }});
  }
  for (scenario* const s : {&await, &blocking, &attempt, &last}) all.push_back(std::move(*s));
}

}  // namespace surewake::bench
