// surewake/verify/engine/graph/revisit.hpp: backward revisits: a read that reads from a write which was added later.
//
// Terms  a  the write that was just added, the last event
//        r  a read of its location, not in the porf-prefix of a
//        D  what is deleted: what was added after r and is not in the porf-prefix of a
//
// The exploration adds events in one order and lets each read choose among the writes that are there. A read that sees
// a later write is reached from the graph in which that write is added: D goes, r reads a. Many graphs lead to the same
// result. To get each result once, the revisit is taken from one of them only: that in which r and all of D are what
// the exploration adds by default, *maximal*.
//
// With Prev(e) = what was added no later than e, and the porf-prefix of a, an event e is maximal where
//   - no event of Prev(e) reads from e, and
//   - y = (what e reads, if e is a read; otherwise e) is in Prev(e), and no other write of Prev(e) than a is after y in
//     modification order.
// A fence is always maximal; a choice is with its first value only, because its other values are graphs of their own
// with the same events after it. (Kokologiannakis, Marmanis, Gladstein, Vafeiadis, POPL 2022.)
#pragma once

#include <surewake/verify/engine/graph/execution.hpp>

#include <vector>

namespace surewake::verify::graph {

/// Returns the reads that the last event of the graph, a write, revisits.
void find_revisits(execution const& g, std::vector<event_id>& reads);

/// Makes `result` the graph that is left when the last event of `g`, a write, revisits `read`: without D, without the
/// write and without the read, which its caller adds again in this order.
void restrict_for_revisit(execution const& g, event_id read, execution& result);

}  // namespace surewake::verify::graph
