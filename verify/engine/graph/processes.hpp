// surewake/verify/engine/graph/processes.hpp: one search in several processes.
//
// The parts of a search that are left (frontier.hpp) depend on nothing of each other. This process, the leader, gives
// each worker a part. Where a worker has nothing to do, another one gives away about half of what it has left, what it
// would visit last. So the leader knows the order in which one process would have visited all parts, and the outcome is
// that of one process whatever the number of workers is: all counts, and in a search that finds something, what is
// counted and found up to the first finding in that order. Only where a limit ends the search does it depend on time.
#pragma once

#include <surewake/verify/engine/graph/worker.hpp>

#include <vector>

namespace surewake::verify::graph {

/// Does what search_parts() does, in `workers` processes. Limits are for all of them together. Those of time and memory
/// are looked at every 20 ms; each worker ends at its first execution after the limit of them.
///
/// Errors  std::runtime_error, where a worker fails or dies, or a run does not end; std::system_error; does_not_fit
[[nodiscard]] search_outcome search_in_processes(make_runnable const& make, std::vector<frontier>& left,
                                                 search_limits const& limits, search_control const& control,
                                                 unsigned workers);

}  // namespace surewake::verify::graph
