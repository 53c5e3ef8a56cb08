// surewake/bench/results/table.hpp: results as text, Markdown, LaTeX and CSV.
#pragma once

#include <surewake/bench/results/grid.hpp>
#include <surewake/bench/results/results.hpp>

namespace surewake::bench {

/// Writes per scenario and contestant: median, interval, least, deviation, units, ratios within the same block to the
/// floor of its shape and to the best peer, what it used, how many samples were marked; the best of ours beside each
/// peer; contestants that failed; then each strategy's gain over mutex_deque, and the targets. As CSV: summary_csv.
[[nodiscard]] std::string table_of(results const& r, table_format format = table_format::text);

/// Writes a line for each scenario, contestant and quantity: n, marked, median, interval, least, deviation. Ratios
/// within the same block to every floor and peer are quantities too, with the column `against`.
[[nodiscard]] std::string summary_csv(results const& r);

/// Writes 3 significant digits; "–" for NaN.
[[nodiscard]] std::string brief(double value);
/// Writes nanoseconds with the prefix that suits.
[[nodiscard]] std::string brief_time(double ns);

}  // namespace surewake::bench
