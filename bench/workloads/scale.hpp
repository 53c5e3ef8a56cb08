// surewake/bench/workloads/scale.hpp: the contended workload on 1 … all processors, for `surewake-bench scale`.
#pragma once

#include <surewake/bench/measure/workload.hpp>

#include <string_view>

namespace surewake::bench {

/// What its scenarios are called: "4 threads, 1 permit" and "4 threads, permits to spare".
inline constexpr std::string_view scale_workload = "scale";

/// Returns 1 … n, of more than eight some: each a quarter more than the one before, and n.
[[nodiscard]] std::vector<unsigned> thread_counts(unsigned n);

/// Adds a scenario for each number of threads up to the number of processors. Only a pattern selects them: they are not
/// among what `run` measures without one.
void add_scale(scenarios& all, effort const& e);

}  // namespace surewake::bench
