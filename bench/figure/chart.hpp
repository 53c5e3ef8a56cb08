// surewake/bench/figure/chart.hpp: a chart for a paper, as data: what charts.hpp makes of results, and what gnuplot
// (SVG, PDF) or pgfplots (LaTeX) draws.
//
// A chart is as wide as a column of a two-column paper. Series differ by mark and dash as well as by colour, and boxes
// by hatching, so that a print in black and white tells them apart.
#pragma once

#include <surewake/bench/results/inference.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace surewake::bench {

struct chart_tick {
  double at = 0;
  std::string label{};
};

struct chart_axis {
  std::string label{};
  bool logarithmic = false;
  double low = 0;
  double high = 1;
  std::vector<chart_tick> ticks{};  // none: the program that draws chooses
};

/// A value with its intervals; one that is not known has no length.
struct chart_point {
  double x = 0;
  double y = 0;
  interval x_sure{};
  interval y_sure{};
};

enum class chart_mark : std::uint8_t {
  none,
  disc,
  square,
  triangle,
  diamond,
  pentagon,
  circle,
  hollow_square,
  hollow_triangle,
  hollow_diamond,
  hollow_pentagon,
  plus,
  cross,
  star,
  turned_triangle,
  hollow_turned_triangle
};
enum class chart_dash : std::uint8_t { no_line, solid, dashed, dotted, dash_dotted };

struct chart_style {
  std::uint32_t rgb = 0;
  chart_mark mark = chart_mark::none;
  chart_dash dash = chart_dash::no_line;  // of the line through the points
};

struct chart_series {
  std::string name{};  // empty: it is in no legend
  chart_style style{};
  std::vector<chart_point> points{};
};

struct chart_box {
  double from = 0;
  double to = 0;
  double y = 0;
  double half_height = 0.4;
};

struct chart_boxes {
  std::string name{};
  std::uint32_t rgb = 0;
  bool hatched = false;
  std::vector<chart_box> boxes{};
};

struct chart {
  std::string name{};    // as the command line and the file have it
  std::string title{};   // what it shows, for a caption; not drawn
  double height_in = 2;  // between the axes
  chart_axis x{};
  chart_axis y{};
  std::vector<chart_boxes> boxes{};  // below the series
  std::vector<chart_series> series{};

  [[nodiscard]] bool empty() const noexcept { return series.empty() && boxes.empty(); }
};

inline constexpr double chart_width_in = 3.4;

/// Returns how many series and boxes the legend names, in two columns below the chart.
[[nodiscard]] std::size_t legend_entries(chart const& c) noexcept;

enum class chart_format { svg, pdf, pgf };

/// Returns the chart as SVG or PDF, drawn by gnuplot. The same chart gives the same bytes.
///
/// Errors  std::runtime_error where gnuplot is missing, or fails.
[[nodiscard]] std::string drawn_by_gnuplot(chart const& c, chart_format format);

/// Returns what gnuplot is told, up to where it writes.
[[nodiscard]] std::string gnuplot_script(chart const& c);

/// Returns LaTeX source, a tikzpicture for \input. Its first lines say what the preamble needs.
[[nodiscard]] std::string pgfplots_source(chart const& c);

}  // namespace surewake::bench
