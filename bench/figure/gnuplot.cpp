#include <surewake/bench/figure/chart.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace surewake::bench {
namespace {

constexpr std::array<int, 16> point_types{-1, 7, 5, 9, 13, 15, 6, 4, 8, 12, 14, 1, 2, 3, 11, 10};  // by chart_mark
constexpr std::array<int, 5> dash_types{0, 1, 2, 3, 4};                                            // by chart_dash

int point_type(chart_mark m) { return point_types[static_cast<std::size_t>(m)]; }
int dash_type(chart_dash d) { return dash_types[static_cast<std::size_t>(d)]; }

/// Returns the text as gnuplot reads it in single quotes.
std::string in_quotes(std::string_view text) {
  std::string all = "'";
  for (char const c : text) all += c == '\'' ? std::string("''") : std::string(1, c);
  return all + '\'';
}

/// Returns it as a label of an axis, which gnuplot reads as a format.
std::string tick_label(std::string_view text) {
  std::string all;
  for (char const c : text) all += c == '%' ? std::string("%%") : std::string(1, c);
  return in_quotes(all);
}

std::string axis_script(char const* name, chart_axis const& a) {
  // The empty line keeps the legend off the label.
  std::string script = fmt::format("set {0}label {1}{2}\nset {0}range [{3:.6g}:{4:.6g}]\n", name, in_quotes(a.label),
                                   *name == 'x' ? ".\"\\n \"" : "", a.low, a.high);
  script += a.logarithmic ? fmt::format("set logscale {} 10\nset m{}tics 10\n", name, name) : "";
  script += fmt::format("set format {} '{}'\n", name, a.high >= 1e5 ? "%.0s%c" : "%g");
  if (a.ticks.empty()) return script;
  std::string ticks;
  for (chart_tick const& t : a.ticks)
    ticks += fmt::format("{}{} {:.6g}", ticks.empty() ? "" : ", ", tick_label(t.label), t.at);
  return script + fmt::format("set {}tics ({})\n", name, ticks);
}

/// A block of data, of a line each.
class blocks {
 public:
  std::string add(std::string const& lines) {
    std::string const name = fmt::format("$d{}", number_++);
    text_ += fmt::format("{} << EOD\n{}EOD\n", name, lines);
    return name;
  }
  [[nodiscard]] std::string const& text() const noexcept { return text_; }

 private:
  int number_ = 0;
  std::string text_;
};

double known(double x, double otherwise) { return std::isnan(x) ? otherwise : x; }

void add(chart_boxes const& b, blocks& data, std::vector<std::string>& plots) {
  std::string lines;
  for (chart_box const& box : b.boxes) {
    lines += fmt::format("{:.6g} {:.6g} {:.6g} {:.6g} {:.6g} {:.6g}\n", (box.from + box.to) / 2, box.y, box.from,
                         box.to, box.y - box.half_height, box.y + box.half_height);
  }
  std::string const fill =
      fmt::format("fs {} border lc rgb '#{:06x}' lc rgb '#{:06x}'", b.hatched ? "pattern 4" : "solid 1", b.rgb, b.rgb);
  if (!b.boxes.empty()) {
    plots.push_back(fmt::format("{} using 1:2:3:4:5:6 with boxxyerror {} lw 0.3 notitle", data.add(lines), fill));
  }
  plots.push_back(fmt::format("keyentry with boxes {} title {}", fill, in_quotes(b.name)));
}

void add(chart_series const& s, blocks& data, std::vector<std::string>& plots) {
  std::string lines;
  for (chart_point const& p : s.points) {
    lines += fmt::format("{:.6g} {:.6g} {:.6g} {:.6g} {:.6g} {:.6g}\n", p.x, p.y, known(p.x_sure.low, p.x),
                         known(p.x_sure.high, p.x), known(p.y_sure.low, p.y), known(p.y_sure.high, p.y));
  }
  std::string const block = data.add(lines);
  std::string const colour = fmt::format("lc rgb '#{:06x}'", s.style.rgb);
  std::string const line = fmt::format("dt {} lw 0.8", dash_type(s.style.dash));
  std::string const mark = fmt::format("pt {} ps 0.45", point_type(s.style.mark));
  bool const lined = s.style.dash != chart_dash::no_line;
  bool const marked = s.style.mark != chart_mark::none;
  if (lined) plots.push_back(fmt::format("{} using 1:2 with lines {} {} notitle", block, line, colour));
  if (marked || !lined) {
    plots.push_back(fmt::format("{} using 1:2:3:4:5:6 with xyerrorbars {} lw 0.8 {} notitle", block, mark, colour));
  }
  if (s.name.empty()) return;
  plots.push_back(fmt::format("keyentry with {} {} {} {} title {}",
                              lined && marked ? "linespoints"
                              : marked        ? "points"
                                              : "lines",
                              marked ? mark : "", lined ? line : "", colour, in_quotes(s.name)));
}

/// A folder that is gone with this object, for gnuplot to write to.
class scratch_folder {
 public:
  scratch_folder() : path_((std::filesystem::temp_directory_path() / "surewake-figure-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error(fmt::format("cannot make a folder {}", path_));
  }
  scratch_folder(scratch_folder const&) = delete;
  scratch_folder& operator=(scratch_folder const&) = delete;
  ~scratch_folder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  [[nodiscard]] std::string file() const { return path_ + "/figure"; }

 private:
  std::string path_;
};

void run_gnuplot(std::string const& script) {
  std::FILE* const pipe = ::popen("gnuplot 2>&1 >/dev/null", "w");
  if (pipe == nullptr) throw std::runtime_error("cannot start a shell, for gnuplot");
  bool const told = std::fwrite(script.data(), 1, script.size(), pipe) == script.size();
  if (::pclose(pipe) != 0 || !told) {
    throw std::runtime_error(
        "gnuplot failed; it draws SVG and PDF (Debian, Ubuntu: package gnuplot-nox); "
        "--format pgf needs none");
  }
}

/// Blots out when the PDF was made, in its length: the offsets of its parts stay.
void forget_the_time(std::string& pdf) {
  constexpr std::string_view key = "/CreationDate (";
  auto const at = pdf.find(key);
  if (at == pdf.npos) return;
  for (auto i = at + key.size(); i < pdf.size() && pdf[i] != ')'; ++i) {
    if (pdf[i] >= '0' && pdf[i] <= '9') pdf[i] = '0';
  }
}

}  // namespace

std::string gnuplot_script(chart const& c) {
  blocks data;
  std::vector<std::string> plots;
  for (chart_boxes const& b : c.boxes) add(b, data, plots);
  for (chart_series const& s : c.series) add(s, data, plots);
  std::string script =
      "set encoding utf8\nset termoption noenhanced\nset errorbars 0\nset border 3 lw 0.5\nset tics nomirror scale "
      "0.5\n"
      "set grid lw 0.3 dt 3 lc rgb '#b0b0b0'\n"
      "set key outside below center horizontal Left reverse samplen 1.8 spacing 1 maxcols 2 "
      "font ',6.5'\n" +
      axis_script("x", c.x) + axis_script("y", c.y) + data.text() + "plot ";
  for (std::size_t i = 0; i < plots.size(); ++i) script += (i == 0 ? "" : ", \\\n  ") + plots[i];
  return script + "\n";
}

std::string drawn_by_gnuplot(chart const& c, chart_format format) {
  scratch_folder const folder;
  constexpr double pixels_an_inch = 96;
  double const height_in = c.height_in + 0.55 + 0.13 * static_cast<double>((legend_entries(c) + 1) / 2);
  std::string const terminal =
      format == chart_format::pdf ? fmt::format("pdfcairo size {}in,{}in font 'Helvetica,8'", chart_width_in, height_in)
                                  : fmt::format("svg size {:.0f},{:.0f} font 'Helvetica,10'",
                                                chart_width_in * pixels_an_inch, height_in * pixels_an_inch);
  run_gnuplot(fmt::format("set terminal {}\nset output {}\n{}", terminal, in_quotes(folder.file()), gnuplot_script(c)));
  std::ifstream in(folder.file(), std::ios::binary);
  std::string picture{std::istreambuf_iterator<char>(in), {}};
  if (picture.empty()) throw std::runtime_error("gnuplot drew nothing");
  if (format == chart_format::pdf) forget_the_time(picture);
  return picture;
}

}  // namespace surewake::bench
