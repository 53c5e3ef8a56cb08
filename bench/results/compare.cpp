#include <surewake/bench/results/compare.hpp>
#include <surewake/bench/results/table.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace surewake::bench {
namespace {

constexpr std::size_t controls_needed = 5;  // timings of floors and peers, to say how far the machine has moved
constexpr std::size_t fewest = 4;           // samples a side, below which no rank test can be significant

/// Returns the values that are compared: a time by the yardstick, without the samples that the tables leave out.
std::vector<double> timings(results const& r, row const& who, yardstick by) {
  if (by == yardstick::ns) return r.column(who.workload, who.scenario, who.contestant, &row::time_ns_per_operation);
  if (by == yardstick::units) return r.column(who.workload, who.scenario, who.contestant, &row::ratio_units);
  std::string const floor = r.floor_of(who.workload, who.scenario, who.contestant);
  return r.ratios_of(who.workload, who.scenario, who.contestant, floor);
}

/// Returns the yardstick of a row: units where it has no floor in both runs, or is one.
yardstick yardstick_of(results const& before, results const& after, row const& who, yardstick by) {
  if (by != yardstick::floor) return by;
  std::string const floor = before.floor_of(who.workload, who.scenario, who.contestant);
  bool const both = !floor.empty() && floor == after.floor_of(who.workload, who.scenario, who.contestant);
  return both ? yardstick::floor : yardstick::units;
}

char const* name_of(yardstick by) {
  return by == yardstick::floor ? "time by floor" : by == yardstick::units ? "time in units" : "time in ns";
}

verdict verdict_of(double ratio, double threshold, bool sure) {
  if (!sure) return verdict::same;
  if (ratio > 1 + threshold) return verdict::slower;
  return ratio < 1 / (1 + threshold) ? verdict::faster : verdict::same;
}

compared_row begin(row const& who, std::string quantity) {
  compared_row c;
  c.workload = who.workload;
  c.scenario = who.scenario;
  c.contestant = who.contestant;
  c.kind = who.kind;
  c.quantity = std::move(quantity);
  return c;
}

/// Compares what is counted, where both have it.
void add_exact(comparison& all, results const& before, results const& after, row const& who, std::string const& name,
               quantity what, double threshold) {
  compared_row c = begin(who, name);
  summary const a = before.summary_of(who.workload, who.scenario, who.contestant, what);
  summary const b = after.summary_of(who.workload, who.scenario, who.contestant, what);
  if (a.count == 0 || b.count == 0 || (a.median == 0 && b.median == 0)) return;
  c.exact = true;
  c.n_before = a.count;
  c.n_after = b.count;
  c.before = a.median;
  c.after = b.median;
  c.ratio = b.median / a.median;  // infinite from 0 on
  c.sure = {c.ratio, c.ratio};
  bool const counts = std::abs(b.median - a.median) > 0.01;  // an allocation in a hundred operations
  c.is = verdict_of(c.ratio, threshold, counts);
  all.rows.push_back(std::move(c));
}

/// Returns the names of what contestants counted apart from their timings.
std::set<std::string> counted_apart(results const& r) {
  std::set<std::string> names;
  for (row const& x : r.rows()) {
    if (x.measures != "counts") continue;
    for (auto const& m : x.metrics.all()) names.insert(m.name);
  }
  return names;
}

void add_timing(comparison& all, results const& before, results const& after, row const& who,
                compare_options const& options) {
  yardstick const by = yardstick_of(before, after, who, options.by);
  if (by != options.by && (who.kind == "floor" || !options.one_machine)) return;
  auto const a = timings(before, who, by);
  auto const b = timings(after, who, by);
  if (a.empty() || b.empty()) return;
  compared_row c = begin(who, name_of(by));
  c.n_before = a.size();
  c.n_after = b.size();
  c.before = median(a);
  c.after = median(b);
  c.ratio = c.after / c.before;
  c.p = mann_whitney(a, b);
  if (options.all || c.p < options.alpha) c.sure = bootstrap_ratio(b, a, 1);
  all.too_few += std::min(a.size(), b.size()) < fewest ? 1 : 0;
  all.rows.push_back(std::move(c));
}

double noise_of(std::vector<compared_row> const& rows) {
  std::vector<double> moved;
  for (compared_row const& c : rows) {
    if (!c.exact && c.kind != "strategy") moved.push_back(std::max(c.ratio, 1 / c.ratio) - 1);
  }
  return moved.size() < controls_needed ? 0 : quantile(moved, 0.9);
}

/// Adjusts the probabilities of the timings for their number, and decides.
void judge(comparison& all, compare_options const& options) {
  std::vector<double> p;
  for (compared_row const& c : all.rows) {
    if (!c.exact) p.push_back(c.p);
  }
  std::vector<double> const adjusted = options.adjust == correction::holm   ? holm(p)
                                       : options.adjust == correction::none ? p
                                                                            : benjamini_hochberg(p);
  all.noise = noise_of(all.rows);
  std::size_t next = 0;
  for (compared_row& c : all.rows) {
    if (c.exact) continue;
    c.adjusted = adjusted[next++];
    double const threshold = c.kind == "strategy" ? std::max(options.threshold, all.noise) : options.threshold;
    c.is = verdict_of(c.ratio, threshold, c.adjusted < options.alpha && !c.sure.contains(1));
  }
}

template <class F>
void for_each_contestant(results const& r, F&& f) {
  for (std::string const& workload : r.workloads()) {
    for (std::string const& scenario : r.scenarios(workload)) {
      for (std::string const& c : r.contestants(workload, scenario)) f(*r.first(workload, scenario, c));
    }
  }
}

std::vector<std::string> missing_in(results const& from, results const& other) {
  std::vector<std::string> names;
  for_each_contestant(from, [&](row const& who) {
    if (other.first(who.workload, who.scenario, who.contestant) != nullptr) return;
    names.push_back(fmt::format("{} / {} / {}", who.workload, who.scenario, who.contestant));
  });
  return names;
}

char const* name_of(verdict v) { return v == verdict::slower ? "SLOWER" : v == verdict::faster ? "faster" : ""; }

std::vector<std::string> line_of(compared_row const& r) {
  std::string is = name_of(r.is);
  if (!is.empty() && r.kind != "strategy") is += " (" + r.kind + ")";
  return {fmt::format("{} / {} / {}", r.workload, r.scenario, r.contestant),
          r.quantity,
          brief(r.before),
          brief(r.after),
          fmt::format("{} ×", brief(r.ratio)),
          r.exact ? "exact" : fmt::format("{}–{}", brief(r.sure.low), brief(r.sure.high)),
          r.exact ? "" : fmt::format("{:.2g}", r.adjusted),
          fmt::format("{}/{}", r.n_before, r.n_after),
          is};
}

void add_notes(grid& g, comparison const& c, compare_options const& options) {
  g.notes.push_back(
      fmt::format("{} rows of strategies slower by more than {:.3g} %, {} faster; of floors and peers {} "
                  "and {}",
                  c.count(verdict::slower, true), std::max(options.threshold, c.noise) * 100,
                  c.count(verdict::faster, true), c.count(verdict::slower, false), c.count(verdict::faster, false)));
  if (c.noise > options.threshold) {
    g.notes.push_back(
        fmt::format("Nine in ten floors and peers moved by up to {:.0f} %: what moved less tells nothing, and "
                    "the machine is too restless for {:g} %",
                    c.noise * 100, options.threshold * 100));
  }
  std::size_t const controls = c.count(verdict::slower, false) + c.count(verdict::faster, false);
  if (controls > 0) {
    g.notes.emplace_back("Floors and peers are the same code in both runs: where they differ, machine or load did.");
  }
  if (c.too_few > 0) {
    g.notes.push_back(fmt::format("{} rows have fewer than {} samples on a side: too few to tell", c.too_few, fewest));
  }
  auto const only = [&](std::vector<std::string> const& names, char const* where) {
    if (names.empty()) return;
    g.notes.push_back(fmt::format("{} contestants are only in {}: {}, …", names.size(), where, names[0]));
  };
  only(c.only_before, "the first run");
  only(c.only_after, "the second run");
}

}  // namespace

std::size_t comparison::count(verdict v, bool ours) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(rows, [&](compared_row const& c) { return c.is == v && (c.kind == "strategy") == ours; }));
}

comparison compare(results const& before, results const& after, compare_options const& options) {
  comparison all;
  auto const counted = counted_apart(before);
  for_each_contestant(before, [&](row const& who) {
    if (after.first(who.workload, who.scenario, who.contestant) == nullptr) return;
    add_timing(all, before, after, who, options);
    for (auto const& [name, field] : {number_field{"allocations an operation", &row::allocations_per_operation},
                                      number_field{"bytes of a frame", &row::frame_bytes_per_waiter},
                                      number_field{"bytes of heap a waiter", &row::heap_bytes_per_waiter}}) {
      if (who.threads > 1) continue;  // where threads meet differs from run to run
      add_exact(all, before, after, who, name, field, options.threshold);
    }
    for (std::string const& m : counted) {
      add_exact(all, before, after, who, m, std::string_view(m), options.threshold);
    }
  });
  judge(all, options);
  all.only_before = missing_in(before, after);
  all.only_after = missing_in(after, before);
  return all;
}

grid grid_of(comparison const& c, compare_options const& options) {
  grid g{.title = "second run by first; above 1 is slower",
         .head = {"", "what", "first", "second", "ratio", "95 % interval", "p", "n", ""}};
  std::vector<compared_row const*> sorted;
  for (compared_row const& r : c.rows) {
    if (options.all || r.is != verdict::same) sorted.push_back(&r);
  }
  std::ranges::sort(sorted, [](compared_row const* a, compared_row const* b) {
    return a->ratio != b->ratio ? a->ratio > b->ratio : a < b;
  });
  for (compared_row const* const r : sorted) g.lines.push_back(line_of(*r));
  add_notes(g, c, options);
  return g;
}

}  // namespace surewake::bench
