// surewake/verify/engine/graph/seq_cst_order.hpp: can all seq_cst operations be in one total order? (C++20, P0668)
//
// Terms  eco  the order that a location's accesses show: rf, co, and fr (from a read to what is after its write in co)
//        shb  strongly happens-before: po ∪ sw between seq_cst accesses ∪ po;hb;po, transitively
//        S    the total order that must exist. It must contain
//               ([seq_cst access] ∪ [seq_cst fence];hb?) ; eco ; ([seq_cst access] ∪ hb?;[seq_cst fence])
//             and shb between seq_cst events. It exists where these have no cycle.
//
// An RMW is one node: what comes before one half comes before both. With the halves apart, a release that its write
// half makes would be po-after its read half, and shb would order too much (litmus program Z6.U).
//
// Why only some additions are looked at. Let the graph before be consistent, and e its new event. Nothing is hb-after
// e. If e is co-last, or reads the co-last write, nothing is eco-after e either, and no cycle goes through e. A path
// eco;eco through e from x to y is no news, because then x and y are accesses of one location and x eco y held before.
// So new edges of S start at e itself, if it is seq_cst, and at seq_cst fences that happen before e, their *sources*.
// From the other end of these edges the search below follows the edges of S, and a cycle is there where it finds a
// source.
//
// Why a number for each thread holds what was found. po is part of shb, so with a seq_cst event of a thread all later
// ones are found. And eco is a comparison of ranks: a write in place p has rank 2p, a read of it 2p + 1, and x eco y
// exactly where rank(x) < rank(y).
//
// A light fence is related only to heavy fences. Its new edges are fewer than those of other sources. So sources are
// taken by their reach, and a search for each reach follows from e only what that reach is ordered with. In a thread S
// still is program order: whatever the heavy fence orders before the light one is before all that follows it.
//
// Under sequential consistency every access is a seq_cst one, and the same search decides whether po ∪ rf ∪ co ∪ fr has
// a cycle.
#pragma once

#include <surewake/verify/engine/graph/execution.hpp>

#include <array>
#include <vector>

namespace surewake::verify::graph {

class seq_cst_order {
 public:
  /// Returns whether S exists for a graph that is consistent without `e`, on which nothing depends.
  [[nodiscard]] bool allows(execution const& g, event_id e);

 private:
  static constexpr std::uint32_t never = ~std::uint32_t{0};

  [[nodiscard]] bool has_cycle(event const& e, reach from);
  [[nodiscard]] bool find_sources(event const& e, reach from);
  void expand(event_id e);
  void expand_fence(event const& fence);
  void follow_strong(event const& from);
  void follow_locations(event const& from, reach by);
  void find(event const& target, reach by);
  void lower(unsigned thread, std::uint32_t index);
  [[nodiscard]] std::uint32_t rank(event const& e) const;

  execution const* g_ = nullptr;
  bool cycle_ = false;
  std::array<std::uint32_t, max_threads> source_end_{};  // sources of each thread have a smaller index
  std::array<std::uint32_t, max_threads> found_{};       // the first event of each thread that was found
  std::array<std::uint32_t, max_threads> expanded_{};
  // By reach:
  std::array<std::array<std::uint32_t, max_threads>, 3> fence_{};  // the first seq_cst fence that was expanded
  std::array<std::vector<std::uint32_t>, 3> from_rank_{};          // of each location, the least rank that was followed
};

/// Returns what strongly happens before an event.
[[nodiscard]] clock const& strong(execution const& g, event_id e);

}  // namespace surewake::verify::graph
