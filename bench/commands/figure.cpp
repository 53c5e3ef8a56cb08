#include <surewake/bench/commands/command.hpp>
#include <surewake/bench/figure/charts.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <utility>

namespace surewake::bench {
namespace {

using program::out;
using program::usage_error;

struct figure_arguments {
  std::string where{};
  std::vector<std::string> names{};
  std::string format = "svg";
  option to{};
  bool list = false;
};

int list_figures() {
  for (chart_kind const& k : chart_kinds()) out().print("{:<22} {}\n", k.name, k.what);
  return program::as_expected;
}

/// Returns the charts by their names; without one, all.   Errors  usage_error.
std::vector<chart_kind> kinds_of(std::vector<std::string> const& names) {
  std::vector<chart_kind> kinds;
  std::vector<std::pair<std::string_view, chart_kind>> known;
  for (chart_kind const& k : chart_kinds()) known.emplace_back(k.name, k);
  for (std::string const& name : names) {
    chart_kind const k = program::one_of("figure", name, known);
    if (std::ranges::find(kinds, k.name, &chart_kind::name) == kinds.end()) kinds.push_back(k);
  }
  if (names.empty()) kinds.assign(chart_kinds().begin(), chart_kinds().end());
  return kinds;
}

/// Says where the figures go: into a folder, each under its name, or, of a single one, to a file.
///
/// Errors  usage_error for a file that several would be written to, or whose name ends as another format's does.
std::filesystem::path file_of(figure_arguments const& args, chart const& c, bool single) {
  std::filesystem::path const place = args.to ? *args.to : args.where;
  std::string const ending = "." + args.format;
  std::string const given = place.extension().string();
  bool const like_a_file = args.to && !std::filesystem::is_directory(place) &&
                           (given == ".svg" || given == ".pdf" || given == ".pgf" || given == ".tex");
  if (!like_a_file)
    return (args.to || std::filesystem::is_directory(place) ? place : place.parent_path()) / (c.name + ending);
  if (!single) throw usage_error(fmt::format("--out '{}': several figures need a folder", place.string()));
  if (given != ending && !(given == ".tex" && args.format == "pgf")) {
    throw usage_error(fmt::format("--out '{}': --format {} writes a file whose name ends with {}", place.string(),
                                  args.format, ending));
  }
  return place;
}

int draw(figure_arguments const& args) {
  chart_format const format =
      program::one_of("--format", args.format,
                      std::array{std::pair{"svg", chart_format::svg}, std::pair{"pdf", chart_format::pdf},
                                 std::pair{"pgf", chart_format::pgf}});
  std::vector<chart_kind> const kinds = kinds_of(args.names);
  if (args.list) return list_figures();
  if (args.where.empty()) throw usage_error("figure: dir is missing (folder that run wrote, or its file)");
  if (args.to && args.to->empty()) throw usage_error("--out '': it must name a folder or a file");
  bool const single = kinds.size() == 1;
  static_cast<void>(file_of(args, {}, single));  // before anything is read
  results const r(read_results(args.where));
  std::size_t written = 0;
  for (chart_kind const& k : kinds) {
    if (program::interrupted() != 0) break;
    chart const c = chart_of(k, r);
    if (c.empty()) {
      std::string const why = fmt::format("figure {}: the run has no rows of the workload {}", k.name, k.from);
      if (!args.names.empty()) throw bad_results(why);
      out().print("left out: {}\n", why);
      continue;
    }
    std::filesystem::path const file = file_of(args, c, single);
    if (file.has_parent_path()) {
      std::error_code error;
      std::filesystem::create_directories(file.parent_path(), error);
      if (error)
        throw bad_results(fmt::format("cannot make the folder {}: {}", file.parent_path().string(), error.message()));
    }
    program::output_file place(file);
    place.commit(format == chart_format::pgf ? pgfplots_source(c) : drawn_by_gnuplot(c, format));
    out().print("{}\n", file.string());
    ++written;
  }
  if (written == 0 && program::interrupted() == 0) throw bad_results("the run has no rows for any figure");
  return program::as_expected;
}

}  // namespace

command add_figure(CLI::App& app) {
  auto const args = std::make_shared<figure_arguments>();
  CLI::App* const c = app.add_subcommand("figure", "Draw the charts of a run for a paper, in the width of a column");
  c->add_option("dir", args->where, "Folder that run wrote, or its file")->type_name("DIR");
  c->add_option("names", args->names, "Figures, as --list names them (all)")->type_name("NAME");
  c->add_option("--format", args->format, "svg, pdf, or pgf: LaTeX source that needs pgfplots (svg)")->type_name("F");
  c->add_option("--out", args->to, "Folder, or file of a single figure (the run's folder)")->type_name("DIR|FILE");
  c->add_flag("--list", args->list, "Show what figures there are");
  return {c, [args] { return draw(*args); }};
}

}  // namespace surewake::bench
