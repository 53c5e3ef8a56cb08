// surewake/bench/conformance/cost_probes.cpp: what a wait, a release and a withdrawal take.
#include <surewake/bench/conformance/probes.hpp>
#include <surewake/bench/measure/allocation.hpp>
#include <surewake/bench/measure/unit.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

namespace surewake::bench {
namespace {

/// Returns what one of n waiters that leave costs, the oldest first or the youngest: the least of three tries. In
/// either order memory is walked through, so that what grows is a search, and not the misses of a cache.
double withdrawal_ns(peer_crowd const& c, std::uint64_t n, bool oldest_first) {
  std::vector<std::uint64_t> places(n);
  std::iota(places.begin(), places.end(), 0);
  if (!oldest_first) std::ranges::reverse(places);
  double least = 0;
  for (int i = 0; i < 3; ++i) {
    waiting_crowd const waiting(c, n, 1, false, crowd_ending::holds);
    c.enqueue(waiting.object);
    c.arrange(waiting.object, places.data(), n);
    auto const start = bench_clock::now();
    c.leave(waiting.object);
    double const each = nanoseconds(bench_clock::now() - start) / static_cast<double>(n);
    least = i == 0 ? each : std::min(least, each);
    c.end(waiting.object);
  }
  return least;
}

/// Takes what is there. Returns how many permits that was.
unsigned drain(peer const& p, void* s) {
  unsigned n = 0;
  while (p.try_acquire(s)) ++n;
  return n;
}

/// Watches releases of n, each of another thread.
class watched_releases {
 public:
  watched_releases(peer const& p, unsigned n, probe_options const& options)
      : peer_(p), semaphore_(p, 0), n_(n), patience_(options.patience_ms), releaser_([this] { release(); }) {
    auto const end = std::chrono::steady_clock::now() + std::chrono::milliseconds{options.watch_ms};
    while (rounds < options.rounds && std::chrono::steady_clock::now() < end) watch(++rounds);
    round_.store(over, std::memory_order_release);
  }

  unsigned rounds = 0;   // how many there were

  unsigned partial = 0;  // how many were seen in part
  unsigned example = 0;  // permits of one of them
  unsigned lost = 0;     // whose permits did not all come

 private:
  static constexpr unsigned over = ~0U;

  void release() {
    for (unsigned seen = 0;;) {
      unsigned const now = round_.load(std::memory_order_acquire);
      if (now == over) return;
      if (now == seen) {
        std::this_thread::yield();
        continue;
      }
      seen = now;
      semaphore_.release(n_);
    }
  }

  void watch(unsigned round) {
    round_.store(round, std::memory_order_release);
    auto const end = std::chrono::steady_clock::now() + std::chrono::milliseconds{patience_};
    unsigned got = 0;
    for (unsigned tries = 0; got < n_; ++tries) {
      unsigned const more = drain(peer_, semaphore_.get());
      if (got == 0 && more != 0 && more < n_) {
        ++partial;
        example = more;
      }
      got += more;
      if (tries % 1'024 != 1'023) continue;
      std::this_thread::yield();
      if (std::chrono::steady_clock::now() < end) continue;
      ++lost;
      return;
    }
  }

  peer const& peer_;
  peer_semaphore semaphore_;
  unsigned n_;
  unsigned patience_;
  std::atomic<unsigned> round_{0};
  std::jthread releaser_;  // the last: it uses the others
};

}  // namespace

observation probe_withdrawal(peer const& p, probe_options const& options) {
  if (p.crowd == nullptr) return {.saw = "a thread that leaves costs what the kernel takes"};
  constexpr std::uint64_t larger = 16;
  // A quarter of what a search through all waiters costs.
  constexpr double most = 4;
  std::uint64_t const small = options.crowd / larger;
  double few = withdrawal_ns(*p.crowd, small, true);
  double many = withdrawal_ns(*p.crowd, options.crowd, true);
  bool oldest_first = true;
  double const few_reversed = withdrawal_ns(*p.crowd, small, false);
  double const many_reversed = withdrawal_ns(*p.crowd, options.crowd, false);
  if (many_reversed / few_reversed > many / few) {
    few = few_reversed;
    many = many_reversed;
    oldest_first = false;
  }
  bool const constant = many <= most * few;
  return {constant ? probe_verdict::holds : probe_verdict::fails,
          fmt::format("{:.0f} ns{}", few, constant ? "" : ", grows"),
          fmt::format("the {} first: one of {} leaves in {:.0f} ns, one of {} in {:.0f} ns",
                      oldest_first ? "oldest" : "youngest", small, few, options.crowd, many)};
}

observation probe_allocation(peer const& p, probe_options const&) {
  if (p.crowd == nullptr) return {.saw = "a thread that waits is kept by the kernel"};
  constexpr std::uint64_t n = 1'000;
  waiting_crowd const waiting(*p.crowd, n, 1, false, crowd_ending::holds);
  count_allocations const on;
  allocation_count const before = allocations();
  p.crowd->enqueue(waiting.object);
  allocation_count const between = allocations();
  for (std::uint64_t i = 0; i < n; ++i) p.crowd->wake_one(waiting.object);
  allocation_count const after = allocations();
  p.crowd->end(waiting.object);
  double const of_wait = static_cast<double>((between - before).calls) / n;
  double const of_release = static_cast<double>((after - between).calls) / n;
  // What a queue takes now and then (a segment, a deque's block) is not taken by each wait.
  constexpr double each = 0.5;
  return {of_wait < each && of_release < each ? probe_verdict::holds : probe_verdict::fails,
          fmt::format("{:.2f} / {:.2f}", of_wait, of_release),
          fmt::format("{} waits: {:.3f} allocations each; as many releases: {:.3f} each", n, of_wait, of_release)};
}

observation probe_one_step(peer const& p, probe_options const& options) {
  if (p.try_acquire == nullptr || p.release == nullptr) return {};
  constexpr unsigned n = 4'096;
  watched_releases const seen(p, n, options);
  if (seen.lost != 0) {
    return {probe_verdict::fails, "loses",
            fmt::format("{} releases of {}: the permits of {} did not all come", seen.rounds, n, seen.lost)};
  }
  if (seen.partial == 0) {
    return {probe_verdict::holds, "one step", fmt::format("{} releases of {}: none was seen in part", seen.rounds, n)};
  }
  return {probe_verdict::fails, "in parts",
          fmt::format("{} of {} releases of {} were seen in part, one when {} permits were there", seen.partial,
                      seen.rounds, n, seen.example)};
}

}  // namespace surewake::bench
