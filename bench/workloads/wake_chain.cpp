// surewake/bench/workloads/wake_chain.cpp: how much stack does a chain of wakes take?
//
// n coroutines wait for one permit, and each gives it back when it has run: the first release starts a chain of n wakes
// on one thread. One operation = one wake of the chain. Recorded is the most stack that it took, from the release on.
#include <surewake/bench/measure/coroutine.hpp>
#include <surewake/bench/measure/strategies.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace surewake::bench {
namespace {

/// The least address of the stack that was seen.
struct depth {
  std::uintptr_t deepest = ~std::uintptr_t{0};
  std::uint64_t woken = 0;
};

[[gnu::noinline]] void note(depth& d) {
  d.deepest = std::min(d.deepest, reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)));
  ++d.woken;
}

template <class Semaphore> probe link_of_chain(frame_arena&, Semaphore& s, depth& d) {
  auto const permit = co_await s.acquire();
  note(d);
}

template <class Semaphore> sample timed_chain(frame_arena& arena, std::uint64_t n) {
  Semaphore s(1);
  auto held = s.try_acquire();
  depth d;
  std::vector<probe> chain;
  chain.reserve(n);
  for (std::uint64_t i = 0; i < n; ++i) {
    chain.push_back(link_of_chain(arena, s, d));
    chain.back().start();
  }
  stopwatch watch;
  auto const base = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  watch.start();
  held->release();
  watch.stop(static_cast<double>(n));
  expect(d.woken == n, "every waiter was woken, once");
  for (probe const& p : chain) expect(p.done(), "every coroutine reached its end");
  chain.clear();
  expect(s.available_permits() == 1 && s.waiters() == 0, "the permit is back, and nobody waits");
  arena.reset();
  sample o = watch.total();
  o.metrics.set("stack_bytes", static_cast<double>(base - d.deepest));
  return o;
}

}  // namespace

void add_wake_chain(scenarios& all, effort const& e) {
  std::uint64_t const n = e.smoke ? 1'000 : e.large ? 1'000'000 : 100'000;
  auto const arena = std::make_shared<frame_arena>(n * 512);
  scenario add{.workload = "wake_chain",
               .name = fmt::format("n = {}", n),
               .waiters = n,
               .operations = n,
               .weight = 4,
               .max_repeats = 5};
  for_each_semaphore([&]<class M>(M const& m) {
    using semaphore = typename M::semaphore;
    add.contestants.push_back(
        {m.name, kind::strategy, [=](std::uint64_t) { return timed_chain<semaphore>(*arena, n); }});
  });
  all.push_back(std::move(add));
}

}  // namespace surewake::bench
