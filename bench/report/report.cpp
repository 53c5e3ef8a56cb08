#include <surewake/bench/report/page.hpp>
#include <surewake/bench/report/report.hpp>
#include <surewake/verify/shared/output.hpp>
#include <surewake/verify/shared/program.hpp>
#include <surewake/verify/shared/provenance.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <system_error>

namespace surewake::bench {
namespace {

using json = nlohmann::ordered_json;

std::string text_of(json const& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

/// Returns what `conformance --json` wrote beside the results; null where it is not there.
json conformance_in(std::filesystem::path const& dir) {
  std::filesystem::path const file = dir / conformance_name;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return nullptr;
  std::ifstream in(file);
  try {
    json all = json::parse(in);
    if (all.value("surewake_conformance", 0) != 1) {
      throw bad_results(fmt::format("{}: it is not what surewake-bench conformance --json writes", file.string()));
    }
    return all;
  } catch (json::exception const& e) {
    throw bad_results(fmt::format("{}: {}", file.string(), e.what()));
  }
}

}  // namespace

std::string heading_of(json const& about) {
  json const& machine = about.at("machine");
  std::string const version =
      about.contains("provenance") ? " " + text_of(about["provenance"].at("version")) : std::string();
  return fmt::format("measured {} by surewake-bench{}, commit {}, {} {}, {}, {}, seed {}, {}: {}\ntable by {}\n\n",
                     text_of(about.at("started")), version, text_of(machine.at("commit")),
                     text_of(machine.at("compiler")), text_of(machine.at("flags")), text_of(machine.at("cpu")),
                     text_of(machine.at("kernel")), text_of(about.at("seed")), about.value("state", "unknown"),
                     text_of(about.at("command_line")), program::provenance_line());
}

void write_report(results const& r, json const& about, std::filesystem::path const& dir) {
  std::string const html =
      page_of(r, {.about = about,
                  .by = program::provenance_line(),
                  .conformance = conformance_in(dir)});
  if (program::interrupted() == 0) program::output_file(dir / "report.html").commit(html);
}

}  // namespace surewake::bench
