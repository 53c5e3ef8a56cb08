// surewake/bench/measure/two_threads.hpp: the parties of a workload, on a thread each.
#pragma once

#include <surewake/bench/measure/affinity.hpp>
#include <surewake/bench/measure/workload.hpp>

#include <barrier>
#include <thread>
#include <vector>

namespace surewake::bench {

/// Runs both at once, on cores of their own where there are two; `first` times itself.
template <class First, class Second> sample on_two_threads(First first, Second second) {
  static std::vector<int> const cpus = one_cpu_per_core();
  bool const pin = cpus.size() >= 2;
  sample o;
  {
    std::jthread const one([&] {
      if (pin) bind_to(cpus[0]);
      o = first();
    });
    std::jthread const other([&] {
      if (pin) bind_to(cpus[1]);
      second();
    });
  }
  o.pinned = pin ? 2 : 0;
  return o;
}

/// Runs body(0) … body(threads - 1) at once, on cores of their own where there are that many, a single one on this
/// thread. The timed part lasts from when all are ready to when the last has ended: `operations`, all together.
template <class Body> sample timed_together(unsigned threads, std::uint64_t operations, Body body) {
  static std::vector<int> const cpus = one_cpu_per_core();
  bool const pin = threads > 1 && threads <= cpus.size();
  stopwatch watch;
  if (threads == 1) {
    watch.start();
    body(0U);
    watch.stop(static_cast<double>(operations));
  } else {
    std::barrier start_and_end(static_cast<std::ptrdiff_t>(threads), [&, started = false]() mutable noexcept {
      started ? watch.stop(static_cast<double>(operations)) : watch.start();
      started = true;
    });
    std::vector<std::jthread> workers;
    for (unsigned t = 0; t < threads; ++t) {
      workers.emplace_back([&, t] {
        if (pin) bind_to(cpus[t]);
        start_and_end.arrive_and_wait();
        body(t);
        start_and_end.arrive_and_wait();
      });
    }
  }
  sample o = watch.total();
  o.pinned = pin ? threads : 0;
  return o;
}

}  // namespace surewake::bench
