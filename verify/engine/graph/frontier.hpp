// surewake/verify/engine/graph/frontier.hpp: what is left of an exploration, for another process to go on from.
//
// A graph is not written down, but how its level came to it: which read the level below had revisited, and where the
// exploration did something else than its default. The program adds the rest when it is run again. So nothing here is
// an address or depends on where an object lies, and a frontier is small: some numbers for each alternative.
//
// A level of a frontier is one of the explorer (explorer.hpp, Terms). Its graph ends with the last event that an
// alternative of its own, or the level after it, needs.
#pragma once

#include <surewake/verify/engine/graph/execution.hpp>

#include <cstdint>
#include <stdexcept>
#include <vector>

namespace surewake::verify::graph {

/// `revisit` makes a new level; `revisited` is the place there of the write that revisits.
enum class action : std::uint8_t { read, place, choose, revisit, revisited };

/// Something else that the exploration can do.
struct alternative {
  action what{};
  event_id at = 0;         // the event
  std::int64_t which = 0;  // the write to read from; the place before it; the value; the read to revisit
  bool operator==(alternative const&) const = default;
};

struct frontier_level {
  event_id revisits = no_event;  // a read of the level before, whose graph ends with the write that revisits it
  std::int32_t after = -1;       // the place after which that write is; where the graph has it
  event_id size = 0;             // of the graph
  std::vector<alternative> done{};     // what was done other than by default, by the number of the event
  std::vector<alternative> todo{};
  std::vector<double> weights{};       // of `todo`
  std::uint64_t print = 0;             // fingerprint() of the graph
  bool operator==(frontier_level const&) const = default;
};

struct frontier {
  bool whole = false;  // nothing has been done yet
  std::vector<frontier_level> levels{};
  [[nodiscard]] bool empty() const noexcept { return !whole && levels.empty(); }
  [[nodiscard]] double weight() const;
  bool operator==(frontier const&) const = default;
};

/// The program does not go where the frontier says that it went.
class does_not_fit : public std::runtime_error {
 public:
  does_not_fit() : runtime_error("the program is not the one that the search was saved of") {}
};

/// Returns a number that tells graphs apart: by operations, orders, reads-from, modification orders and small values.
/// Large values may be addresses, and are left out.
[[nodiscard]] std::uint64_t fingerprint(execution const& g) noexcept;
/// Returns the place after which a write was put when it was added.
[[nodiscard]] std::int32_t put_after(execution const& g, event_id write);
/// Returns what the exploration did other than by default to come to the graph, from the event `from` on.
[[nodiscard]] std::vector<alternative> decisions(execution const& g, event_id from);

}  // namespace surewake::verify::graph
