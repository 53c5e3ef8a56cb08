// surewake/verify/engine/graph/altered.hpp: copies of a graph with something changed, and whether they are consistent.
//
// A copy has the same reads-from and the same modification orders. It may be cut to what a run has performed, be of
// another memory model, or have operations with other orders. Its events are numbered as in the graph, except that the
// write half of an RMW comes right after its read half.
//
// Consistency is found out by increments, as in the exploration (explorer.cpp): a graph is consistent only if it is so
// without its last event, because no axiom asks for an event. Each event is looked at when it is the last one.
#pragma once

#include <surewake/verify/engine/graph/execution.hpp>

#include <functional>

namespace surewake::verify::graph {

/// How many events of each thread there are.
using lengths = std::array<unsigned, max_threads>;
[[nodiscard]] lengths lengths_of(execution const& g);

struct altered {
  execution graph;
  bool consistent = true;  // otherwise `graph` ends with the first event that has no place in it
};

/// Copies the first events of each thread, where `asked` names what an event asks for instead of event::asked. What is
/// left out depends on nothing that stays.
[[nodiscard]] altered alter(execution const& g, memory_model model, lengths const& events,
                            std::function<request(event const&)> const& asked);
[[nodiscard]] altered alter(execution const& g, memory_model model);

}  // namespace surewake::verify::graph
