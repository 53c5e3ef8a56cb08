#include <surewake/verify/engine/graph/frontier_json.hpp>

#include <nlohmann/json.hpp>

#include <utility>

namespace surewake::verify::graph {

namespace {

nlohmann::json to_array(std::vector<alternative> const& all) {
  nlohmann::json result = nlohmann::json::array();
  for (alternative const& a : all) result.push_back({static_cast<int>(a.what), a.at, a.which});
  return result;
}

std::vector<alternative> from_array(nlohmann::json const& j) {
  std::vector<alternative> result;
  for (nlohmann::json const& a : j) {
    auto const what = a.at(0).get<int>();
    if (what < 0 || what > static_cast<int>(action::revisited)) throw std::invalid_argument("an unknown alternative");
    result.push_back({static_cast<action>(what), a.at(1), a.at(2)});
  }
  return result;
}

}  // namespace

void to_json(nlohmann::json& j, frontier const& f) {
  nlohmann::json levels = nlohmann::json::array();
  for (frontier_level const& l : f.levels) {
    levels.push_back({{"revisits", l.revisits},
                      {"after", l.after},
                      {"size", l.size},
                      {"done", to_array(l.done)},
                      {"todo", to_array(l.todo)},
                      {"weights", l.weights},
                      {"print", l.print}});
  }
  j = {{"whole", f.whole}, {"levels", std::move(levels)}};
}

void from_json(nlohmann::json const& j, frontier& f) {
  f = {.whole = j.at("whole")};
  for (nlohmann::json const& l : j.at("levels")) {
    f.levels.push_back({.revisits = l.at("revisits"),
                        .after = l.at("after"),
                        .size = l.at("size"),
                        .done = from_array(l.at("done")),
                        .todo = from_array(l.at("todo")),
                        .weights = l.at("weights"),
                        .print = l.at("print")});
    if (f.levels.back().todo.size() != f.levels.back().weights.size()) throw std::invalid_argument("other weights");
  }
}

}  // namespace surewake::verify::graph
