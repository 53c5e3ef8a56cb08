// surewake/bench/measure/ring_runs.hpp: what coroutines of one uring_loop do, for the workload that times them and for
// the counts of their system calls: each sample has `ring_enters`, which the loop counts.
#pragma once

#include <surewake/bench/measure/coroutine.hpp>
#include <surewake/bench/measure/workload.hpp>
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/core/semaphore/semaphore.hpp>
#include <surewake/queues/uring_futex.hpp>

#include <vector>

namespace surewake::bench {

/// Passes permits on as they come, `n` times.
template <class S> task<> pass_to_and_fro(S& mine, S& other, std::uint64_t n, std::uint64_t& passed) {
  for (std::uint64_t i = 0; i < n; ++i) {
    auto permit = co_await mine.acquire();
    permit.forget();
    ++passed;
    other.add_permits(1);
  }
}

/// Passes a permit to and fro between two coroutines; one operation is one grant to the one that waits.
template <class S> sample own_ring(std::uint64_t n) {
  uring_loop loop;
  S there(0);
  S back(0);
  std::uint64_t passed = 0;
  stopwatch watch;
  start_detached(pass_to_and_fro(there, back, n / 2 + 1, passed));
  start_detached(pass_to_and_fro(back, there, n / 2 + 1, passed));
  loop.poll();
  std::uint64_t const enters = loop.counters().enters;
  watch.start();
  there.add_permits(1);
  loop.run();
  watch.stop(static_cast<double>(2 * (n / 2 + 1)));
  expect(passed == 2 * (n / 2 + 1), "every permit was passed on");
  expect(there.available_permits() == 1, "and came back");
  sample o = watch.total();
  o.metrics.set("ring_enters", static_cast<double>(loop.counters().enters - enters) / o.operations);
  return o;
}

template <class S> probe wait_for_ever(frame_arena&, S& s, std::uint64_t& granted) {
  auto const permit = co_await s.acquire();
  ++granted;
}

/// Lets n coroutines wait, and destroys them, the oldest first, until the kernel knows it of all of them.
template <class S> sample withdraw_all(frame_arena& arena, std::uint64_t n, std::uint64_t operations) {
  uring_loop loop({.entries = 1024, .completions = 16'384});
  stopwatch watch;
  std::uint64_t enters = 0;
  while (watch.operations() < static_cast<double>(operations)) {
    S s(1);
    auto held = s.try_acquire();
    std::uint64_t granted = 0;
    std::vector<probe> line;
    line.reserve(n);
    for (std::uint64_t i = 0; i < n; ++i) {
      line.push_back(wait_for_ever(arena, s, granted));
      line.back().start();
    }
    loop.poll();  // the waits are armed
    expect(s.waiters() == n, "all wait");
    enters -= loop.counters().enters;
    watch.start();
    for (probe& p : line) p.destroy();
    loop.run();
    watch.stop(static_cast<double>(n));
    enters += loop.counters().enters;
    expect(s.waiters() == 0 && granted == 0, "all have left, none with a permit");
    held.reset();
    expect(s.available_permits() == 1, "the permit is back, once");
    arena.reset();
  }
  sample o = watch.total();
  o.metrics.set("ring_enters", static_cast<double>(enters) / o.operations);
  return o;
}

/// Calls f.operator()<Semaphore>(name) for the waits per ring and those per waiter.
template <class F> void for_both_layouts(F&& f) {
  f.template operator()<basic_semaphore<uring_futex>>("uring_futex");
  f.template operator()<basic_semaphore<uring_futex_per_waiter>>("uring_futex_per_waiter");
}

}  // namespace surewake::bench
