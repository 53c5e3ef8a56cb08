#include <surewake/bench/results/gains.hpp>
#include <surewake/bench/results/goals.hpp>
#include <surewake/bench/results/table.hpp>

#include <fmt/format.h>

#include <utility>

namespace surewake::bench {
namespace {

std::string padded(std::string const& s, std::size_t width, bool right = true) {
  std::size_t shown = 0;
  for (char const c : s) shown += static_cast<std::size_t>((static_cast<unsigned char>(c) & 0xc0U) != 0x80U);  // UTF-8
  std::string const space(width > shown ? width - shown : 0, ' ');
  return right ? space + s : s + space;
}

std::vector<std::string> peers_in(results const& r, std::string const& workload, std::string const& scenario) {
  std::vector<std::string> peers;
  for (std::string const& c : r.contestants(workload, scenario)) {
    if (r.first(workload, scenario, c)->kind == "peer") peers.push_back(c);
  }
  return peers;
}

void timings(std::string& text, results const& r, std::string const& workload, std::string const& scenario) {
  bool const windows = workload == "contended";
  auto const peers = peers_in(r, workload, scenario);
  text += padded("", 32, false) + padded("median", 10) + padded("range", 20) + padded("units", 9);
  if (windows) text += padded("per second", 12) + padded("Jain", 7);
  text += padded("allocs/op", 11);
  for (std::string const& peer : peers) text += padded("/ " + peer.substr(peer.rfind(':') + 1), 21);
  text += '\n';
  for (std::string const& c : r.contestants(workload, scenario)) {
    summary const time = r.summary_of(workload, scenario, c, &row::time_ns_per_operation);
    summary const units = r.summary_of(workload, scenario, c, &row::ratio_units);
    text += padded("  " + c, 32, false) + padded(brief_time(time.median), 10) +
            padded(brief_time(time.low) + " – " + brief_time(time.high), 20) + padded(brief(units.median), 9);
    if (windows) {
      text += padded(brief(r.summary_of(workload, scenario, c, &row::throughput_operations_per_s).median), 12);
      text += padded(brief(r.summary_of(workload, scenario, c, &row::fairness_jain_index).median), 7);
    }
    text += padded(brief(r.summary_of(workload, scenario, c, &row::allocations_per_operation).median), 11);
    for (std::string const& peer : peers) {
      text += padded(brief(units.median / r.summary_of(workload, scenario, peer, &row::ratio_units).median) + " ×", 21);
    }
    text += '\n';
  }
}

void memory(std::string& text, results const& r, std::string const& workload, std::string const& scenario) {
  text += padded("  bytes a waiter", 32, false) + padded("frame", 10) + padded("of it: awaiter", 17) +
          padded("heap beyond it", 17) + padded("resident", 10) + '\n';
  for (std::string const& c : r.contestants(workload, scenario)) {
    auto const cell = [&](double row::*what) { return brief(r.summary_of(workload, scenario, c, what).median); };
    text += padded("  " + c, 32, false) + padded(cell(&row::frame_bytes_per_waiter), 10) +
            padded(cell(&row::awaiter_bytes_per_waiter), 17) + padded(cell(&row::heap_bytes_per_waiter), 17) +
            padded(cell(&row::rss_bytes_per_waiter), 10) + '\n';
  }
}

void compared(std::string& text, gain_comparison const& c) {
  constexpr std::size_t name = 38, cell = 24;
  text += padded(fmt::format("gain over mutex_deque, {}", c.discipline), name, false);
  for (std::string const& s : c.strategies) text += padded(s, cell);
  text += '\n' + padded("  as published", name, false);
  for (std::string const& p : c.published) text += padded(p.empty() ? "–" : p, cell);
  text += '\n';
  for (gains const& line : c.lines) {
    text += padded("  " + line.scenario, name, false);
    for (double const g : line.measured) text += padded(brief_gain(g), cell);
    text += '\n';
  }
  text += '\n';
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

std::string table_of(results const& r) {
  std::string text;
  for (std::string const& workload : r.workloads()) {
    for (std::string const& scenario : r.scenarios(workload)) {
      text += fmt::format("{} / {}\n", workload, scenario);
      if (r.column(workload, scenario, r.contestants(workload, scenario).front(), &row::frame_bytes_per_waiter)
              .empty()) {
        timings(text, r, workload, scenario);
      } else {
        memory(text, r, workload, scenario);
      }
      text += '\n';
    }
  }
  for (gain_comparison const& c : gains_of(r)) compared(text, c);
  auto const goals = goals_of(r);
  std::string subject;
  for (goal const& g : goals) {
    if (std::exchange(subject, g.subject) != g.subject) {
      text += padded(fmt::format("targets of {}", g.subject), 50, false) + padded("measured", 10) +
              padded("at most", 9) + '\n';
    }
    text += padded("  " + g.what, 50, false) + padded(brief(g.measured), 10) + padded(brief(g.limit), 9) + ' ' +
            padded(g.unit, 22, false) +
            (!g.known()    ? "not measured"
             : g.reached() ? "reached"
                           : "NOT reached");
    if (!g.best_peer.empty()) text += fmt::format("   (best peer: {})", g.best_peer);
    text += '\n';
  }
  return text + tally_of(goals) + '\n';
}

}  // namespace surewake::bench
