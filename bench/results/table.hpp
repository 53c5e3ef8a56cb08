// surewake/bench/results/table.hpp: results as text for a terminal.
#pragma once

#include <surewake/bench/results/results.hpp>

namespace surewake::bench {

/// Writes per scenario and contestant: median, range, ratio to the unit and to each peer, allocations; then each
/// strategy's gain over mutex_deque, and the targets.
[[nodiscard]] std::string table_of(results const& r);

/// Writes 3 significant digits; "–" for NaN.
[[nodiscard]] std::string brief(double value);
/// Writes nanoseconds with the prefix that suits.
[[nodiscard]] std::string brief_time(double ns);

}  // namespace surewake::bench
