// surewake/verify/engine/graph/axioms.hpp: the memory models as their papers state them, on a whole graph.
//
// This is the definition. The exploration checks C++20 and SC by increments instead (execution.hpp, seq_cst_order.hpp),
// and its tests compare each of these decisions with the definition. RC11's order of seq_cst events is checked here in
// both.
#pragma once

#include <surewake/verify/engine/graph/execution.hpp>

namespace surewake::verify::graph {

/// Returns whether the graph is consistent under its memory model. All its writes have a place.
[[nodiscard]] bool satisfies_axioms(execution const& g);

/// Returns whether the seq_cst events of a graph can be ordered as RC11 demands (psc is acyclic), without the other
/// axioms.
[[nodiscard]] bool satisfies_rc11_order(execution const& g);

}  // namespace surewake::verify::graph
