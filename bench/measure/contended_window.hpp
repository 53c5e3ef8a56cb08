// surewake/bench/measure/contended_window.hpp: how often threads get inside that all want to, within a window of time.
#pragma once

#include <surewake/bench/measure/affinity.hpp>
#include <surewake/bench/measure/workload.hpp>
#include <surewake/bench/peers/peer.hpp>
#include <surewake/bench/results/statistics.hpp>

#include <barrier>
#include <numeric>
#include <thread>

namespace surewake::bench {

struct alignas(64) tally {
  std::atomic<std::uint64_t> acquired{0};  // written by its own thread
};

/// Times how often `threads` threads get inside of a Subject within the window. `permits`: how many are inside at most.
///
/// The subject is full until open(). all_wait(n): all n threads are known to wait. contend(shared) takes part until
/// told to stop. rescue() lets a thread in that was lost. all_back(): nobody is inside or waits, once all have stopped.
template <class Subject>
sample timed_window(Subject& subject, unsigned threads, unsigned permits, std::chrono::milliseconds window) {
  static std::vector<int> const cpus = one_cpu_per_core();
  bool const pin = threads <= cpus.size();
  std::vector<tally> tallies(threads);
  std::vector<double> shares(threads);  // the tallies at the end of the window
  std::uint64_t inside = 0;             // counts the sections; only with one permit, where they exclude each other
  std::atomic<bool> stop{false};
  std::atomic<unsigned> finished{0};
  std::barrier ready(static_cast<std::ptrdiff_t>(threads) + 1);
  std::vector<std::jthread> workers;
  for (unsigned i = 0; i < threads; ++i) {
    workers.emplace_back([&, i] {
      if (pin) bind_to(cpus[i]);
      ready.arrive_and_wait();
      subject.contend({&stop, &tallies[i].acquired, permits == 1 ? &inside : nullptr});
      finished.fetch_add(1);
    });
  }
  ready.arrive_and_wait();
  for (auto const patience = bench_clock::now() + std::chrono::milliseconds{3};
       !subject.all_wait(threads) && bench_clock::now() < patience;) {
    std::this_thread::sleep_for(std::chrono::microseconds{100});
  }
  stopwatch watch;
  watch.start();
  subject.open();
  std::this_thread::sleep_for(window);
  for (unsigned i = 0; i < threads; ++i) {
    shares[i] = static_cast<double>(tallies[i].acquired.load(std::memory_order_relaxed));
  }
  watch.stop(0);
  stop.store(true, std::memory_order_relaxed);

  // A sleeper is woken by a release of the others, which all stop after one more; a thread that is not woken was lost.
  unsigned rescues = 0;
  for (auto const patience = bench_clock::now() + std::chrono::seconds{2}; finished.load() != threads;) {
    std::this_thread::sleep_for(std::chrono::microseconds{100});
    if (bench_clock::now() < patience) continue;
    subject.rescue();
    ++rescues;
  }
  workers.clear();
  expect(rescues == 0, "a thread that waits while permits are free is woken");
  expect(subject.all_back(), "every permit is back");

  std::uint64_t total = 0;
  for (tally const& t : tallies) total += t.acquired.load();
  expect(permits != 1 || inside == total, "with one permit no two threads are inside at once");
  sample o = watch.total();
  o.operations = std::accumulate(shares.begin(), shares.end(), 0.0);
  o.jain = jain_index(shares);
  o.pinned = pin ? threads : 0;
  return o;
}

}  // namespace surewake::bench
