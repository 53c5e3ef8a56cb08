// surewake/bench/report/report.hpp: results as one HTML page.
#pragma once

#include <surewake/bench/results/results.hpp>

namespace surewake::bench {

/// Says in words what results come from, of the first record of their file.
[[nodiscard]] std::string heading_of(nlohmann::ordered_json const& about);

/// What `conformance --json` writes beside the results, for the report to show.
inline constexpr char const* conformance_name = "conformance.json";

/// Writes dir/report.html from results, the first record of their file, and what else is in the folder. Nothing in it
/// is loaded from anywhere else. After a signal it writes nothing.
///
/// Errors  std::runtime_error where a file cannot be written; bad_results where one in the folder is not what it is
///         named for.
void write_report(results const& r, nlohmann::ordered_json const& about, std::filesystem::path const& dir);

}  // namespace surewake::bench
