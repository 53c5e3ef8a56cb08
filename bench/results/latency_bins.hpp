// surewake/bench/results/latency_bins.hpp: how many operations took how long, beside the percentiles of a row.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace surewake::bench {

/// Those that took `low_ns` and more, and less than `high_ns`.
struct latency_bin {
  double low_ns = 0;
  double high_ns = 0;
  std::uint64_t count = 0;
};

struct latency_bins {
  std::string what{};  // "response", "service", "wake": as the percentiles are called in results/metrics.hpp
  std::vector<latency_bin> bins{};  // those that are not empty, in order
};

/// The latencies of all samples of a contestant in a scenario, as far as one sitting of a run measured them.
struct latency_record {
  std::string workload, scenario, contestant;
  latency_bins latencies;
};

}  // namespace surewake::bench
