// surewake/verify/cases/seeded.hpp: shorthand of the cases that search models/.
#pragma once

#include <surewake/models/bugs/around_synchronizer.hpp>
#include <surewake/models/bugs/hybrid.hpp>
#include <surewake/models/bugs/lines.hpp>
#include <surewake/models/bugs/orders.hpp>
#include <surewake/models/bugs/queues.hpp>
#include <surewake/models/bugs/counters.hpp>
#include <surewake/verify/cases/strategies.hpp>

namespace surewake::verify {

/// The time that one search of a tree may take: the one number that decides how long all of them take. verify/run
/// searches for about 5 minutes on two processors; most trees end long before.
inline constexpr double tree_seconds = 0.6;

/// Returns bounds for every schedule with at most n preemptions, or with as many as `seconds` are enough for.
[[nodiscard]] inline bounds preemptions(unsigned n, double seconds = tree_seconds) {
  return {.search = scheduler::bound, .schedules = 10'000'000, .seconds = seconds, .context_bound = n};
}

/// Returns the same bounds, where a compare-exchange that fails may have read an older value, as C++ allows.
[[nodiscard]] inline bounds stale_failures(bounds b) {
  b.stale_failures = true;
  return b;
}

/// Returns bounds for that many schedules at random. Where the tree is searched too, and every bug of the model was
/// found within 400 schedules, 20'000 are fifty times what a bug needs; verify/run asks for ten times.
[[nodiscard]] inline bounds sampled(std::uint64_t schedules) { return {.schedules = schedules}; }

/// Returns bounds for every schedule. Only small scenarios end, and those that do have the time for it.
[[nodiscard]] inline bounds everything() {
  return {.search = scheduler::full, .schedules = 100'000'000, .seconds = 12.5 * tree_seconds};
}
[[nodiscard]] inline labels hand_off_of(std::string queue) {
  return {.queue = std::move(queue), .discipline = "hand_off"};
}

/// Makes the labels of a seeded bug. Those that follow name the parts it is in.
[[nodiscard]] inline labels caught(std::string bug, verdict by, std::string queue,
                                   std::string discipline = "hand_off") {
  return {.queue = std::move(queue), .discipline = std::move(discipline), .bug = std::move(bug), .expect = by};
}
[[nodiscard]] inline labels in_list(std::string bug, verdict by, std::string discipline = "hand_off") {
  return caught(std::move(bug), by, "intrusive_list", std::move(discipline));
}
[[nodiscard]] inline labels in_deque(std::string bug, verdict by, std::string discipline = "hand_off") {
  return caught(std::move(bug), by, "mutex_deque", std::move(discipline));
}
[[nodiscard]] inline labels in_hybrid(std::string bug, verdict by, std::string discipline = "hand_off") {
  return caught(std::move(bug), by, "waker_hybrid", std::move(discipline));
}

}  // namespace surewake::verify
