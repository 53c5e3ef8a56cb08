// surewake/verify/engine/graph/token.hpp: an execution as a short text, to run it again in another process.
//
//   graph.AgABAwJB…   base64url of: version, memory model (plus 128 where freed memory is given again), limits, number
//                     of threads, print of the execution, decisions, checksum
//
// A decision says which thread goes on, and how its operation differs from the default (watch.hpp). Decisions by
// default of one thread in a row are one byte, so a token is about as long as the trace has switches. It has no
// addresses and no locations: what the program asks for, it asks for again. Where a program that has changed since asks
// for something else, or sees other values, the print differs, and the token is refused (replay()).
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
  bool reuse = false;       // search_limits::reuse
  std::uint32_t print = 0;  // print_of() the execution
  bool operator==(token const&) const = default;
};

/// Returns the decisions that lead to a graph, whose write halves come right after their read halves.
[[nodiscard]] std::vector<decision> decisions_of(execution const& g);

/// Returns 24 bits of the graph's fingerprint: operations, orders, reads-from, modification orders and small values.
[[nodiscard]] std::uint32_t print_of(execution const& g) noexcept;

[[nodiscard]] bool is_token(std::string_view text) noexcept;
[[nodiscard]] std::string to_text(token const& t);
/// Errors  std::invalid_argument, which says what is wrong with the text
[[nodiscard]] token parse_token(std::string_view text);

}  // namespace surewake::verify::graph
