#include <surewake/bench/commands/command.hpp>
#include <surewake/bench/report/report.hpp>
#include <surewake/bench/results/table.hpp>

#include <memory>
#include <utility>

namespace surewake::bench {
namespace {

using program::out;

table_format format_of(std::string const& name) {
  for (auto const& [known, format] :
       {std::pair("text", table_format::text), std::pair("markdown", table_format::markdown),
        std::pair("latex", table_format::latex), std::pair("csv", table_format::csv)}) {
    if (name == known) return format;
  }
  throw program::usage_error(fmt::format("--format '{}': it must be text, markdown, latex or csv", name));
}

int table(std::string const& where, std::string const& format_name) {
  table_format const format = format_of(format_name);
  recorded_run run = read_results(where);
  std::string const heading = format == table_format::text ? heading_of(run.about) : std::string();
  out().write(heading + table_of(results(std::move(run)), format));
  return program::as_expected;
}

int report(std::filesystem::path const& dir) {
  recorded_run run = read_results(dir);
  program::folder_lock const mine(dir);
  nlohmann::ordered_json const about = run.about;
  write_report(results(std::move(run)), about, dir);
  if (program::interrupted() == 0) out().print("{}\n", (dir / "report.html").string());
  return program::as_expected;
}

CLI::App* with_folder(CLI::App& app, char const* name, char const* what, std::string& folder) {
  CLI::App* const c = app.add_subcommand(name, what);
  c->add_option("dir", folder, "Folder that run wrote, or its file")->required()->type_name("DIR");
  return c;
}

}  // namespace

command add_table(CLI::App& app) {
  auto const folder = std::make_shared<std::string>();
  auto const format = std::make_shared<std::string>("text");
  CLI::App* const c = with_folder(app, "table", "Print medians, intervals, ratios and the targets", *folder);
  c->add_option("--format", *format, "text, markdown, latex, or csv with every quantity (text)")->type_name("F");
  return {c, [folder, format] { return table(*folder, *format); }};
}

command add_report(CLI::App& app) {
  auto const folder = std::make_shared<std::string>();
  return {with_folder(app, "report", "Write DIR/report.html, one self-contained page", *folder),
          [folder] { return report(*folder); }};
}

}  // namespace surewake::bench
