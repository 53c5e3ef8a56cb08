// surewake/bench/results/references.hpp: what a paper must cite for the rows that it uses.
//
// A strategy's sources are those that its header names (verify/shared/references.hpp). To say whose another contestant
// is: a key of references.bib in `origins`, beside the family that it belongs to: what is before the first / or
// blank of its name, or the name of the method.
#pragma once

#include <surewake/bench/results/results.hpp>
#include <surewake/verify/shared/references.hpp>

#include <string_view>
#include <vector>

namespace surewake::bench {

using program::source;

/// Returns the sources of a contestant's algorithm, the nearest first; empty: it has none (a floor of ours).
[[nodiscard]] std::vector<source> sources_of(std::string_view contestant);

/// Returns those of every contestant of the results, and of the statistics that the tables use, each once.
[[nodiscard]] std::vector<source> sources_of(results const& r);

}  // namespace surewake::bench
