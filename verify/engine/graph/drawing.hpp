// surewake/verify/engine/graph/drawing.hpp: an execution graph as JSON, and as a drawing of Graphviz.
//
// Events are nodes. Relations are pairs of their numbers: po and co from each event to the next one, rf, fr to the
// first store that a read misses, and hb between threads, where a thread first learns of the other one's event.
#pragma once

#include <surewake/verify/engine/graph/counterexample.hpp>

#include <string>
#include <string_view>

namespace surewake::verify::graph {

/// Returns the execution as JSON: verdict, message, memory, token, threads, events, relations, notes.
[[nodiscard]] std::string json_of(counterexample const& c, model_type const& model);

/// Returns the text for `dot` that draws what json_of() returned.
///
/// Errors  std::invalid_argument where it is no such text
[[nodiscard]] std::string dot_of(std::string_view json);

}  // namespace surewake::verify::graph
