// surewake/bench/workloads/memory.cpp: what a waiting coroutine takes, with 1,000,000 of them.
//
// Not a timing. Per waiter: bytes of its coroutine frame; how many bytes more that frame has than that of the same
// coroutine that suspends for nothing (the awaiter with its node); bytes of heap beyond the frame; growth of resident
// memory.
#include <surewake/bench/measure/coroutine.hpp>
#include <surewake/bench/measure/strategies.hpp>
#include <surewake/bench/peers/peers.hpp>

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <fstream>

namespace surewake::bench {
namespace {

template <class Semaphore>
lean_probe waiter_coroutine(Semaphore& s) {
  typename Semaphore::permit const permit = co_await s.acquire();
  co_await std::suspend_always{};
}

template <class Semaphore>
lean_probe bare_coroutine(Semaphore&) {
  co_await std::suspend_always{};
  typename Semaphore::permit const permit;
  co_await std::suspend_always{};
}

double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double size = 0;
  double resident = 0;
  statm >> size >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

template <class Semaphore>
sample million(std::uint64_t n) {
  auto const count = static_cast<double>(n);
  sample o;
  o.operations = count;
  memory_outcome m;
  std::vector<lean_probe> probes;
  probes.reserve(n);
  {
    frame_arena arena(4'096);
    in_arena const around(arena);
    Semaphore s(1);
    lean_probe const bare = bare_coroutine(s);
    m.awaiter_bytes = -static_cast<double>(arena.used());
  }
  frame_arena arena(n * 512);
  in_arena const around(arena);
  count_allocations const on;
  Semaphore s(1);
  auto held = s.try_acquire();
  ::malloc_trim(0);
  double const resident_before = resident_bytes();
  allocation_count const before = allocations();
  for (std::uint64_t i = 0; i < n; ++i) {
    probes.push_back(waiter_coroutine(s));
    probes.back().start();
  }
  expect(s.waiters() == n, "all wait");
  m.frame_bytes = static_cast<double>(arena.used()) / count;
  m.awaiter_bytes += m.frame_bytes;
  m.heap_bytes = static_cast<double>((allocations() - before).live_bytes) / count;
  // The vector of handles is ours, not the waiters'.
  m.rss_bytes = (resident_bytes() - resident_before) / count - static_cast<double>(sizeof(lean_probe));
  probes.clear();
  held.reset();
  expect(s.waiters() == 0 && s.available_permits() == 1, "all have left, the permit is back");
  o.memory = m;
  return o;
}

sample peer_million(peer_crowd const& p, std::uint64_t n) {
  auto const count = static_cast<double>(n);
  sample o;
  o.operations = count;
  memory_outcome m;
  m.frame_bytes = static_cast<double>((p.frame_bytes + 15) / 16 * 16);  // as the arena rounds ours
  m.awaiter_bytes = m.frame_bytes - static_cast<double>((p.bare_frame_bytes + 15) / 16 * 16);
  count_allocations const on;
  ::malloc_trim(0);
  double const resident_before = resident_bytes();
  waiting_crowd const crowd(p, n, 1, false, crowd_ending::holds);
  allocation_count const before = allocations();
  p.enqueue(crowd.object);
  m.heap_bytes = static_cast<double>((allocations() - before).live_bytes) / count;
  m.rss_bytes = (resident_bytes() - resident_before) / count - static_cast<double>(sizeof(void*));
  expect(p.woken(crowd.object) == 0, "all wait");
  expect(p.end(crowd.object) == 0, "no permit came of nothing");
  o.memory = m;
  return o;
}

}  // namespace

void add_memory(scenarios& all, effort const& e) {
  std::uint64_t const n = e.smoke ? 1'000 : 1'000'000;
  scenario add{.workload = "memory", .name = fmt::format("n = {}", n), .waiters = n, .operations = n, .max_repeats = 3};
  for_each_semaphore([&]<class M>(M const& m) {
    add.contestants.push_back({m.name, kind::strategy, &million<typename M::semaphore>});
  });
  for (peer const& p : peers()) {
    if (p.crowd == nullptr) continue;
    auto const run = [&p](std::uint64_t count) { return peer_million(*p.crowd, count); };
    add.contestants.push_back({p.name, kind::peer, run});
  }
  all.push_back(std::move(add));
}

}  // namespace surewake::bench
