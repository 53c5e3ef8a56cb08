#include <surewake/verify/engine/graph/litmus_file.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace surewake::verify::graph {

namespace {

using nlohmann::json;

[[noreturn]] void fail(std::string_view member, std::string_view must_be) {
  throw bad_program(fmt::format("'{}' must be {}", member, must_be));
}

std::vector<std::string> texts(json const& j, std::string_view member) {
  bool const good = j.is_array() && std::all_of(j.begin(), j.end(), [](json const& t) { return t.is_string(); });
  if (!good) fail(member, "an array of texts");
  return j.get<std::vector<std::string>>();
}

std::string text(json const& line, std::string_view member) {
  auto const at = line.find(member);
  if (at == line.end()) return {};
  if (!at->is_string()) fail(member, "a text");
  return at->get<std::string>();
}

template <class Number> void read_number(json const& j, std::string_view member, std::optional<Number>& result) {
  if (!j.contains(member)) return;
  if (!j.at(member).is_number_unsigned()) fail(member, "a number");
  result = j.at(member).get<Number>();
}

expectation read_expectation(json const& j, std::string_view model) {
  if (!j.is_object()) fail(model, "an object");
  expectation result;
  read_number(j, "executions", result.executions);
  read_number(j, "blocked", result.blocked);
  if (j.contains("race")) {
    if (!j.at("race").is_boolean()) fail("race", "true or false");
    result.race = j.at("race").get<bool>();
  }
  if (!j.contains("states")) return result;
  if (j.at("states").is_number_unsigned()) {
    result.number_of_states = j.at("states").get<std::size_t>();
  } else {
    result.states = texts(j.at("states"), "states");
    std::sort(result.states->begin(), result.states->end());
  }
  return result;
}

template <class Value> void compare(Value const& found, std::optional<Value> const& known, std::string_view what,
                                    std::string& result) {
  if (known && found != *known)
    result += fmt::format("{}{} {} instead of {}", result.empty() ? "" : "; ", found, what, *known);
}

}  // namespace

known_program read_program(std::string const& line) {
  json j;
  try {
    j = json::parse(line);
  } catch (json::parse_error const& e) {
    std::string_view const why = e.what();  // it begins with a number of the library's in brackets
    throw bad_program(fmt::format("no JSON: {}", why.substr(why.find(' ') + 1)));
  }
  if (!j.is_object()) throw bad_program("no JSON object");
  if (!j.contains("threads")) throw bad_program("'threads' is missing");
  known_program result{.name = text(j, "name"), .threads = texts(j.at("threads"), "threads"), .weak = text(j, "weak")};
  if (j.contains("locs")) result.locations = texts(j.at("locs"), "locs");
  if (j.contains("plain")) result.plain = texts(j.at("plain"), "plain");
  if (!j.contains("expect")) return result;
  if (!j.at("expect").is_object()) fail("expect", "an object");
  for (auto const& [name, model] : memory_models) {
    if (j.at("expect").contains(name)) result.expect.emplace(model, read_expectation(j.at("expect").at(name), name));
  }
  return result;
}

std::string differences(exploration const& found, expectation const& known) {
  std::string result;
  compare(found.executions, known.executions, "executions", result);
  compare(found.blocked, known.blocked, "blocked", result);
  compare(found.duplicates, std::optional<std::uint64_t>(0), "duplicates", result);
  compare(found.states.size(), known.number_of_states, "states", result);
  if (known.race && *known.race != found.race)
    result += fmt::format("{}{}", result.empty() ? "" : "; ", found.race ? "a race, and none is expected" : "no race");
  if (!known.states) return result;
  auto const also = [&](std::string_view what, std::string_view state) {
    result += fmt::format("{}{} '{}'", result.empty() ? "" : "; ", what, state);
  };
  for (auto const& [state, times] : found.states) {
    if (!std::binary_search(known.states->begin(), known.states->end(), state)) also("the unexpected state", state);
  }
  for (std::string const& state : *known.states) {
    if (!found.states.contains(state)) also("without the state", state);
  }
  return result;
}

}  // namespace surewake::verify::graph
