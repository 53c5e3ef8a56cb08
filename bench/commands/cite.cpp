#include <surewake/bench/commands/command.hpp>
#include <surewake/bench/results/references.hpp>

#include <memory>

namespace surewake::bench {
namespace {

struct cite_arguments {
  std::string where{};
  std::string format = "bibtex";
};

int cite(cite_arguments const& args) {
  static_cast<void>(program::citations_of({}, args.format, "", ""));  // a wrong format is told before a wrong file
  recorded_run run = read_results(args.where);
  auto const fact = [&](char const* name) {
    return run.about.value("provenance", nlohmann::ordered_json::object()).value(name, std::string("unknown"));
  };
  std::string const version = fact("version");
  std::string const commit = fact("commit");
  program::out().write(
      program::citations_of(sources_of(results(std::move(run))), args.format, version, commit));
  return program::as_expected;
}

}  // namespace

command add_cite(CLI::App& app) {
  auto const args = std::make_shared<cite_arguments>();
  CLI::App* const c = app.add_subcommand("cite", "Print what a paper must cite for the rows of a run");
  c->add_option("dir", args->where, "Folder that run wrote, or its file")->required()->type_name("DIR");
  c->add_option("--format", args->format, "bibtex or cff (bibtex)")->type_name("F");
  return {c, [args] { return cite(*args); }};
}

}  // namespace surewake::bench
