// surewake/bench/report/page.hpp: the report as one HTML text: the page that shows (report/page, embedded), and the
// results as JSON inside it.
//
// The page computes what depends on its reader's choices; what the other commands compute too (targets, gains, sources)
// it is given, so that they cannot differ. Numbers have five digits, which is more than a median is sure of.
#pragma once

#include <surewake/bench/results/results.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace surewake::bench {

/// The page stays below this, in bytes, whatever the results.
inline constexpr std::size_t largest_page = 1'500'000;

/// What is shown beside the rows.
struct page_facts {
  nlohmann::ordered_json about;                  // of the run
  std::string by{};                              // the program that makes the page
  nlohmann::ordered_json conformance = nullptr;  // what `conformance --json` wrote
};

/// How much of the samples is in a page.
struct page_detail {
  bool every_column = true;  // otherwise what charts and verdict read, and the metrics
  bool usage = true;         // those metrics that each sample has: processor time, context switches, cycles
  std::size_t blocks = std::numeric_limits<std::size_t>::max();  // of each contestant, the first ones
};

/// Returns the results as the page reads them; what `detail` leaves out is said in the member "left_out".
[[nodiscard]] nlohmann::ordered_json page_data(results const& r, page_facts const& facts, page_detail detail = {});

/// Writes JSON so that it can stand in a script element: no text in it ends the element or begins a comment.
[[nodiscard]] std::string script_safe(nlohmann::ordered_json const& data);

/// Makes the page. Its data is JSON; where that would exceed `limit` bytes, JSON that is packed (packed.hpp). Where
/// that is too large too, it leaves out what no chart needs, and then blocks, and says so in the page.
///
/// Errors  bad_results where even a single block exceeds the limit: the message names both sizes.
[[nodiscard]] std::string page_of(results const& r, page_facts const& facts, std::size_t limit = largest_page);

}  // namespace surewake::bench
