#include <surewake/bench/report/figures.hpp>
#include <surewake/bench/results/table.hpp>
#include <surewake/verify/shared/output.hpp>
#include <surewake/verify/shared/program.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <sstream>
#include <system_error>

namespace surewake::bench {
namespace {

std::string output_of(std::string const& command, int& status) {
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot start a shell");
  std::string text;
  std::array<char, 4096> buffer{};
  while (std::size_t const n = std::fread(buffer.data(), 1, buffer.size(), pipe)) text.append(buffer.data(), n);
  status = ::pclose(pipe);
  return text;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

/// A file that is gone with this object.
class temporary_file {
 public:
  explicit temporary_file(std::string const& content)
      : path_((std::filesystem::temp_directory_path() / "surewake-bench-XXXXXX").string()) {
    int const fd = ::mkstemp(path_.data());
    if (fd < 0) throw std::runtime_error(fmt::format("cannot make a temporary file {}", path_));
    int const error = program::write_and_sync(fd, content);
    ::close(fd);
    if (error == 0) return;
    ::unlink(path_.c_str());
    throw std::runtime_error(
        fmt::format("cannot write {}: {}", path_, std::generic_category().message(error)));
  }
  temporary_file(temporary_file const&) = delete;
  temporary_file& operator=(temporary_file const&) = delete;
  ~temporary_file() { ::unlink(path_.c_str()); }
  [[nodiscard]] std::string const& path() const noexcept { return path_; }

 private:
  std::string path_;
};

/// Runs a gnuplot script that begins with the terminal already set.
std::string drawn(std::string const& script, int width, int height) {
  static int number = 0;
  std::string const name = fmt::format("f{}", ++number);
  temporary_file const file(
      fmt::format("set terminal svg size {},{} dynamic font 'sans-serif,13' name '{}'\n"
                  "set encoding utf8\nset errorbars 0\nset border lc rgb '#888888'\nset tics textcolor rgb 'black'\n{}",
                  width, height, name, script));
  int status = 0;
  std::string svg = output_of("gnuplot '" + file.path() + "'", status);
  auto const begin = svg.find("<svg");
  if (status != 0 || begin == std::string::npos) {
    throw std::runtime_error("gnuplot failed; it draws the figures (Debian and Ubuntu: package gnuplot-nox)");
  }
  svg.erase(0, begin);
  for (char const* const black : {"'black'", "\"black\"", "'rgb(  0,   0,   0)'", "\"rgb(0,0,0)\""}) {
    replace_all(svg, black, "\"currentColor\"");
  }
  replace_all(svg, "gpDot", name + "dot");
  for (int i = 0; i < 15; ++i) {
    replace_all(svg, fmt::format("'gpPt{}'", i), fmt::format("'{}p{}'", name, i));
    replace_all(svg, fmt::format("'#gpPt{}'", i), fmt::format("'#{}p{}'", name, i));
  }
  return svg;
}

/// Returns the colour of a contestant: strategies each their own, in the order in which the results name them.
class colours {
 public:
  explicit colours(results const& r) {
    for (row const& one : r.rows()) {
      if (one.kind != "strategy") continue;
      std::string const name = family(one.contestant);
      if (std::ranges::find(families_, name) == families_.end()) families_.push_back(name);
    }
    std::ranges::sort(families_);
  }

  [[nodiscard]] std::string of(row const& r) const {
    if (r.kind == "floor") return "#8a8f98";
    if (r.kind == "peer") return r.contestant == "sem_t" ? "#2f9e6e" : "#1a9aa0";
    static constexpr std::array palette{"#3d7ff0", "#e0812b", "#b05be0", "#dd4b6f", "#8a9a1f", "#5bb8e0"};
    if (r.kind == "experiment")
      return r.contestant.starts_with("spin")    ? palette[0]
             : r.contestant.starts_with("mutex") ? palette[1]
                                                 : palette[2];
    auto const at = std::ranges::find(families_, family(r.contestant)) - families_.begin();
    return palette[static_cast<std::size_t>(at) % palette.size()];
  }

 private:
  static std::string family(std::string const& contestant) { return contestant.substr(0, contestant.find('/')); }
  std::vector<std::string> families_;
};

int point_type(std::string const& contestant) { return contestant.ends_with("/barging") ? 6 : 7; }

/// One line of a dot plot: a contestant, or the heading of a group (no contestant).
struct lane {
  std::string label;
  row const* who = nullptr;
  summary values{};
  std::string note{};
};

struct axis {
  std::string label;
  double low, high;
  bool logarithmic;
};

axis axis_for(std::vector<lane> const& lanes, std::string label) {
  double low = std::numeric_limits<double>::infinity();
  double high = 0;
  for (lane const& l : lanes) {
    if (l.who == nullptr) continue;
    low = std::min(low, l.values.median);
    high = std::max({high, l.values.median, std::min(l.values.three_quarters, 1.5 * l.values.median)});
  }
  if (high / low >= 40)
    return {label + " (logarithmic)", std::pow(10, std::floor(std::log10(low * 0.9))), high * 1.6, true};
  // If one contestant is far out, it must not squeeze all others: it is drawn at the edge, with an arrow before its
  // number.
  double others = 0;
  for (lane const& l : lanes) {
    if (l.who != nullptr && l.values.median < high / 4) others = std::max(others, l.values.median);
  }
  auto const far =
      std::ranges::count_if(lanes, [&](lane const& l) { return l.who != nullptr && l.values.median > others; });
  return {std::move(label), 0, (far == 1 && others > 0 ? 1.5 * others : high) * 1.08, false};
}

/// Returns gnuplot's part for one panel of lanes; y runs down from 0.
std::string panel(std::vector<lane> const& lanes, axis const& x, colours const& colour, bool labels,
                  std::string const& block) {
  std::string data = fmt::format("${} << EOD\n", block);
  std::string script;
  std::string ytics;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    lane const& l = lanes[i];
    if (labels && l.who != nullptr)
      ytics += fmt::format("{}'{}' {}", ytics.empty() ? "" : ", ", l.label, -static_cast<double>(i));
    if (labels && l.who == nullptr) {
      script += fmt::format("set label '{{/:Bold {}}}' at screen 0.012, first {} left textcolor rgb 'black'\n", l.label,
                            -static_cast<double>(i));
    }
    if (l.who == nullptr) continue;
    auto const inside = [&](double v) { return std::clamp(v, x.low == 0 ? 0 : x.low, x.high); };
    unsigned const rgb = static_cast<unsigned>(std::stoul(colour.of(*l.who).substr(1), nullptr, 16));
    data += fmt::format("{:.6g} {} {:.6g} {:.6g} {:.6g} {:.6g} {} {} \"{}{}\"\n", inside(l.values.median),
                        -static_cast<double>(i), inside(l.values.low), inside(l.values.high), inside(l.values.quarter),
                        inside(l.values.three_quarters), rgb, point_type(l.who->contestant),
                        l.values.median > x.high ? "→ " : "", l.note);
  }
  data += "EOD\n";
  script += fmt::format(
      "{}\nset format x '{}'\nset yrange [{}:0.7]\nset xrange [{}:{}]\nset xlabel '{}' textcolor rgb 'black'\n",
      x.logarithmic ? "set logscale x 10" : "unset logscale x", x.high > 1e5 ? "%.0s%c" : "%h",
      -static_cast<double>(lanes.size()) + 0.3, x.low, x.high, x.label);
  script +=
      labels ? fmt::format("set ytics ({}) scale 0 noenhanced\n", ytics) : std::string("set ytics ('' 0) scale 0\n");
  script += "set grid xtics lc rgb '#888888' lw 0.3 dt 2\nset tics nomirror\nset border 1\nunset key\n";
  return data + script +
         fmt::format(
             "plot ${0} using 1:2:3:4:7 with xerrorbars pt -1 lw 1 lc rgb variable, "
             "${0} using 1:2:5:6:7 with xerrorbars pt -1 lw 5 lc rgb variable, "
             "${0} using 1:($8==7?$2:NaN):7 with points pt 7 ps 0.9 lc rgb variable, "
             "${0} using 1:($8==6?$2:NaN):7 with points pt 6 lw 2 ps 0.9 lc rgb variable, "
             "${0} using ({1}):2:9 with labels left offset 0.6,0 textcolor rgb 'black' font ',11' noenhanced\n"
             "unset label\n",
             block, x.high);
}

constexpr int width = 860;

int height_of(std::size_t lanes) { return 74 + 21 * static_cast<int>(lanes); }

/// Sets margins that leave each lane 21 pixels, between left and right (shares of the width).
std::string margins(std::size_t lanes, double left, double right, double above = 6) {
  double const height = height_of(lanes) + above - 6;
  return fmt::format(
      "set lmargin at screen {}\nset rmargin at screen {}\nset tmargin at screen {}\nset bmargin at screen {}\n", left,
      right, 1 - above / height, 60 / height);
}

std::string pretty(std::string scenario) {
  for (char const* const digits : {"1000000", "100000", "10000", "1000"}) {
    replace_all(scenario, fmt::format("= {}", digits), "= " + brief(std::stod(digits)));
  }
  return scenario;
}

/// Returns the lanes of all scenarios of a workload, grouped.
std::vector<lane> lanes_of(results const& r, std::string const& workload, double row::*what) {
  std::vector<lane> lanes;
  for (std::string const& scenario : r.scenarios(workload)) {
    lanes.push_back({.label = pretty(scenario)});
    for (std::string const& c : r.contestants(workload, scenario)) {
      summary const s = r.summary_of(workload, scenario, c, what);
      if (s.count == 0) continue;
      std::string note;
      if (what == &row::ratio_units) {
        note = fmt::format("{}  ·  {}", brief(s.median),
                           brief_time(r.summary_of(workload, scenario, c, &row::time_ns_per_operation).median));
      } else {
        note = brief(s.median);
      }
      lanes.push_back({c, r.first(workload, scenario, c), s, note});
    }
  }
  return lanes;
}

std::string dot_plot(results const& r, std::string const& workload, colours const& colour) {
  auto const lanes = lanes_of(r, workload, &row::ratio_units);
  return drawn(
      margins(lanes.size(), 0.245, 0.83) +
          panel(lanes, axis_for(lanes, "units: 1 = a bare pair of locked read-modify-writes"), colour, true, "d"),
      width, height_of(lanes.size()));
}

/// Draws throughput and fairness of the same rows, side by side.
std::string throughput_and_fairness(results const& r, std::string const& workload, colours const& colour) {
  auto const rate = lanes_of(r, workload, &row::throughput_operations_per_s);
  auto const fair = lanes_of(r, workload, &row::fairness_jain_index);
  std::string script = "set multiplot\n" + margins(rate.size(), 0.245, 0.55);
  script += panel(rate, axis_for(rate, "acquisitions per second, all threads"), colour, true, "a");
  script += margins(rate.size(), 0.68, 0.93);
  script += panel(fair, {"fairness (Jain): 1 = all the same", 0, 1.02, false}, colour, false, "b");
  return drawn(script + "unset multiplot\n", width, height_of(rate.size()));
}

/// Draws cost over n, a line per contestant.
std::string over_n(results const& r, std::string const& workload, std::string const& how, colours const& colour) {
  std::vector<std::string> scenarios;
  for (std::string const& s : r.scenarios(workload)) {
    if (s.starts_with(how)) scenarios.push_back(s);
  }
  std::string data;
  std::string plots;
  double high = 0;
  double largest = 1;
  int block = 0;
  for (std::string const& c : r.contestants(workload, scenarios.back())) {
    row const* const who = r.first(workload, scenarios.back(), c);
    data += fmt::format("$d{} << EOD\n", ++block);
    for (std::string const& s : scenarios) {
      summary const v = r.summary_of(workload, s, c, &row::ratio_units);
      if (v.count == 0) continue;
      data += fmt::format("{} {:.6g} {:.6g} {:.6g}\n", r.first(workload, s)->waiters, v.median, v.quarter,
                          v.three_quarters);
      high = std::max(high, std::min(v.three_quarters, 1.5 * v.median));
      largest = std::max(largest, r.first(workload, s)->waiters);
    }
    data += "EOD\n";
    plots += fmt::format(
        "{0}$d{1} using 1:2 with lines lw 1.5 dt {4} lc rgb '{2}' notitle, "
        "$d{1} using 1:2:3:4 with yerrorbars pt {3} lw 1.5 ps 0.8 lc rgb '{2}' title '{5}'",
        plots.empty() ? "" : ", ", block, colour.of(*who), point_type(c), c.ends_with("/barging") ? 2 : 1, c);
  }
  return drawn(
      data + fmt::format("set logscale x 10\nset xrange [0.7:{}]\nset yrange [0:{}]\nset format x '%.0f'\n"
                         "set xlabel 'n, waiters (logarithmic)' textcolor rgb 'black'\n"
                         "set ylabel 'units a waiter' textcolor rgb 'black'\n"
                         "set grid ytics lc rgb '#888888' lw 0.3 dt 2\nset tics nomirror\nset border 3\n"
                         "set xtics ('1' 1, '1,000' 1000, '10,000' 10000, '100,000' 100000, '1,000,000' 1000000)\n"
                         "set key outside right center Left reverse noenhanced textcolor rgb 'black' samplen 1.5 "
                         "spacing 1.4\nplot {}\n",
                         largest * 1.6, high * 1.1, plots),
      width, 300);
}

std::string memory_bars(results const& r, std::string const& workload) {
  std::string data = "$d << EOD\n";
  std::string ytics;
  double high = 0;
  int y = 0;
  std::string const scenario = r.scenarios(workload).front();
  for (std::string const& c : r.contestants(workload, scenario)) {
    auto const value = [&](double row::*what) { return r.summary_of(workload, scenario, c, what).median; };
    double const frame = value(&row::frame_bytes_per_waiter);
    double const awaiter = value(&row::awaiter_bytes_per_waiter);
    double const heap = value(&row::heap_bytes_per_waiter);
    data += fmt::format("{} {:.6g} {:.6g} {:.6g} \"{} + {} + {} bytes\"\n", y, frame - awaiter, frame, frame + heap,
                        brief(frame - awaiter), brief(awaiter), brief(heap));
    ytics += fmt::format("{}'{}' {}", ytics.empty() ? "" : ", ", c, y);
    high = std::max(high, frame + heap);
    --y;
  }
  std::string legend;
  double at = 0.245;
  auto const box = [&](char const* from, char const* to, char const* colour, char const* title) {
    legend += fmt::format(
        "set label '■' at screen {}, screen 0.94 textcolor rgb '{}' font ',16'\n"
        "set label '{}' at screen {}, screen 0.94 textcolor rgb 'black'\n",
        at, colour, title, at + 0.02);
    at += 0.19;
    return fmt::format(
        "$d using (({0})+({1}))/2:1:({0}):({1}):($1-0.32):($1+0.32) with boxxyerror fs solid 1 noborder lc rgb '{2}'",
        from, to, colour);
  };
  std::string boxes = box("0", "$2", "#8a8f98", "frame without acquire");
  boxes += ", " + box("$2", "$3", "#3d7ff0", "acquire in the frame");
  boxes += ", " + box("$3", "$4", "#dd4b6f", "heap beyond the frame");
  return drawn(data + "EOD\n" + margins(static_cast<std::size_t>(-y), 0.245, 0.80, 36) +
                   fmt::format("set xrange [0:{}]\nset yrange [{}:0.7]\nset ytics ({}) scale 0 noenhanced\nset tics "
                               "nomirror\nset border 1\n"
                               "set xlabel 'bytes a waiter' textcolor rgb 'black'\n"
                               "set grid xtics lc rgb '#888888' lw 0.3 dt 2\n"
                               "unset key\n"
                               "{}plot {}, $d using ({}):1:5 with labels left offset 0.6,0 textcolor rgb 'black' font "
                               "',11' noenhanced\n",
                               high * 1.05, y + 0.3, ytics, legend, boxes, high * 1.05),
               width, height_of(static_cast<std::size_t>(-y)) + 30);
}

}  // namespace

std::string gnuplot_version() {
  int status = 0;
  std::string text = output_of("gnuplot --version 2>/dev/null", status);
  if (status != 0) return "none";
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::vector<figure> figures_of(results const& r) {
  colours const colour(r);
  std::vector<figure> figures;
  for (std::string const& workload : r.workloads()) {
    if (program::interrupted() != 0) break;
    if (workload == "storm") {
      for (std::string const how : {"at once", "one by one"}) {
        bool const measured =
            std::ranges::any_of(r.scenarios(workload), [&](auto const& s) { return s.starts_with(how); });
        if (measured)
          figures.push_back(
              {workload, how == "at once" ? "All n permits at once" : "One by one", over_n(r, workload, how, colour)});
      }
    } else if (workload == "enqueue") {
      figures.push_back({workload, "", over_n(r, workload, "registration", colour)});
    } else if (workload == "contended") {
      figures.push_back({workload, "", throughput_and_fairness(r, workload, colour)});
    } else if (workload == "memory") {
      figures.push_back({workload, "", memory_bars(r, workload)});
    } else {
      figures.push_back({workload, "", dot_plot(r, workload, colour)});
    }
  }
  return figures;
}

}  // namespace surewake::bench
