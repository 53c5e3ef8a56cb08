// surewake/bench/workloads/contended.cpp: more threads than permits, for a fixed time.
//
// One operation = one blocking acquire, a critical section of a few instructions, one release. Each sample is one
// window; recorded are acquisitions per second of all threads together, and how evenly they fell to the threads (Jain's
// index). The window opens with every thread waiting: a thread that starts early and runs alone acquires hundreds of
// times faster than in contention, and would drown what is to be seen. More threads than cores: what is measured is the
// scheduler as well.
#include <surewake/bench/measure/affinity.hpp>
#include <surewake/bench/measure/contended_window.hpp>
#include <surewake/bench/measure/strategies.hpp>
#include <surewake/bench/peers/peers.hpp>
#include <surewake/bench/workloads/scale.hpp>

#include <fmt/format.h>

#include <span>

namespace surewake::bench {
namespace {

template <class Semaphore>
struct ours {
  /// `discipline`: what it says at run time, if that is anything.
  template <class... Discipline>
  explicit ours(unsigned permits, Discipline... discipline)
      : semaphore(static_cast<std::ptrdiff_t>(permits), discipline...),
        held(*semaphore.try_acquire(static_cast<std::ptrdiff_t>(permits))),
        initial(permits) {}
  void open() { held.release(); }
  [[nodiscard]] bool all_wait(unsigned threads) const { return semaphore.waiters() == threads; }
  void contend(contention const& shared) {
    for (std::uint64_t acquired = 0; !shared.stop->load(std::memory_order_relaxed);) {
      auto const permit = semaphore.acquire_blocking();
      if (shared.inside != nullptr) ++*shared.inside;
      shared.acquired->store(++acquired, std::memory_order_relaxed);
    }
  }
  void rescue() { semaphore.add_permits(1); }
  [[nodiscard]] bool all_back() const {
    return semaphore.available_permits() == static_cast<std::ptrdiff_t>(initial) && semaphore.waiters() == 0;
  }
  Semaphore semaphore;
  typename Semaphore::permit held;  // all of them, until the window opens
  unsigned initial;
};

struct theirs {
  theirs(peer const& what, unsigned permits) : who(what), semaphore(what, 0), initial(permits) {}
  void open() { semaphore.release(initial); }
  [[nodiscard]] bool all_wait(unsigned) const { return false; }  // cannot be asked: they get the time
  void contend(contention const& shared) { who.contend(semaphore.get(), &shared); }
  void rescue() { semaphore.release(1); }
  [[nodiscard]] bool all_back() { return semaphore.free_permits() == initial; }
  peer const& who;
  peer_semaphore semaphore;
  unsigned initial;
};

/// A scenario with everybody in it; its name is what follows the number of threads.
scenario window_of(std::string_view workload, unsigned threads, unsigned permits, std::string_view name,
                   effort const& e) {
  auto const window = e.smoke ? std::chrono::milliseconds{2} : std::chrono::milliseconds{40};
  scenario add{.workload = std::string(workload),
               .name = fmt::format("{} thread{}, {}", threads, threads == 1 ? "" : "s", name),
               .threads = threads,
               .permits = permits,
               .operations = 1,  // a window is as long as it is
               .weight = 3,
               .max_repeats = 20};
  for_each_semaphore([&]<class M>(M const& m) {
    using semaphore = typename M::semaphore;
    add.contestants.push_back({m.name, kind::strategy, [=](std::uint64_t) {
                                 ours<semaphore> subject(permits);
                                 return timed_window(subject, threads, permits, window);
                               }});
  });
  for (std::int64_t const k : permits == 1 ? std::span<std::int64_t const>(dial) : std::span<std::int64_t const>()) {
    add.contestants.push_back({name_on_dial(k), kind::strategy, [=](std::uint64_t) {
                                 ours<bounded_semaphore> subject(permits, bounded_barging<>{.k = k});
                                 return timed_window(subject, threads, permits, window);
                               }});
  }
  for (peer const& p : peers()) {
    if (p.contend == nullptr) continue;
    add.contestants.push_back({p.name, kind::peer, [=, &p](std::uint64_t) {
                                 theirs subject(p, permits);
                                 return timed_window(subject, threads, permits, window);
                               }});
  }
  return add;
}

}  // namespace

void add_contended(scenarios& all, effort const& e) {
  for (unsigned const threads : {2U, 8U}) {
    all.push_back(window_of("contended", threads, 1, "1 permit", e));
    all.push_back(window_of("contended", threads, 2, "2 permits", e));
  }
}

std::vector<unsigned> thread_counts(unsigned n) {
  std::vector<unsigned> counts;
  for (unsigned i = 1; i < n; i = n <= 8 ? i + 1 : std::max(i + 1, i * 5 / 4)) counts.push_back(i);
  counts.push_back(std::max(1U, n));
  return counts;
}

void add_scale(scenarios& all, effort const& e) {
  auto const processors = static_cast<unsigned>(one_cpu_per_core().size());
  for (unsigned const threads : thread_counts(processors)) {
    all.push_back(window_of(scale_workload, threads, 1, "1 permit", e));
    all.push_back(window_of(scale_workload, threads, 2 * threads, "permits to spare", e));
  }
}

}  // namespace surewake::bench
