// surewake/verify/cases/seeded.hpp: shorthand of the cases that search models/.
#pragma once

#include <surewake/models/bugs/around_synchronizer.hpp>
#include <surewake/models/bugs/hybrid.hpp>
#include <surewake/models/bugs/lines.hpp>
#include <surewake/models/bugs/orders.hpp>
#include <surewake/models/bugs/queues.hpp>
#include <surewake/models/bugs/counters.hpp>
#include <surewake/verify/cases/bounds.hpp>
#include <surewake/verify/cases/strategies.hpp>

namespace surewake::verify {

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
