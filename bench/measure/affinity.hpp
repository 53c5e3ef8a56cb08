// surewake/bench/measure/affinity.hpp: binds the threads of a workload to cores of their own, where this process may
// choose.
#pragma once

#include <pthread.h>
#include <sched.h>

#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace surewake::bench {

/// Returns one processor of each core that this process may run on, so that no two of them share a core's execution
/// units.
[[nodiscard]] inline std::vector<int> one_cpu_per_core() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return {};
  auto const number = [](std::string const& path, int otherwise) {
    int n = otherwise;
    std::ifstream(path) >> n;
    return n;
  };
  std::set<std::pair<int, int>> seen;
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    std::string const topology = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
    if (seen.emplace(number(topology + "physical_package_id", 0), number(topology + "core_id", cpu)).second) {
      cpus.push_back(cpu);
    }
  }
  return cpus;
}

/// Binds the calling thread. Returns false where the system refuses.
inline bool bind_to(int cpu) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  return ::pthread_setaffinity_np(::pthread_self(), sizeof one, &one) == 0;
}

}  // namespace surewake::bench
