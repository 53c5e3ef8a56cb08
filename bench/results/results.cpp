#include <surewake/bench/results/results.hpp>

#include <algorithm>
#include <utility>

namespace surewake::bench {
namespace {

constexpr std::size_t fewest_samples = 3;  // undisturbed samples, before the disturbed ones are left out

template <class Pick>
std::vector<std::string> distinct(std::vector<row> const& rows, Pick pick) {
  std::vector<std::string> seen;
  for (row const& r : rows) {
    if (std::string const* const name = pick(r); name != nullptr && std::ranges::find(seen, *name) == seen.end()) {
      seen.push_back(*name);
    }
  }
  return seen;
}

std::uint64_t seed_of(nlohmann::ordered_json const& about) {
  auto const at = about.find("seed");
  return at != about.end() && at->is_number_unsigned() ? at->get<std::uint64_t>() : 1;
}

}  // namespace

results::results(std::vector<row> rows, std::vector<failure> failures, std::uint64_t seed,
                 std::vector<swimlane> swimlanes)
    : rows_(std::move(rows)), failures_(std::move(failures)), swimlanes_(std::move(swimlanes)), seed_(seed) {
  std::erase_if(rows_, [&](row const& r) {
    return std::ranges::any_of(failures_, [&](failure const& f) {
      return f.workload == r.workload && f.scenario == r.scenario && f.contestant == r.contestant;
    });
  });
  for (row const& r : rows_) by_contestant_[{r.workload, r.scenario, r.contestant}].push_back(&r);
}

results::results(recorded_run run)
    : results(std::move(run.rows), std::move(run.failures), seed_of(run.about), std::move(run.swimlanes)) {}

std::vector<row const*> const& results::of(std::string_view workload, std::string_view scenario,
                                           std::string_view contestant) const {
  static std::vector<row const*> const none;
  auto const at = by_contestant_.find({std::string(workload), std::string(scenario), std::string(contestant)});
  return at == by_contestant_.end() ? none : at->second;
}

std::vector<double> results::kept(std::vector<sample_value> const& samples, bool one_thread) {
  std::vector<double> all;
  std::vector<double> undisturbed;
  for (sample_value const& s : samples) {
    all.push_back(s.value);
    if (!(one_thread && s.marked)) undisturbed.push_back(s.value);
  }
  return undisturbed.size() >= fewest_samples ? undisturbed : all;
}

bool results::one_thread(std::string_view workload, std::string_view scenario) const {
  row const* const any = first(workload, scenario);
  return any != nullptr && any->threads == 1;
}

std::vector<results::sample_value> results::samples_of(std::string_view workload, std::string_view scenario,
                                                       std::string_view contestant, quantity what) const {
  std::vector<sample_value> samples;
  for (row const* const r : of(workload, scenario, contestant)) {
    if (double const value = what.of(*r); !std::isnan(value)) samples.push_back({value, !r->marks.empty()});
  }
  return samples;
}

std::vector<results::sample_value> results::blocks_of(std::string_view workload, std::string_view scenario,
                                                      std::string_view contestant, std::string_view other,
                                                      quantity what) const {
  std::map<double, row const*> blocks;
  for (row const* const r : of(workload, scenario, other)) {
    if (!std::isnan(r->repeat) && !std::isnan(what.of(*r))) blocks[r->repeat] = r;
  }
  std::vector<sample_value> samples;
  for (row const* const r : of(workload, scenario, contestant)) {
    auto const beside = std::isnan(r->repeat) ? blocks.end() : blocks.find(r->repeat);
    if (beside == blocks.end()) continue;
    row const& b = *beside->second;
    double const ratio = what.of(*r) / what.of(b);
    if (!std::isnan(ratio)) samples.push_back({ratio, !r->marks.empty() || !b.marks.empty()});
  }
  return samples;
}

estimate results::estimated(std::vector<sample_value> const& samples, bool one_thread) const {
  auto const values = kept(samples, one_thread);
  return {.n = samples.size(),
          .marked = static_cast<std::size_t>(std::ranges::count_if(samples, &sample_value::marked)),
          .median = bench::median(values),
          .sure = bootstrap_median(values, seed_),
          .least = quantile(values, 0),
          .deviation = median_absolute_deviation(values)};
}

std::vector<double> results::column(std::string_view workload, std::string_view scenario, std::string_view contestant,
                                    quantity what) const {
  return kept(samples_of(workload, scenario, contestant, what), one_thread(workload, scenario));
}

estimate results::estimate_of(std::string_view workload, std::string_view scenario, std::string_view contestant,
                              quantity what) const {
  return estimated(samples_of(workload, scenario, contestant, what), one_thread(workload, scenario));
}

estimate results::ratio_of(std::string_view workload, std::string_view scenario, std::string_view contestant,
                           std::string_view other, quantity what) const {
  return estimated(blocks_of(workload, scenario, contestant, other, what), one_thread(workload, scenario));
}

std::vector<double> results::ratios_of(std::string_view workload, std::string_view scenario,
                                       std::string_view contestant, std::string_view other, quantity what) const {
  return kept(blocks_of(workload, scenario, contestant, other, what), one_thread(workload, scenario));
}

std::string results::floor_of(std::string_view workload, std::string_view scenario,
                              std::string_view contestant) const {
  row const* const r = first(workload, scenario, contestant);
  if (r == nullptr || r->kind == "floor") return {};
  if (!r->floor.empty()) return first(workload, scenario, r->floor) == nullptr ? std::string() : r->floor;
  std::string only;  // rows of version 1 do not say
  for (std::string const& c : contestants(workload, scenario)) {
    if (first(workload, scenario, c)->kind != "floor") continue;
    if (!only.empty()) return {};
    only = c;
  }
  return only;
}

std::string results::best_of(std::string_view workload, std::string_view scenario, std::string_view kind,
                             quantity what) const {
  std::string best;
  double least = std::numeric_limits<double>::infinity();
  for (std::string const& c : contestants(workload, scenario)) {
    if (first(workload, scenario, c)->kind != kind) continue;
    double const here = bench::median(column(workload, scenario, c, what));
    if (here < least) {
      least = here;
      best = c;
    }
  }
  return best;
}

std::vector<std::string> results::workloads() const {
  return distinct(rows_, [](row const& r) { return &r.workload; });
}

std::vector<std::string> results::scenarios(std::string_view workload) const {
  return distinct(rows_, [&](row const& r) { return r.workload == workload ? &r.scenario : nullptr; });
}

// The order of a shuffled run means nothing.
std::vector<std::string> results::contestants(std::string_view workload, std::string_view scenario) const {
  std::vector<std::string> names;
  for (std::string_view const what : {"floor", "strategy", "peer", "experiment"}) {
    std::vector<std::string> some;
    auto at = by_contestant_.lower_bound({std::string(workload), std::string(scenario), std::string()});
    for (; at != by_contestant_.end(); ++at) {
      auto const& [w, s, c] = at->first;
      if (w != workload || s != scenario) break;
      if (at->second.front()->kind == what) some.push_back(c);
    }
    std::ranges::sort(some, {}, [](std::string const& s) {  // hand_off, the default, before barging
      return std::pair(s.ends_with("/barging"), s);
    });
    names.insert(names.end(), some.begin(), some.end());
  }
  return names;
}

row const* results::first(std::string_view workload, std::string_view scenario) const {
  auto const at = by_contestant_.lower_bound({std::string(workload), std::string(scenario), std::string()});
  bool const found = at != by_contestant_.end() && std::get<0>(at->first) == workload &&
                     std::get<1>(at->first) == scenario;
  return found ? at->second.front() : nullptr;
}

row const* results::first(std::string_view workload, std::string_view scenario, std::string_view contestant) const {
  auto const& all = of(workload, scenario, contestant);
  return all.empty() ? nullptr : all.front();
}

}  // namespace surewake::bench
