// surewake/verify/cases/bounds.hpp: how far the cases of models/ are searched.
#pragma once

#include <surewake/verify/engine/case.hpp>

namespace surewake::verify {

/// The time that one search of a tree may take: the one number that decides how long all of them take. verify/run
/// searches for about 7 minutes on two processors; most trees end long before.
inline constexpr double tree_seconds = 0.4;

/// Returns bounds for every schedule with at most n preemptions, or with as many as the time is enough for.
[[nodiscard]] inline bounds preemptions(unsigned n) {
  return {.search = scheduler::bound, .schedules = 10'000'000, .seconds = tree_seconds, .context_bound = n};
}

/// Returns bounds for that many schedules at random: ten times what any bug of the model needed, or more, which
/// verify/run checks.
[[nodiscard]] inline bounds sampled(std::uint64_t schedules) { return {.schedules = schedules}; }

/// Returns bounds for every schedule. Only small scenarios end, and those that do have the time for it.
[[nodiscard]] inline bounds everything() {
  return {.search = scheduler::full, .schedules = 100'000'000, .seconds = 12.5 * tree_seconds};
}

/// Returns bounds for every interleaving with at most n preemptions, or with as many as the time is enough for. Weak
/// memory is for the graph engine and for schedules at random: a search that chooses stores as well does not reach the
/// switches that matter in a model of many steps.
[[nodiscard]] inline bounds interleavings(unsigned n, double seconds = tree_seconds) {
  return {.search = scheduler::bound, .schedules = 10'000'000, .seconds = seconds, .context_bound = n,
          .model = memory::sequential, .weak_on_graphs = true};
}

}  // namespace surewake::verify
