// surewake/bench/report.hpp: results as one HTML page.
#pragma once

#include <surewake/bench/results.hpp>

namespace surewake::bench {

/// Writes dir/report.html from the results and dir/results.json. Nothing in it is loaded from anywhere else.
///
/// Errors  std::runtime_error where a file cannot be read or written, or gnuplot is missing.
void write_report(results const& r, std::filesystem::path const& dir);

}  // namespace surewake::bench
