// surewake/verify/engine/graph/token.hpp: an execution as a short text, to run it again in another process.
//
//   graph.AQABAwJB…   base64url of: version, memory model, limits, number of threads, decisions, checksum
//
// A decision says which thread goes on, and how its operation differs from the default (watch.hpp). Decisions by
// default of one thread in a row are one byte, so a token is about as long as the trace has switches. It has no
// addresses and no locations: what the program asks for, it asks for again.
#pragma once

#include <surewake/verify/engine/graph/watch.hpp>

#include <string>
#include <string_view>

namespace surewake::verify::graph {

struct token {
  memory_model memory = memory_model::cpp20;
  unsigned rare = 0;    // search_limits::rare
  unsigned yields = 0;  // search_limits::yields
  unsigned threads = 0;
  std::vector<decision> decisions{};
  bool operator==(token const&) const = default;
};

/// Returns the decisions that lead to a graph, whose write halves come right after their read halves.
[[nodiscard]] std::vector<decision> decisions_of(execution const& g);

[[nodiscard]] bool is_token(std::string_view text) noexcept;
[[nodiscard]] std::string to_text(token const& t);
/// Errors  std::invalid_argument, which says what is wrong with the text
[[nodiscard]] token parse_token(std::string_view text);

}  // namespace surewake::verify::graph
