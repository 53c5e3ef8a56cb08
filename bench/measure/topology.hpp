// surewake/bench/measure/topology.hpp: the caches and cores of this machine, and how near two processors are: by hwloc,
// where it was there when this was built, otherwise by what the kernel says of itself.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace surewake::bench {

/// Returns packages, cores, processors, NUMA nodes and caches, and by what they were found.
[[nodiscard]] nlohmann::ordered_json topology();

/// Returns "same core", "other core", "other package" of two processors; "unknown" where nothing says.
[[nodiscard]] std::string distance_of(int one_cpu, int other_cpu);

}  // namespace surewake::bench
