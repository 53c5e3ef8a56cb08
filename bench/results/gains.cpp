#include <surewake/bench/results/gains.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace surewake::bench {
namespace {

constexpr std::string_view baseline = "mutex_deque";

/// What the documents of compio-sync promise over its own mutex + deque; no measurements came with them.
struct promise {
  std::string_view strategy, gain;
};
constexpr std::array promises{
    promise{"intrusive_list", "+80–100 %"},
    promise{"segmented_queue", "+40–60 %"},
    promise{"waker_hybrid", "+20–30 %"},
};

std::string promised(std::string_view strategy) {
  auto const* const p = std::ranges::find(promises, strategy, &promise::strategy);
  return p == promises.end() ? "" : std::string(p->gain);
}

/// Returns "waker_hybrid" for "waker_hybrid/hand_off"; empty where it is not of that discipline.
std::string strategy_of(std::string const& contestant, std::string const& discipline) {
  return contestant.ends_with("/" + discipline) ? contestant.substr(0, contestant.size() - discipline.size() - 1) : "";
}

bool is_large(row const& r) { return r.kind == "strategy" && r.waiters >= 1'000; }

gain_comparison compare(results const& r, std::string const& discipline) {
  gain_comparison all{.discipline = discipline, .strategies = {}, .published = {}, .lines = {}};
  for (row const& x : r.rows()) {
    std::string const s = is_large(x) ? strategy_of(x.contestant, discipline) : "";
    if (!s.empty() && s != baseline && std::ranges::find(all.strategies, s) == all.strategies.end())
      all.strategies.push_back(s);
  }
  std::ranges::sort(all.strategies);  // not in the order of the shuffled run
  for (std::string const& s : all.strategies) all.published.push_back(promised(s));
  for (char const* const workload : {"enqueue", "storm", "withdraw"}) {
    for (std::string const& scenario : r.scenarios(workload)) {
      if (r.first(workload, scenario)->waiters < 1'000) continue;
      auto const units = [&](std::string_view strategy) {
        return r.summary_of(workload, scenario, fmt::format("{}/{}", strategy, discipline), &row::ratio_units).median;
      };
      gains line{.scenario = fmt::format("{}, {}", workload, scenario), .measured = {}};
      for (std::string const& s : all.strategies) line.measured.push_back(units(baseline) / units(s) - 1);
      all.lines.push_back(std::move(line));
    }
  }
  return all;
}

}  // namespace

std::vector<gain_comparison> gains_of(results const& r) {
  std::vector<gain_comparison> all;
  for (char const* const discipline : {"hand_off", "barging"}) {
    if (auto c = compare(r, discipline); !c.strategies.empty() && !c.lines.empty()) all.push_back(std::move(c));
  }
  return all;
}

std::string brief_gain(double fraction) {
  if (std::isnan(fraction)) return "–";
  if (fraction >= 9) return fmt::format("{:.0f} ×", fraction + 1);
  double const percent = std::round(fraction * 100);
  return fmt::format("{}{:.0f} %", percent < 0 ? "−" : "+", std::abs(percent));
}

}  // namespace surewake::bench
