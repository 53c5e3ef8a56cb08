// surewake/verify/program/search.hpp: the command search: one case by the graph engine, in several processes and in
// several sittings.
#pragma once

#include <surewake/verify/program/report.hpp>

#include <filesystem>

namespace surewake::verify {

struct search_request {
  test_case const* tested = nullptr;
  bounds limits{};
  graph_limits on_graphs{};
  unsigned processes = 1;
  std::filesystem::path resume{};  // what an earlier search left; empty: from the beginning
  std::filesystem::path save{};    // for what is left; empty: nowhere
  unsigned columns = 0;            // trace_options::columns
};

struct search_report {
  result_row row{};
  bool saved = true;  // or nothing was to be saved
};

/// Returns a number of two digits and as many zeros as it takes: "about 3'400'000".
[[nodiscard]] std::string about(double n);

/// Returns what is said of a search under way. `before` is how far it was when this sitting began, `seconds` ago.
[[nodiscard]] std::string progress_text(graph::search_progress const& now, graph::search_progress const& before,
                                        double seconds);

/// Searches, and prints what came of it: the line of its row; of a finding the trace; of a search that was cut off a
/// guess how long it would be, and how to go on. A signal cuts it off.
///
/// Errors  those of search_graph(); std::runtime_error where a finding cannot be shown
[[nodiscard]] search_report search(search_request const& r);

}  // namespace surewake::verify
