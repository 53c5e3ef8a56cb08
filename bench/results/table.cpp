#include <surewake/bench/results/gains.hpp>
#include <surewake/bench/results/goals.hpp>
#include <surewake/bench/results/scaling.hpp>
#include <surewake/bench/results/table.hpp>

#include <fmt/format.h>

#include <utility>

namespace surewake::bench {
namespace {

std::string share(estimate const& e) { return fmt::format("{}/{}", e.marked, e.n); }

/// Writes "1.31 × [1.29–1.34]".
std::string ratio_text(estimate const& e) {
  if (!e.known()) return "–";
  return fmt::format("{} × [{}–{}]", brief(e.median), brief(e.sure.low), brief(e.sure.high));
}

/// One scenario: its contestants, and which of them are compared.
class table_of_times {
 public:
  table_of_times(results const& r, std::string workload, std::string scenario)
      : r_(r),
        workload_(std::move(workload)),
        scenario_(std::move(scenario)),
        best_peer_(r.best_of(workload_, scenario_, "peer")) {
    for (std::string const& c : r.contestants(workload_, scenario_)) {
      windows_ = windows_ || !r.column(workload_, scenario_, c, &row::fairness_jain_index).empty();
    }
  }

  [[nodiscard]] grid as_grid() const {
    grid g{.title = fmt::format("{} / {}", workload_, scenario_),
           .head = {"", "median", "95 % interval", "min", "MAD", "units", "/ floor", "/ best peer", "CPU", "switches",
                    "cycles", "instructions", "allocs/op", "marked"}};
    if (windows_) g.head.insert(g.head.begin() + 6, {"per second", "Jain"});
    for (std::string const& c : r_.contestants(workload_, scenario_)) g.lines.push_back(line(c));
    notes(g.notes);
    return g;
  }

 private:
  [[nodiscard]] estimate of(std::string const& c, quantity what) const {
    return r_.estimate_of(workload_, scenario_, c, what);
  }
  [[nodiscard]] std::string short_of(std::string const& c, quantity what) const {
    return brief(r_.summary_of(workload_, scenario_, c, what).median);
  }

  [[nodiscard]] std::vector<std::string> line(std::string const& c) const {
    estimate const time = of(c, &row::time_ns_per_operation);
    std::string const floor = r_.floor_of(workload_, scenario_, c);
    std::vector<std::string> cells{c,
                                   brief_time(time.median),
                                   fmt::format("{} – {}", brief_time(time.sure.low), brief_time(time.sure.high)),
                                   brief_time(time.least),
                                   brief_time(time.deviation),
                                   short_of(c, &row::ratio_units)};
    if (windows_) {
      cells.push_back(short_of(c, &row::throughput_operations_per_s));
      cells.push_back(short_of(c, &row::fairness_jain_index));
    }
    cells.push_back(floor.empty() ? "" : ratio_text(r_.ratio_of(workload_, scenario_, c, floor)));
    cells.push_back(
        best_peer_.empty() || c == best_peer_ ? "" : ratio_text(r_.ratio_of(workload_, scenario_, c, best_peer_)));
    cells.push_back(brief_time(r_.summary_of(workload_, scenario_, c, "cpu_ns").median));
    cells.push_back(brief(r_.summary_of(workload_, scenario_, c, "voluntary_switches").median +
                          r_.summary_of(workload_, scenario_, c, "involuntary_switches").median));
    for (char const* const counter : {"cycles", "instructions"}) {  // n/a: the system does not let them be read
      double const median = r_.summary_of(workload_, scenario_, c, counter).median;
      cells.push_back(std::isnan(median) ? "n/a" : brief(median));
    }
    cells.push_back(short_of(c, &row::allocations_per_operation));
    cells.push_back(share(time));
    return cells;
  }

  void notes(std::vector<std::string>& all) const {
    std::map<std::string, std::string> floors;  // of a contestant
    for (std::string const& c : r_.contestants(workload_, scenario_)) {
      if (std::string const f = r_.floor_of(workload_, scenario_, c); !f.empty()) floors[f] += ", " + c;
    }
    for (auto const& [floor, names] : floors) {
      all.push_back(fmt::format("floor {}{}", floor, floors.size() > 1 ? " of " + names.substr(2) : ""));
    }
    std::string const ours = r_.best_of(workload_, scenario_, "strategy");
    for (std::string const& peer : r_.contestants(workload_, scenario_)) {
      if (ours.empty() || r_.first(workload_, scenario_, peer)->kind != "peer") continue;
      all.push_back(fmt::format("best of ours, {}, / {}{}: {}", ours, peer, peer == best_peer_ ? " (best peer)" : "",
                                ratio_text(r_.ratio_of(workload_, scenario_, ours, peer))));
    }
    for (failure const& f : r_.failures()) {
      if (f.workload == workload_ && f.scenario == scenario_) {
        all.push_back(fmt::format("FAILED, and so in no line: {}: {}", f.contestant, f.why));
      }
    }
  }

  results const& r_;
  std::string workload_;
  std::string scenario_;
  std::string best_peer_;
  bool windows_ = false;  // of a length of their own, in which operations and shares are counted
};

grid memory(results const& r, std::string const& workload, std::string const& scenario) {
  grid g{.title = fmt::format("{} / {}", workload, scenario),
         .head = {"bytes a waiter", "frame", "of it: awaiter", "heap beyond it", "resident"}};
  for (std::string const& c : r.contestants(workload, scenario)) {
    auto const cell = [&](double row::*what) { return brief(r.summary_of(workload, scenario, c, what).median); };
    g.lines.push_back({c, cell(&row::frame_bytes_per_waiter), cell(&row::awaiter_bytes_per_waiter),
                       cell(&row::heap_bytes_per_waiter), cell(&row::rss_bytes_per_waiter)});
  }
  return g;
}

/// What else the samples of a scenario hold; no lines where there is nothing.
grid other_metrics(results const& r, std::string const& workload, std::string const& scenario) {
  grid g{.title = fmt::format("{} / {}: what else was measured, medians", workload, scenario), .head = {""}};
  std::vector<metric_description> shown;
  for (metric_description const& m : known_metrics) {
    bool const in_timings = m.name == "cpu_ns" || m.name.ends_with("_switches") || m.name == "cycles" ||
                            m.name == "instructions";
    bool any = false;
    for (std::string const& c : r.contestants(workload, scenario)) {
      any = any || !r.column(workload, scenario, c, m.name).empty();
    }
    if (!any || in_timings) continue;
    shown.push_back(m);
    g.head.push_back(m.unit.empty() ? std::string(m.name) : fmt::format("{}, {}", m.name, m.unit));
  }
  for (std::string const& c : r.contestants(workload, scenario)) {
    if (shown.empty()) break;
    std::vector<std::string> cells{c};
    for (metric_description const& m : shown)
      cells.push_back(brief(r.summary_of(workload, scenario, c, m.name).median));
    g.lines.push_back(std::move(cells));
  }
  return g;
}

grid compared(gain_comparison const& c) {
  grid g{.title = fmt::format("gain over mutex_deque, {}", c.discipline), .head = {""}, .lines = {{"as published"}}};
  for (std::string const& s : c.strategies) g.head.push_back(s);
  for (std::string const& p : c.published) g.lines[0].push_back(p.empty() ? "–" : p);
  for (gains const& line : c.lines) {
    g.lines.push_back({line.scenario});
    for (double const one : line.measured) g.lines.back().push_back(brief_gain(one));
  }
  return g;
}

std::vector<grid> targets(std::vector<goal> const& goals) {
  std::vector<grid> all;
  for (goal const& g : goals) {
    std::string const title = fmt::format("targets: {}", g.group);
    if (all.empty() || all.back().title != title) {
      all.push_back({.title = title, .head = {"", "of", "beside", "measured", "95 % interval", "limit", ""}});
    }
    std::string const sure =
        std::isnan(g.sure.low) ? std::string() : fmt::format("{}–{}", brief(g.sure.low), brief(g.sure.high));
    all.back().lines.push_back({g.what, g.subject, g.against, g.known() ? brief(g.measured) + ' ' + g.unit : "", sure,
                                fmt::format("{} {}", g.at_least ? "≥" : "≤", brief(g.limit)), g.verdict()});
  }
  return all;
}

}  // namespace

std::string brief(double value) {
  if (std::isnan(value)) return "–";
  if (value == 0) return "0";
  double const size = std::abs(value);
  if (size < 0.01) return fmt::format("{:.1g}", value);
  if (size < 10) return fmt::format("{:.2f}", value);
  if (size < 100) return fmt::format("{:.1f}", value);
  std::string digits = fmt::format("{:.0f}", value);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

std::string brief_time(double ns) {
  if (std::isnan(ns)) return "–";
  auto const digits = [](double v) {
    return v < 10 ? fmt::format("{:.2f}", v) : v < 100 ? fmt::format("{:.1f}", v) : fmt::format("{:.0f}", v);
  };
  if (ns < 1'000) return digits(ns) + " ns";
  if (ns < 1'000'000) return digits(ns / 1'000) + " µs";
  return digits(ns / 1'000'000) + " ms";
}

std::string table_of(results const& r, table_format format) {
  if (format == table_format::csv) return summary_csv(r);
  std::vector<grid> all;
  for (std::string const& workload : r.workloads()) {
    for (std::string const& scenario : r.scenarios(workload)) {
      std::string const first = r.contestants(workload, scenario).front();
      bool const bytes = !r.column(workload, scenario, first, &row::frame_bytes_per_waiter).empty();
      all.push_back(bytes ? memory(r, workload, scenario) : table_of_times(r, workload, scenario).as_grid());
      if (grid others = other_metrics(r, workload, scenario); !others.lines.empty()) all.push_back(std::move(others));
    }
  }
  for (grid& g : scaling_of(r)) all.push_back(std::move(g));
  for (gain_comparison const& c : gains_of(r)) all.push_back(compared(c));
  auto const goals = goals_of(r);
  for (grid& g : targets(goals)) all.push_back(std::move(g));
  return written(all, format) + tally_of(goals) + '\n';
}

}  // namespace surewake::bench
