#include <surewake/bench/commands/command.hpp>
#include <surewake/bench/results/references.hpp>

#include <memory>

namespace surewake::bench {
namespace {

struct arguments {
  std::string where{};
  std::string format = "bibtex";
};

int cite(arguments const& args) {
  if (args.format != "bibtex" && args.format != "cff") {
    throw program::usage_error(fmt::format("--format '{}': it must be bibtex or cff", args.format));
  }
  recorded_run run = read_results(args.where);
  auto const fact = [&](char const* name) {
    return run.about.value("provenance", nlohmann::ordered_json::object()).value(name, std::string("unknown"));
  };
  std::string const version = fact("version");
  std::string const commit = fact("commit");
  auto const all = sources_of(results(std::move(run)));
  program::out().write(args.format == "cff" ? cff_of(all, version, commit) : bibtex_of(all, version, commit));
  return program::as_expected;
}

}  // namespace

command add_cite(CLI::App& app) {
  auto const args = std::make_shared<arguments>();
  CLI::App* const c = app.add_subcommand("cite", "Print what a paper must cite for the rows of a run");
  c->add_option("dir", args->where, "Folder that run wrote, or its file")->required()->type_name("DIR");
  c->add_option("--format", args->format, "bibtex or cff (bibtex)")->type_name("F");
  return {c, [args] { return cite(*args); }};
}

}  // namespace surewake::bench
