// surewake/verify/engine/graph/frontier_json.hpp: frontiers as text, for files and other processes.
#pragma once

#include <surewake/verify/engine/graph/frontier.hpp>

#include <nlohmann/json_fwd.hpp>

namespace surewake::verify::graph {

void to_json(nlohmann::json& j, frontier const& f);
/// Errors  nlohmann::json::exception, std::invalid_argument
void from_json(nlohmann::json const& j, frontier& f);

}  // namespace surewake::verify::graph
