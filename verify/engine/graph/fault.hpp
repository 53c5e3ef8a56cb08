// surewake/verify/engine/graph/fault.hpp: mistakes that the engine's own tests put into it; they must see each.
//
// The engine is compiled twice: for use, where no fault is seeded and each question below is a constant, and for its
// tests (faults.test.cpp), which choose one at run time.
#pragma once

#include <cstdint>

namespace surewake::verify::graph {

enum class fault : std::uint8_t {
  none,
  release_sequence_of_cpp11,   // later stores of the same thread continue it
  rmw_ends_release_sequence,
  release_fence_ignored,
  acquire_fence_ignored,
  release_store_ignored,
  acquire_load_ignored,
  no_total_order,
  sc_fence_is_acq_rel,
  sc_fences_order_fences_only,
  single_steps_for_eco,
  failure_order_ignored,
  failure_reads_newest,
  rmw_halves_apart,
  no_atomicity,
  no_coherence,
  co_is_insertion_order,
  no_revisits,
  revisits_without_maximality,
  revisited_read_not_tested,
  light_fences_are_full,
  look_is_stale,
  rare_without_limit,
  overtaken_for_all,  // no thread is of use to a read that is overtaken
  reuses_unordered,   // an allocation is given memory whose free is not ordered before it
  reuses_twice,       // several allocations are given the same freed memory
  end,
};

#ifdef SUREWAKE_SEEDED_FAULTS
inline fault seeded_fault = fault::none;
[[nodiscard]] inline bool seeded(fault f) noexcept { return seeded_fault == f; }
#else
[[nodiscard]] constexpr bool seeded(fault) noexcept { return false; }
#endif

}  // namespace surewake::verify::graph
