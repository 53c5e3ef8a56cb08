// surewake/bench/figure/charts.hpp: the charts that a paper takes from results.
//
// To add one: a function in charts.cpp that makes the chart, and its line in chart_kinds().
#pragma once

#include <surewake/bench/figure/chart.hpp>
#include <surewake/bench/results/results.hpp>

#include <span>
#include <string_view>

namespace surewake::bench {

struct chart_kind {
  std::string_view name;
  std::string_view what;            // for a list, and as a caption
  std::string_view from;            // the workload whose rows it needs
  chart (*make)(results const& r);  // empty: the results have no rows for it
};

[[nodiscard]] std::span<chart_kind const> chart_kinds();

/// Returns the chart, with the name and the title of its kind.
[[nodiscard]] chart chart_of(chart_kind const& kind, results const& r);

/// Returns the slope of log y over log x, by least squares; NaN for fewer than two different x.
[[nodiscard]] double log_log_slope(std::span<chart_point const> points);

}  // namespace surewake::bench
