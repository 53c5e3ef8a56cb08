// surewake/verify/engine/graph/data.test.hpp: the programs that the engine is compared with other tools by, and what is
// known of them. Not installed.
//
//   data/litmus.jsonl   litmus programs of the literature: executions, final states and data races, as herd7 has them
//   data/random.jsonl   random programs: executions, and the number of final states
//   data/own.jsonl      programs for what few of those show: C++11's release sequence (RS+…), an RMW as one event of S
//                       (RMW-in-S+…), both as another explorer has them; and statements that only this engine has
#pragma once

#include <surewake/verify/engine/graph/litmus_file.hpp>

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace surewake::verify::graph {

[[nodiscard]] inline std::vector<known_program> read_data(std::string const& file) {
  std::string const path = SUREWAKE_SOURCE_DIR "/verify/engine/graph/data/" + file;
  std::ifstream in(path);
  if (!in) throw std::runtime_error("cannot be read: " + path);
  std::vector<known_program> result;
  for (std::string line; std::getline(in, line);) {
    result.push_back(read_program(line));
    if (result.back().name.empty()) result.back().name = "random " + std::to_string(result.size() - 1);
  }
  return result;
}

/// Returns all of them.
[[nodiscard]] inline std::vector<known_program> all_data() {
  std::vector<known_program> result;
  for (char const* const file : {"own.jsonl", "litmus.jsonl", "random.jsonl"}) {
    for (known_program& p : read_data(file)) result.push_back(std::move(p));
  }
  return result;
}

/// Explores a program under each model. Returns what differs from what is known.
[[nodiscard]] inline std::string compare_all(known_program const& p, wanted const& what = {}) {
  std::string result;
  program const parsed = p.parsed();
  for (auto const& [name, model] : memory_models) {
    std::string const differs = differences(explore(parsed, model, what), p.expect.at(model));
    if (!differs.empty()) result += p.name + " under " + std::string(name) + ": " + differs + "; ";
  }
  return result;
}

}  // namespace surewake::verify::graph
