#include <surewake/bench/figure/charts.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

namespace surewake::bench {
namespace {

constexpr quantity time_ns = &row::time_ns_per_operation;

/// Each contestant has the same style in every chart: a strategy its colour (of Okabe and Ito, which the colour-blind
/// tell apart) and a mark, filled under hand_off, hollow and dashed under barging; a peer is dark, with a mark of
/// lines.
class styles {
 public:
  explicit styles(results const& r) {
    for (row const& one : r.rows()) {
      if (one.kind == "strategy") note(strategies_, strategy_of(one.contestant));
      if (one.kind == "peer") note(peers_, one.contestant);
    }
    for (swimlane const& s : r.swimlanes()) {
      if (s.contestant.find('/') != s.contestant.npos) note(strategies_, strategy_of(s.contestant));
    }
    std::ranges::sort(strategies_);
    std::ranges::sort(peers_);
  }

  [[nodiscard]] chart_style of(std::string const& contestant, std::string_view kind) const {
    using enum chart_mark;
    if (kind == "strategy") {
      static constexpr std::array<std::uint32_t, 6> colours{0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9};
      static constexpr std::array filled{disc, square, triangle, diamond, pentagon, turned_triangle};
      static constexpr std::array hollow{circle,         hollow_square,   hollow_triangle,
                                         hollow_diamond, hollow_pentagon, hollow_turned_triangle};
      std::size_t const at = place(strategies_, strategy_of(contestant));
      bool const barging = contestant.ends_with("/barging");
      return {colours[at % colours.size()], (barging ? hollow : filled)[at % filled.size()],
              barging ? chart_dash::dashed : chart_dash::solid};
    }
    if (kind != "peer") return {0x000000, plus, chart_dash::dotted};
    static constexpr std::array lines{cross, star};
    static constexpr std::array<std::uint32_t, 3> greys{0x303030, 0x606060, 0x8a8a8a};
    std::size_t const at = place(peers_, contestant);
    return {greys[at / lines.size() % greys.size()], lines[at % lines.size()],
            at % 2 == 0 ? chart_dash::dash_dotted : chart_dash::dotted};
  }

 private:
  static std::string strategy_of(std::string const& contestant) { return contestant.substr(0, contestant.find('/')); }
  static void note(std::vector<std::string>& seen, std::string const& name) {
    if (std::ranges::find(seen, name) == seen.end()) seen.push_back(name);
  }
  static std::size_t place(std::vector<std::string> const& names, std::string const& name) {
    return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
  }

  std::vector<std::string> strategies_;
  std::vector<std::string> peers_;
};

chart_style without_line(chart_style s) {
  s.dash = chart_dash::no_line;
  return s;
}

/// A scenario by the begin of its name: of several, the one with the most waiters that are no more than `most`.
std::optional<std::string> scenario_like(results const& r, std::string_view workload, std::string_view begin,
                                         double most) {
  std::optional<std::string> best;
  double waiters = -1;
  for (std::string const& s : r.scenarios(workload)) {
    double const here = r.first(workload, s)->waiters;
    double const n = std::isnan(here) ? 0 : here;
    if (!s.starts_with(begin) || n > most || n <= waiters) continue;
    best = s;
    waiters = n;
  }
  return best;
}

/// Names 1, 2 and 5 of each power of ten: of an axis that is short, a name for each power would be none or one.
void name_some(chart_axis& a) {
  static constexpr std::array<std::pair<double, char const*>, 4> units{{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}}};
  for (double power = std::pow(10, std::floor(std::log10(a.low))); power <= a.high; power *= 10) {
    for (double const at : {power, 2 * power, 5 * power}) {
      if (at < a.low || at > a.high) continue;
      auto const unit = std::ranges::find_if(units, [&](auto const& u) { return at >= u.first || u.first == 1; });
      a.ticks.push_back({at, fmt::format("{:g}{}", at / unit->first, unit->second)});
    }
  }
}

/// Makes the axis as long as the values, with a margin.
void fit(chart_axis& a, std::vector<double> const& values) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (double const v : values) {
    if (std::isnan(v) || (a.logarithmic && v <= 0)) continue;
    low = std::min(low, v);
    high = std::max(high, v);
  }
  if (low > high) return;
  if (a.logarithmic) {
    double const margin = std::max(1.15, std::pow(high / low, 0.04));
    a.low = low / margin;
    a.high = high * margin;
    if (a.high / a.low < 1'000) name_some(a);
  } else {
    a.low = std::min(0.0, low);
    a.high = high > 0 ? high * 1.05 : 1;
  }
}

void fit_to_points(chart& c, bool x, bool y) {
  std::vector<double> across;
  std::vector<double> along;
  for (chart_series const& s : c.series) {
    for (chart_point const& p : s.points) {
      across.insert(across.end(), {p.x, p.x_sure.low, p.x_sure.high});
      along.insert(along.end(), {p.y, p.y_sure.low, p.y_sure.high});
    }
  }
  if (x) fit(c.x, across);
  if (y) fit(c.y, along);
}

/// Lanes are named from the top down.
double y_of_lane(std::size_t i) { return 0.0 - static_cast<double>(i); }

/// Returns the height of a chart of lanes, `each` inches for a lane, with room for the axis of a few.
double height_of(std::vector<std::string> const& lanes, double each) {
  return std::max(1.2, each * static_cast<double>(lanes.size()));
}

void name_lanes(chart& c, std::vector<std::string> const& names) {
  for (std::size_t i = 0; i < names.size(); ++i) c.y.ticks.push_back({y_of_lane(i), names[i]});
  c.y.low = 0.4 - static_cast<double>(names.size());
  c.y.high = 0.6;
}

struct step {
  char const* label;
  char const* workload;
  char const* scenario;
};
constexpr std::array ladder{step{"free permit, co_await", "uncontended", "await"},
                            step{"hand-off, in place", "ping_pong_inline", "one thread"},
                            step{"hand-off, executor", "ping_pong_executor", "two semaphores"},
                            step{"registration", "enqueue", "registration"},
                            step{"wake, n at once", "storm", "at once"},
                            step{"wake, one by one", "storm", "one by one"},
                            step{"withdrawal, oldest first", "withdraw", "fifo"},
                            step{"withdrawal, at random", "withdraw", "random"}};

chart cost_ladder(results const& r) {
  styles const style(r);
  chart c{.x = {.label = "ns per operation", .logarithmic = true}};
  std::vector<std::string> lanes;
  std::map<std::string, chart_series> by_name;
  chart_series floors{"floors of the row", {0x000000, chart_mark::none, chart_dash::no_line}, {}};
  for (step const& s : ladder) {
    auto const scenario = scenario_like(r, s.workload, s.scenario, 1'000);
    if (!scenario) continue;
    double const y = y_of_lane(lanes.size());
    lanes.emplace_back(s.label);
    for (std::string const& name : r.contestants(s.workload, *scenario)) {
      std::string const& kind = r.first(s.workload, *scenario, name)->kind;
      estimate const e = r.estimate_of(s.workload, *scenario, name, time_ns);
      if (!e.known() || kind == "experiment" || (kind == "strategy" && name.ends_with("/barging"))) continue;
      if (kind == "floor") {
        floors.points.push_back({.x = e.median, .y = y, .y_sure = {y - 0.42, y + 0.42}});
        continue;
      }
      chart_series& series = by_name[(kind == "strategy" ? "0" : "1") + name];
      series.name = name;
      series.style = without_line(style.of(name, kind));
      series.points.push_back({.x = e.median, .y = y, .x_sure = e.sure});
    }
  }
  // A peer of one row alone says more in that row's own table.
  std::erase_if(by_name, [](auto const& s) { return s.first[0] == '1' && s.second.points.size() < 2; });
  if (!floors.points.empty()) c.series.push_back(std::move(floors));
  std::size_t number = 0;
  for (auto& [key, series] : by_name) {
    double const aside = 0.7 * ((static_cast<double>(number++) + 0.5) / static_cast<double>(by_name.size()) - 0.5);
    for (chart_point& p : series.points) p.y -= aside;
    c.series.push_back(std::move(series));
  }
  name_lanes(c, lanes);
  fit_to_points(c, true, false);
  c.height_in = height_of(lanes, 0.34);
  return c;
}

/// A lane for each contestant, and a mark for each number of threads and permits.
chart contention(results const& r) {
  chart c{.x = {.label = "acquisitions per second, all threads", .logarithmic = true}};
  std::vector<std::string> lanes;
  static constexpr std::array looks{chart_style{0x0072b2, chart_mark::disc}, chart_style{0x56b4e9, chart_mark::circle},
                                    chart_style{0xd55e00, chart_mark::square},
                                    chart_style{0xe69f00, chart_mark::hollow_square},
                                    chart_style{0x000000, chart_mark::cross}};
  std::vector<std::string> const scenarios = r.scenarios("contended");
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    chart_series series{scenarios[i], looks[i % looks.size()], {}};
    for (std::string const& name : r.contestants("contended", scenarios[i])) {
      auto at = std::ranges::find(lanes, name);
      if (at == lanes.end()) at = lanes.insert(lanes.end(), name);
      estimate const e = r.estimate_of("contended", scenarios[i], name, &row::throughput_operations_per_s);
      if (!e.known()) continue;
      double const aside = 0.5 * ((static_cast<double>(i) + 0.5) / static_cast<double>(scenarios.size()) - 0.5);
      series.points.push_back(
          {.x = e.median, .y = y_of_lane(static_cast<std::size_t>(at - lanes.begin())) - aside, .x_sure = e.sure});
    }
    if (!series.points.empty()) c.series.push_back(std::move(series));
  }
  name_lanes(c, lanes);
  fit_to_points(c, true, false);
  c.height_in = height_of(lanes, 0.15);
  return c;
}

/// A line for each contestant, through the percentiles that have been told.
chart percentiles(results const& r, std::string_view workload, std::string const& scenario, std::string_view what) {
  styles const style(r);
  chart c{.x = {.label = fmt::format("percentile ({}, {})", workload, scenario), .low = -0.3, .high = 4.3},
          .y = {.label = fmt::format("{} time, ns", what), .logarithmic = true}};
  static constexpr std::array<std::pair<char const*, char const*>, 5> told{
      {{"50", "p50"}, {"90", "p90"}, {"99", "p99"}, {"99.9", "p999"}, {"99.99", "p9999"}}};
  for (std::size_t i = 0; i < told.size(); ++i) c.x.ticks.push_back({static_cast<double>(i), told[i].first});
  for (std::string const& name : r.contestants(workload, scenario)) {
    chart_series series{name, style.of(name, r.first(workload, scenario, name)->kind), {}};
    for (std::size_t i = 0; i < told.size(); ++i) {
      estimate const e =
          r.estimate_of(workload, scenario, name, std::string_view(fmt::format("{}_{}_ns", what, told[i].second)));
      if (e.known()) series.points.push_back({.x = static_cast<double>(i), .y = e.median, .y_sure = e.sure});
    }
    if (!series.points.empty()) c.series.push_back(std::move(series));
  }
  fit_to_points(c, false, true);
  c.height_in = 2.0;
  return c;
}

chart response_percentiles(results const& r) {
  std::vector<std::string> const all = r.scenarios("burst");
  if (all.empty()) return {};
  auto const loaded = std::ranges::find(all, "load 0.90");
  return percentiles(r, "burst", loaded == all.end() ? all.back() : *loaded, "response");
}

chart wake_percentiles(results const& r) {
  auto const scenario = scenario_like(r, "paced", "thread, 0 to 100", 1);
  return scenario ? percentiles(r, "paced", *scenario, "wake") : chart{};
}

chart fairness(results const& r) {
  styles const style(r);
  chart c{.x = {.label = "operations per second, all threads", .logarithmic = true},
          .y = {.label = "Jain's index: 1 is even"}};
  std::vector<std::string> const scenarios = r.scenarios("fairness");
  if (scenarios.empty()) return {};
  for (std::string const& name : r.contestants("fairness", scenarios.front())) {
    estimate const fast = r.estimate_of("fairness", scenarios.front(), name, &row::throughput_operations_per_s);
    estimate const fair = r.estimate_of("fairness", scenarios.front(), name, "fairness_jain");
    if (!fast.known() || !fair.known()) continue;
    c.series.push_back({name,
                        without_line(style.of(name, r.first("fairness", scenarios.front(), name)->kind)),
                        {{.x = fast.median, .y = fair.median, .x_sure = fast.sure, .y_sure = fair.sure}}});
  }
  fit_to_points(c, true, true);
  c.y.high = 1.03;
  c.height_in = 1.9;
  return c;
}

/// The cost of a waiter over how many there are, and a straight line through each: flat is linear in all.
chart over_n(results const& r, std::string_view workload, std::string_view begin, char const* what) {
  styles const style(r);
  chart c{.x = {.label = "n, waiters", .logarithmic = true},
          .y = {.label = fmt::format("ns per {} ({})", what, begin), .logarithmic = true}};
  std::map<std::string, chart_series> by_name;
  std::vector<std::string> names;
  for (std::string const& s : r.scenarios(workload)) {
    if (!s.starts_with(begin)) continue;
    for (std::string const& name : r.contestants(workload, s)) {
      estimate const e = r.estimate_of(workload, s, name, time_ns);
      if (!e.known()) continue;
      if (!by_name.contains(name)) names.push_back(name);
      chart_series& series = by_name[name];
      series.style = style.of(name, r.first(workload, s, name)->kind);
      series.points.push_back({.x = r.first(workload, s)->waiters, .y = e.median, .y_sure = e.sure});
    }
  }
  for (std::string const& name : names) {
    chart_series& points = by_name[name];
    std::ranges::sort(points.points, {}, &chart_point::x);
    double const slope = log_log_slope(points.points);
    points.name = std::isnan(slope) ? name : fmt::format("{} (slope {:+.2f})", name, slope);
    if (!std::isnan(slope)) {
      double x = 0;
      double y = 0;
      for (chart_point const& p : points.points) x += std::log(p.x), y += std::log(p.y);
      auto const n = static_cast<double>(points.points.size());
      auto const at = [&](double where) { return std::exp(y / n + slope * (std::log(where) - x / n)); };
      double const from = points.points.front().x;
      double const to = points.points.back().x;
      c.series.push_back(
          {"", {points.style.rgb, chart_mark::none, points.style.dash}, {{from, at(from)}, {to, at(to)}}});
    }
    points.style = without_line(points.style);
    c.series.push_back(std::move(points));
  }
  fit_to_points(c, true, true);
  c.height_in = 2.1;
  return c;
}

chart storm(results const& r) { return over_n(r, "storm", "one by one", "wake"); }
chart withdrawal(results const& r) { return over_n(r, "withdraw", "random", "withdrawal"); }

chart memory(results const& r) {
  chart c{.x = {.label = "bytes a waiter"}};
  std::vector<std::string> const scenarios = r.scenarios("memory");
  if (scenarios.empty()) return {};
  c.boxes = {{"frame without acquire", 0x9a9a9a, false, {}},
             {"acquire in the frame", 0x0072b2, true, {}},
             {"heap beyond the frame", 0xd55e00, false, {}}};
  std::vector<std::string> lanes;
  std::vector<double> ends;
  for (std::string const& name : r.contestants("memory", scenarios.front())) {
    auto const bytes = [&](double row::*what) { return r.estimate_of("memory", scenarios.front(), name, what).median; };
    double const frame = bytes(&row::frame_bytes_per_waiter);
    double const bare = frame - bytes(&row::awaiter_bytes_per_waiter);
    double const all = frame + bytes(&row::heap_bytes_per_waiter);
    if (std::isnan(all)) continue;
    double const y = y_of_lane(lanes.size());
    lanes.push_back(name);
    std::array const edges{0.0, bare, frame, all};
    for (std::size_t i = 0; i < c.boxes.size(); ++i) {
      if (edges[i + 1] > edges[i]) c.boxes[i].boxes.push_back({edges[i], edges[i + 1], y, 0.32});
    }
    ends.push_back(all);
  }
  name_lanes(c, lanes);
  fit(c.x, ends);
  c.height_in = height_of(lanes, 0.16);
  return c;
}

/// Adds the lanes of a run from lane `top` on.
void add_lanes(chart& c, swimlane const& s, std::size_t top) {
  std::vector<double> asked(s.tasks, row::none);
  std::vector<double> got(s.tasks, row::none);
  for (lane_event const& e : s.events) {
    double const us = e.t / 1'000;
    if (e.task >= s.tasks) continue;
    double const y = y_of_lane(top + e.task);
    auto const add_box = [&](chart_boxes& to, double from, double half_height) {
      if (!std::isnan(from)) to.boxes.push_back({from, us, y, half_height});
    };
    auto const wait_ended = [&] { add_box(c.boxes[0], std::exchange(asked[e.task], row::none), 0.15); };
    switch (e.step) {
      case lane_step::asks:
        asked[e.task] = us;
        break;
      case lane_step::gets:
        if (std::ranges::any_of(asked, [&](double other) { return other < asked[e.task]; })) {
          c.series[0].points.push_back({.x = us, .y = y});
        }
        wait_ended();
        got[e.task] = us;
        break;
      case lane_step::gives_back:
        add_box(c.boxes[1], got[e.task], 0.32);
        break;
      case lane_step::gives_up:
      case lane_step::closed:
        wait_ended();
        c.series[1].points.push_back({.x = us, .y = y});
        break;
    }
  }
}

/// The same queue under either discipline, one below the other.
chart lanes_of_tasks(results const& r) {
  std::vector<swimlane const*> shown;
  for (char const* const name : {"intrusive_list/hand_off", "intrusive_list/barging"}) {
    auto const at = std::ranges::find(r.swimlanes(), name, &swimlane::contestant);
    if (at != r.swimlanes().end()) shown.push_back(&*at);
  }
  if (shown.empty() && !r.swimlanes().empty()) shown.push_back(&r.swimlanes().front());
  if (shown.empty()) return {};
  chart c{.x = {.label = "µs"}};
  c.boxes = {{"waits", 0x606060, true, {}}, {"holds a permit", 0x0072b2, false, {}}};
  c.series = {{"overtakes a task that waits", {0xd55e00, chart_mark::triangle, chart_dash::no_line}, {}},
              {"gives up", {0x000000, chart_mark::cross, chart_dash::no_line}, {}}};
  std::vector<std::string> lanes;
  std::vector<double> ends;
  for (swimlane const* const s : shown) {
    if (!lanes.empty()) lanes.emplace_back();
    add_lanes(c, *s, lanes.size());
    std::string const discipline = s->contestant.substr(s->contestant.find('/') + 1);
    for (unsigned t = 0; t < s->tasks; ++t) lanes.push_back(fmt::format("{}, task {}", discipline, t));
    if (!s->events.empty()) ends.push_back(s->events.back().t / 1'000);
  }
  std::erase_if(c.series, [](chart_series const& s) { return s.points.empty(); });
  name_lanes(c, lanes);
  fit(c.x, ends);
  c.height_in = height_of(lanes, 0.2);
  return c;
}

constexpr std::array kinds{
    chart_kind{"cost-ladder",
               "What each operation costs under hand_off, beside peers, with its floors as rulers (1,000 "
               "waiters; medians, 95 % intervals)",
               "uncontended", &cost_ladder},
    chart_kind{"contention", "Throughput of more threads than permits (medians, 95 % intervals)", "contended",
               &contention},
    chart_kind{"percentiles-response", "Response of jobs since they were due, in an open loop", "burst",
               &response_percentiles},
    chart_kind{"percentiles-wake", "From a release to the next step of the thread that waits", "paced",
               &wake_percentiles},
    chart_kind{"fairness", "Fairness against throughput, of threads that think for different times", "fairness",
               &fairness},
    chart_kind{"storm", "The cost of a wake over the number of waiters, with fitted slopes", "storm", &storm},
    chart_kind{"withdrawal", "The cost of a withdrawal over the number of waiters, with fitted slopes", "withdraw",
               &withdrawal},
    chart_kind{"memory", "Memory of a waiter, by where it is", "memory", &memory},
    chart_kind{"swimlane", "One small run of the same queue under either discipline", "swimlane", &lanes_of_tasks}};

}  // namespace

std::span<chart_kind const> chart_kinds() { return kinds; }

chart chart_of(chart_kind const& kind, results const& r) {
  chart c = kind.make(r);
  c.name = kind.name;
  c.title = kind.what;
  return c;
}

std::size_t legend_entries(chart const& c) noexcept {
  auto const named = std::ranges::count_if(c.series, [](chart_series const& s) { return !s.name.empty(); });
  return c.boxes.size() + static_cast<std::size_t>(named);
}

double log_log_slope(std::span<chart_point const> points) {
  double x = 0;
  double y = 0;
  for (chart_point const& p : points) x += std::log(p.x), y += std::log(p.y);
  auto const n = static_cast<double>(points.size());
  double across = 0;
  double both = 0;
  for (chart_point const& p : points) {
    double const dx = std::log(p.x) - x / n;
    across += dx * dx;
    both += dx * (std::log(p.y) - y / n);
  }
  return across > 0 ? both / across : row::none;
}

}  // namespace surewake::bench
