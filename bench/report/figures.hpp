// surewake/bench/report/figures.hpp: the figures of the report: gnuplot makes SVG of them, which goes into the page.
//
// All figures of a kind look alike: a filled point is the median under hand_off (and of peers and floors), a hollow one
// under barging; a thick line spans the middle half of the repeats, a thin one all of them, cut off where the axis
// ends. The colour is the strategy's. Text and axes are `currentColor`, so that the page decides what is light and what
// is dark.
#pragma once

#include <surewake/bench/results/results.hpp>

namespace surewake::bench {

struct figure {
  std::string workload;
  std::string caption;
  std::string svg;
};

/// Draws every figure that these results have data for; after a signal, those that are drawn already.
///
/// Errors  std::runtime_error where gnuplot is missing or fails.
[[nodiscard]] std::vector<figure> figures_of(results const& r);

/// Returns "gnuplot 5.4 patchlevel 4", or why there is none.
[[nodiscard]] std::string gnuplot_version();

}  // namespace surewake::bench
