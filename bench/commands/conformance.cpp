#include <surewake/bench/commands/command.hpp>
#include <surewake/bench/conformance/conformance.hpp>
#include <surewake/verify/shared/output.hpp>
#include <surewake/verify/shared/program.hpp>
#include <surewake/verify/shared/provenance.hpp>

#include <nlohmann/json.hpp>

#include <memory>

namespace surewake::bench {
namespace {

using program::out;

struct conformance_arguments {
  option json{};
  bool smoke = false;
};

/// Asks every semaphore what it does: a table, or JSON into a file (`-`: standard output).
int conformance(conformance_arguments const& args) {
  option const& json = args.json;
  if (json && json->empty()) throw program::usage_error("--json '': it must name a file, or - for standard output");
  probe_options options;
  if (args.smoke) options = {.chain = 1'000, .crowd = 1'600, .rounds = 50};
  std::optional<program::output_file> file;
  if (json && *json != "-") file.emplace(*json);
  std::vector<conformance_row> const rows = ask_all(options);
  if (!json) {
    out().write(program::provenance_line() + "\n" + conformance_text(rows));
  } else {
    auto probes = nlohmann::ordered_json::array();
    for (conformance_probe const& p : conformance_probes) probes.push_back({{"name", p.name}, {"asks", p.asks}});
    nlohmann::ordered_json const all{{"surewake_conformance", 1},
                                     {"provenance", program::provenance()},
                                     {"chain", options.chain},
                                     {"probes", std::move(probes)},
                                     {"semaphores", conformance_json(rows)}};
    file ? file->commit(all.dump(2) + '\n') : out().write(all.dump(2) + "\n");
  }
  return ours_conform(rows) ? program::as_expected : program::differs;
}

}  // namespace

command add_conformance(CLI::App& app) {
  auto const args = std::make_shared<conformance_arguments>();
  CLI::App* const c = app.add_subcommand("conformance", "Show what every semaphore does, as probes see it");
  c->add_option("--json", args->json, "Write JSON instead of a table; -: to standard output")->type_name("FILE");
  c->add_flag("--smoke", args->smoke, "Small crowds and chains: does it work?");
  return {c, [args] { return conformance(*args); }};
}

}  // namespace surewake::bench
