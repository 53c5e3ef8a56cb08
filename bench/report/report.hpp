// surewake/bench/report/report.hpp: results as one HTML page.
#pragma once

#include <surewake/bench/results/results.hpp>

namespace surewake::bench {

/// Says in words what the results in `dir` come from: from dir/results.json.
///
/// Errors  std::runtime_error where it cannot be read.
[[nodiscard]] std::string heading_of(std::filesystem::path const& dir);

/// Writes dir/report.html from the results and dir/results.json. Nothing in it is loaded from anywhere else. After a
/// signal it writes nothing.
///
/// Errors  std::runtime_error where a file cannot be read or written, or gnuplot is missing.
void write_report(results const& r, std::filesystem::path const& dir);

}  // namespace surewake::bench
