// surewake/verify/engine/graph/schedule.hpp: an order in which to show the events of a graph.
//
// Each order that extends po ∪ rf is a run of the program. The best one to read has no read of an older value and no
// store that comes after a newer one, and few switches between threads.
//
//   I1  If the graph is sequentially consistent, an event is shown after whatever is before it in po ∪ rf ∪ co ∪ fr. So
//       no read is stale.
//   I2  Otherwise fewer stale reads and late stores come first, then fewer switches.
//   I3  The search keeps the best way to each set of events that ends in each thread, and at each length the best
//       `width` of these sets, fewer for an execution of many events. So it is exact where there are no more: always
//       with two threads and at most several hundred events.
#pragma once

#include <surewake/verify/engine/graph/altered.hpp>

#include <functional>

namespace surewake::verify::graph {

struct schedule {
  std::vector<event_id> order{};  // of all events but initial writes and write halves
  unsigned switches = 0;          // between events that are shown
  std::vector<event_id> stale{};  // reads of a value that a store shown earlier has overwritten
  std::vector<event_id> late{};   // stores shown after a newer store
};

/// Finds a schedule. Only what is `shown` counts as a switch; `last` is the thread that should come last, if there is
/// one. `sequential`: the graph is sequentially consistent.
[[nodiscard]] schedule schedule_of(execution const& g, bool sequential,
                                   std::function<bool(event const&)> const& shown, unsigned last = no_thread,
                                   std::size_t width = 3000);

}  // namespace surewake::verify::graph
