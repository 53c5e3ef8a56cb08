#include <surewake/verify/engine/graph/herd.hpp>
#include <surewake/verify/program/each_program.hpp>
#include <surewake/verify/program/litmus.hpp>
#include <surewake/verify/program/select.hpp>
#include <surewake/verify/shared/command_line.hpp>
#include <surewake/verify/shared/output.hpp>
#include <surewake/verify/shared/program.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <set>

namespace surewake::verify {

namespace {

using program::out;
using program::wrong;

bool ends() { return program::interrupted() != 0 || out().broken(); }

using models = std::vector<std::pair<std::string_view, graph::memory_model>>;

models models_of(std::optional<std::string> const& memory) {
  if (!memory) return {graph::memory_models.begin(), graph::memory_models.end()};
  graph::memory_model const model = program::one_of("--memory", *memory, graph::memory_models);
  return {*std::ranges::find(graph::memory_models, model, &models::value_type::second)};
}

/// Returns what differs from what the file expects; nullopt: it is not asked for.
///
/// Errors  bad_program where it is asked for, and the file expects nothing under that model.
std::optional<std::string> differs(graph::known_program const& known, models::value_type const& model,
                                   graph::exploration const& found, bool check) {
  if (!check) return std::nullopt;
  auto const expected = known.expect.find(model.second);
  if (expected == known.expect.end())
    throw graph::bad_program(fmt::format("the file expects nothing under {}", model.first));
  return graph::differences(found, expected->second);
}

/// The files of an export.
class folder {
 public:
  explicit folder(std::filesystem::path path) : path_(std::move(path)) {
    std::error_code error;
    std::filesystem::create_directories(path_, error);
    if (error) throw std::runtime_error(fmt::format("{}: cannot be made: {}", path_.string(), error.message()));
  }
  void add(std::string const& name, std::string const& text) {
    std::string const file = graph::herd_name(name) + ".litmus";
    if (!names_.insert(file).second) throw graph::bad_program(fmt::format("{} is written already", file));
    program::output_file(path_ / file).commit(text);
    list_ += file + "\n";
  }
  void finish() { program::output_file(path_ / "@all").commit(list_); }

 private:
  std::filesystem::path path_;
  std::set<std::string> names_{};
  std::string list_{};
};

}  // namespace

std::string litmus_line(std::string_view name, std::string_view memory, graph::exploration const& found,
                        std::optional<std::string> const& differs) {
  nlohmann::ordered_json j;
  j["name"] = name;
  j["model"] = memory;
  j["executions"] = found.executions;
  j["blocked"] = found.blocked;
  j["states"] = nlohmann::ordered_json::array();
  j["counts"] = nlohmann::ordered_json::array();
  for (auto const& [state, times] : found.states) {
    j["states"].push_back(state);
    j["counts"].push_back(times);
  }
  j["race"] = found.race;
  j["duplicates"] = found.duplicates;
  if (differs) j["as_expected"] = differs->empty();
  if (differs && !differs->empty()) j["differs"] = *differs;
  return j.dump();
}

int litmus(std::string const& file, std::optional<std::string> const& memory, bool check) {
  models const all = models_of(memory);
  bool differed = false;
  auto const explore = [&](program_of_file const& p) {
    for (auto const& model : all) {
      graph::exploration const found = graph::explore(p.parsed, model.second, {.stop = ends});
      if (!found.whole) {
        if (program::interrupted() != 0)
          static_cast<void>(wrong(fmt::format("interrupted in {} under {}", p.known.name, model.first), 0));
        return;
      }
      std::optional<std::string> const difference = differs(p.known, model, found, check);
      differed = differed || !difference.value_or("").empty();
      out().print("{}\n", litmus_line(p.known.name, model.first, found, difference));
      out().flush();
    }
  };
  int const status = for_each_program(file, explore);
  return status == program::as_expected && differed ? program::differs : status;
}

int export_programs(std::string const& file, std::vector<std::string> const& patterns,
                    std::optional<std::string> const& folder_name) {
  for (std::string const& p : patterns) {
    if (p.empty()) throw usage_error("pattern '': it must not be empty");
  }
  std::optional<folder> to;
  if (folder_name) to.emplace(*folder_name);
  std::size_t written = 0;
  auto const write = [&](program_of_file const& p) {
    auto const names = [&](std::string const& pattern) { return matches(pattern, p.known.name); };
    if (!patterns.empty() && std::ranges::none_of(patterns, names)) return;
    std::string const text = graph::herd_test(p.parsed, p.known.name, p.known.weak);
    to ? to->add(p.known.name, text) : out().print("{}{}", written == 0 ? "" : "\n", text);
    ++written;
  };
  int const status = for_each_program(file, write);
  if (status == program::as_expected && written == 0)
    throw usage_error(fmt::format("no program of {} is meant", file));
  if (to && written != 0) to->finish();
  return status;
}

}  // namespace surewake::verify
