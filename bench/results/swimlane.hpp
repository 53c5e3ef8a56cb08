// surewake/bench/results/swimlane.hpp: one small real run of a contestant, event by event: which task held a permit,
// which waited, which overtook which.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace surewake::bench {

/// What a task does: it asks for one permit, gets it and gives it back, or gives up waiting; `closed`: close() ended
/// its wait.
enum class lane_step : std::uint8_t { asks, gets, gives_back, gives_up, closed };
inline constexpr std::array<std::string_view, 5> lane_step_names{"asks", "gets", "gives_back", "gives_up", "closed"};

[[nodiscard]] constexpr std::string_view to_string(lane_step s) noexcept {
  return lane_step_names[static_cast<std::size_t>(s)];
}
[[nodiscard]] constexpr std::optional<lane_step> lane_step_of(std::string_view name) noexcept {
  for (std::size_t i = 0; i < lane_step_names.size(); ++i) {
    if (lane_step_names[i] == name) return static_cast<lane_step>(i);
  }
  return std::nullopt;
}

struct lane_event {
  double t = 0;  // ns since the first event
  unsigned task = 0;
  lane_step step = lane_step::asks;
};

struct swimlane {
  std::string contestant{};
  unsigned tasks = 0;  // each on a thread of its own
  unsigned permits = 0;
  std::vector<lane_event> events{};  // in order of time
};

/// Puts the events into order of time, which starts at 0 with the first. Of events of one time a permit is given back
/// before it is taken again, and those of one task stay in their order.
void put_in_order(swimlane& lanes);

/// Returns the law that the run breaks; empty: none. Never more permits are held than there are; a task asks when it
/// neither waits nor holds, and each wait ends once; at the end nobody waits, and every permit is back.
[[nodiscard]] std::string broken_law(swimlane const& lanes);

}  // namespace surewake::bench
