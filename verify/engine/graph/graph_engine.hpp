// surewake/verify/engine/graph/graph_engine.hpp: searches one case along its execution graphs, in this process or in
// several beside it.
#pragma once

#include <surewake/verify/engine/graph/whole_search.hpp>
#include <surewake/verify/engine/relacy_engine.hpp>

namespace surewake::verify {

/// Searches every execution of a case, within the limits of `options`; or runs the one that a token of the graph engine
/// names, where options.replay says so and the seed is one.
///
/// Errors    std::logic_error where the model does not do the same in the same execution; std::invalid_argument
///           where the token is none of this case
/// Progress  ends within about a run of limits.seconds of processor time.
[[nodiscard]] search_result run_graph(test_case const& c, engine_options const& options);

/// Searches a case in the processes and sittings that `how` asks for; the limits are those of `options`, and all else
/// there is left alone. Nothing is run at random, so that the numbers do not depend on the processes. A finding has its
/// seed, and no trace.
///
/// Errors  those of graph::search_program(); what it says of a file that cannot be written goes to `unsaved`
[[nodiscard]] search_result search_graph(test_case const& c, engine_options const& options,
                                         graph::search_options how, std::string& unsaved);

}  // namespace surewake::verify
