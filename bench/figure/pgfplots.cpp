#include <surewake/bench/figure/chart.hpp>
#include <surewake/bench/results/grid.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace surewake::bench {
namespace {

// By chart_mark.
constexpr std::array<char const*, 16> marks{"none", "*",        "square*",   "triangle*", "diamond*", "pentagon*",
                                            "o",    "square",   "triangle",  "diamond",   "pentagon", "+",
                                            "x",    "asterisk", "triangle*", "triangle"};
constexpr std::array<char const*, 5> dashes{"only marks", "solid", "dashed", "dotted", "dash dot"};  // by chart_dash

/// Names the colours that the picture uses.
class colours {
 public:
  std::string name(std::uint32_t rgb) {
    std::string const called = fmt::format("surewake{:06x}", rgb);
    std::string const line = fmt::format("\\definecolor{{{}}}{{HTML}}{{{:06X}}}\n", called, rgb);
    if (lines_.find(line) == lines_.npos) lines_ += line;
    return called;
  }
  [[nodiscard]] std::string const& definitions() const noexcept { return lines_; }

 private:
  std::string lines_;
};

std::string axis_options(char const* name, chart_axis const& a) {
  std::string all = fmt::format("  {0}label={{{1}}}, {0}min={2:.6g}, {0}max={3:.6g},{4}\n", name, latex_of(a.label),
                                a.low, a.high, a.logarithmic ? fmt::format(" {}mode=log,", name) : "");
  if (a.ticks.empty()) return all;
  std::string at;
  std::string labels;
  for (chart_tick const& t : a.ticks) {
    at += fmt::format("{}{:.6g}", at.empty() ? "" : ",", t.at);
    labels += fmt::format("{}{{{}}}", labels.empty() ? "" : ",", latex_of(t.label));
  }
  return all + fmt::format("  {0}tick={{{1}}}, {0}ticklabels={{{2}}},\n", name, at, labels);
}

/// Returns about how much place the labels of the axis take on its left.
double left_of_axis_in(chart_axis const& y) {
  constexpr double character_in = 0.058;
  std::size_t longest = 4;
  for (chart_tick const& t : y.ticks) longest = std::max(longest, shown_width(t.label));
  return 0.3 + (y.label.empty() ? 0 : 0.14) + character_in * static_cast<double>(longest);
}

double length(double from, double to) { return std::isnan(to - from) ? 0 : std::abs(to - from); }

std::string plot(chart_series const& s, colours& all) {
  std::string lines;
  for (chart_point const& p : s.points) {
    lines += fmt::format("  {:.6g} {:.6g} {:.6g} {:.6g} {:.6g} {:.6g}\\\\\n", p.x, p.y, length(p.x_sure.low, p.x),
                         length(p.x, p.x_sure.high), length(p.y_sure.low, p.y), length(p.y, p.y_sure.high));
  }
  bool const lined = s.style.dash != chart_dash::no_line;
  bool const bare = !lined && s.style.mark == chart_mark::none;  // "only marks" would bring a mark
  return fmt::format(
      "\\addplot[{}, {}, mark={}, mark size=1.5pt, mark options={{solid{}}}{}, error bars/.cd, x dir=both, x explicit, "
      "y dir=both, y explicit, error mark=none, error bar style={{solid, draw={}}}]\n"
      "  table[row sep=\\\\, header=false, x index=0, y index=1, x error minus index=2, x error plus index=3, "
      "y error minus index=4, y error plus index=5] {{\n{}}};\n{}",
      all.name(s.style.rgb), bare ? "draw=none" : dashes[static_cast<std::size_t>(s.style.dash)],
      marks[static_cast<std::size_t>(s.style.mark)], s.style.mark >= chart_mark::turned_triangle ? ", rotate=180" : "",
      s.name.empty() ? ", forget plot" : "", all.name(s.style.rgb), lines,
      s.name.empty() ? std::string()
      : bare         ? fmt::format("\\addlegendentry{{{} ($|$)}}\n", latex_of(s.name))
                     : fmt::format("\\addlegendentry{{{}}}\n", latex_of(s.name)));
}

std::string boxes(chart_boxes const& b, colours& all) {
  std::string const colour = all.name(b.rgb);
  std::string const fill = b.hatched ? fmt::format("pattern=north east lines, pattern color={0}, draw={0}", colour)
                                     : fmt::format("fill={0}, draw={0}", colour);
  std::string text;
  for (chart_box const& box : b.boxes) {
    text += fmt::format("\\path[{}, line width=0.2pt] (axis cs:{:.6g},{:.6g}) rectangle (axis cs:{:.6g},{:.6g});\n",
                        fill, box.from, box.y - box.half_height, box.to, box.y + box.half_height);
  }
  return text + fmt::format("\\addlegendimage{{area legend, {}}}\\addlegendentry{{{}}}\n", fill, latex_of(b.name));
}

}  // namespace

std::string pgfplots_source(chart const& c) {
  colours all;
  std::string body;
  for (chart_boxes const& b : c.boxes) body += boxes(b, all);
  for (chart_series const& s : c.series) body += plot(s, all);
  return fmt::format(
      "% {}: {}\n"
      "% Needs in the preamble: \\usepackage{{textcomp}} \\usepackage{{pgfplots}} \\pgfplotsset{{compat=1.16}}\n"
      "% \\usetikzlibrary{{patterns}}\n"
      "\\begin{{tikzpicture}}\n{}\\begin{{axis}}[\n"
      "  width=\\columnwidth-{:.6g}in, height={:.6g}in, scale only axis, font=\\scriptsize,\n"
      "  axis lines=left, grid=major, grid style={{dotted, gray}}, tick align=outside,\n"
      "  legend columns=2, legend cell align=left,\n"
      "  legend style={{draw=none, fill=none, font=\\tiny, at={{(0.5,0)}}, anchor=north, yshift=-3.2em}},\n"
      "{}{}]\n{}\\end{{axis}}\n\\end{{tikzpicture}}\n",
      c.name, latex_of(c.title), all.definitions(), left_of_axis_in(c.y), c.height_in, axis_options("x", c.x),
      axis_options("y", c.y), body);
}

}  // namespace surewake::bench
