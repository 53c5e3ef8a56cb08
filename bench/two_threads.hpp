// surewake/bench/two_threads.hpp: two parties of a workload, on a thread each.
#pragma once

#include <surewake/bench/affinity.hpp>
#include <surewake/bench/workload.hpp>

#include <thread>

namespace surewake::bench {

/// Runs both at once, on cores of their own where there are two; `first` times itself.
template <class First, class Second> outcome on_two_threads(First first, Second second) {
  static std::vector<int> const cpus = one_cpu_per_core();
  bool const pin = cpus.size() >= 2;
  outcome o;
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

}  // namespace surewake::bench
