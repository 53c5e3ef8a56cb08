// surewake/verify/engine/graph/herd.hpp: a program as a litmus test in C11, as herd7 and others read them.
//
// The test has the same registers and locations, so its final states are those of the program. What C11 says in another
// way:
//
//   C r0 x 0 8 …   its expected value is in a location of its own, which the thread reads for r0_o afterwards
//   AW r0 x 1 …    a load, and a filter: executions in which it reads something else do not count
//   ? r0 1 S       an if; registers that it may leave unset begin as 9, as everywhere here
#pragma once

#include <surewake/verify/engine/graph/litmus.hpp>

#include <string>
#include <string_view>

namespace surewake::verify::graph {

/// Returns the name with what a name of a test cannot have, or a file's, replaced by `_`.
[[nodiscard]] std::string herd_name(std::string_view name);

/// Returns the test. `weak` is the final state in question, as "0:r0=1 x=2"; where it is empty, the test asks for all
/// final states.
///
/// Errors  bad_program where C11 has no word for something, which it names: light and heavy fences, a look at a futex's
///         word, choices, plain and atomic accesses of one location; or where a name is none in C, or `weak` is no
///         state.
[[nodiscard]] std::string herd_test(program const& p, std::string_view name, std::string_view weak = {});

}  // namespace surewake::verify::graph
