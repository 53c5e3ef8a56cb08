#include <surewake/bench/results/swimlane.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace surewake::bench {

void put_in_order(swimlane& lanes) {
  std::ranges::stable_sort(lanes.events, [](lane_event const& a, lane_event const& b) {
    if (a.t != b.t || a.task == b.task) return a.t < b.t;
    return a.step == lane_step::gives_back && b.step != lane_step::gives_back;
  });
  double const begin = lanes.events.empty() ? 0 : lanes.events.front().t;
  for (lane_event& e : lanes.events) e.t -= begin;
}

std::string broken_law(swimlane const& lanes) {
  enum class state { idle, waits, holds };
  std::vector<state> tasks(lanes.tasks, state::idle);
  unsigned held = 0;
  for (lane_event const& e : lanes.events) {
    if (e.task >= lanes.tasks) return fmt::format("there is no task {}", e.task);
    bool const asks = e.step == lane_step::asks;
    bool const gives_back = e.step == lane_step::gives_back;
    state const before = asks ? state::idle : gives_back ? state::holds : state::waits;
    if (tasks[e.task] != before)
      return fmt::format("task {} {} out of turn, at {:.0f} ns", e.task, to_string(e.step), e.t);
    tasks[e.task] = asks ? state::waits : e.step == lane_step::gets ? state::holds : state::idle;
    held += e.step == lane_step::gets ? 1U : 0U;
    held -= gives_back ? 1U : 0U;
    if (held > lanes.permits) return fmt::format("{} of {} permits are held, at {:.0f} ns", held, lanes.permits, e.t);
  }
  auto const left = std::ranges::count_if(tasks, [](state s) { return s != state::idle; });
  return left == 0 ? "" : fmt::format("{} tasks still wait or hold at the end", left);
}

}  // namespace surewake::bench
