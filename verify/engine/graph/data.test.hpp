// surewake/verify/engine/graph/data.test.hpp: the programs that the engine is compared with other tools by, and what is
// known of them. Not installed.
//
//   data/litmus.jsonl   litmus programs of the literature: executions, final states and data races, as herd7 has them
//   data/random.jsonl   random programs: executions, and the number of final states
#pragma once

#include <surewake/verify/engine/graph/litmus.hpp>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace surewake::verify::graph {

inline constexpr std::array<std::pair<char const*, memory_model>, 3> models{
    {{"sc", memory_model::sc}, {"rc11", memory_model::rc11}, {"cpp20", memory_model::cpp20}}};

struct known_program {
  std::string name{};
  std::vector<std::string> threads{};
  std::vector<std::string> locations{};
  nlohmann::json expect{};
};

[[nodiscard]] inline std::vector<known_program> read_data(std::string const& file) {
  std::string const path = std::string(SUREWAKE_SOURCE_DIR) + "/verify/engine/graph/data/" + file;
  std::ifstream in(path);
  if (!in) throw std::runtime_error("cannot be read: " + path);
  std::vector<known_program> result;
  for (std::string line; std::getline(in, line);) {
    nlohmann::json const d = nlohmann::json::parse(line);
    result.push_back({.name = d.value("name", "random " + std::to_string(result.size())),
                      .threads = d.at("threads").get<std::vector<std::string>>(),
                      .locations = d.at("locs").get<std::vector<std::string>>(),
                      .expect = d.at("expect")});
  }
  return result;
}

/// Returns what differs from what is known, in words; empty: nothing.
[[nodiscard]] inline std::string compare(exploration const& found, nlohmann::json const& known) {
  std::string result;
  if (auto const n = known.at("executions").get<std::uint64_t>(); found.executions != n)
    result += std::to_string(found.executions) + " executions instead of " + std::to_string(n) + "; ";
  if (found.duplicates != 0) result += std::to_string(found.duplicates) + " twice; ";
  std::vector<std::string> states;
  for (auto const& [state, times] : found.states) states.push_back(state);
  nlohmann::json const& s = known.at("states");
  if (s.is_array() ? states != s.get<std::vector<std::string>>() : states.size() != s.get<std::size_t>())
    result += "other states; ";
  if (known.contains("race") && known.at("race").get<bool>() != found.race) result += "another verdict on races; ";
  return result;
}

/// Explores a program under each model. Returns what differs from what is known.
[[nodiscard]] inline std::string compare_all(known_program const& p, wanted what = {}) {
  std::string result;
  program const parsed = parse_program(p.threads, p.locations);
  for (auto const& [name, model] : models) {
    std::string const differs = compare(explore(parsed, model, what), p.expect.at(name));
    if (!differs.empty()) result += p.name + " under " + name + ": " + differs;
  }
  return result;
}

}  // namespace surewake::verify::graph
