// surewake/verify/engine/graph/graph_engine.hpp: searches one case along its execution graphs, in this process.
#pragma once

#include <surewake/verify/engine/relacy_engine.hpp>

namespace surewake::verify {

/// Searches every execution of a case, within the limits of `options`; or runs the one that a token of the graph engine
/// names, where options.replay says so and the seed is one.
///
/// Errors    std::logic_error where the model does not do the same in the same execution; std::invalid_argument
///           where the token is none of this case
/// Progress  ends within about a run of limits.seconds of processor time.
[[nodiscard]] search_result run_graph(test_case const& c, engine_options const& options);

}  // namespace surewake::verify
