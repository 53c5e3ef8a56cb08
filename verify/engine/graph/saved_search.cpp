#include <surewake/verify/engine/graph/frontier_json.hpp>
#include <surewake/verify/engine/graph/outcome_json.hpp>
#include <surewake/verify/engine/graph/saved_search.hpp>
#include <surewake/verify/shared/output.hpp>

#include <nlohmann/json.hpp>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace surewake::verify::graph {

namespace {

using nlohmann::json;

constexpr char const* format_name = "surewake search";
constexpr int format_version = 1;

std::uint64_t checksum(std::string_view text) noexcept {
  std::uint64_t result = 0xCBF2'9CE4'8422'2325;  // FNV-1a
  for (char const c : text) result = (result ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3;
  return result;
}

char const* to_string(memory_model m) noexcept {
  return m == memory_model::sc ? "sc" : m == memory_model::rc11 ? "rc11" : "cpp20";
}

/// Returns the parts of an identity, by the names by which a difference is told.
std::vector<std::pair<char const*, std::string>> parts(search_identity const& of) {
  return {{"program", of.program},
          {"build", of.built_from},
          {"memory model", to_string(of.memory)},
          {"threads", std::to_string(of.threads)},
          {"limit of spurious failures", std::to_string(of.rare)},
          {"limit of yields", std::to_string(of.yields)},
          {"reuse of memory", of.reuse ? "yes" : "no"}};
}

[[noreturn]] void refuse(std::string const& why) { throw std::runtime_error(why); }

json parse(std::string_view text) {
  json j = json::parse(text, nullptr, false);
  if (j.is_discarded()) refuse("is not whole, or no saved search");
  if (!j.is_object() || j.value("format", json()) != format_name) refuse("is no saved search");
  if (json const version = j.value("version", json()); version != format_version) {
    refuse("has version " + version.dump() + " of the format, and this program reads version " +
           std::to_string(format_version));
  }
  return j;
}

void compare(json const& found, search_identity const& of) {
  for (auto const& [name, expected] : parts(of)) {
    if (std::string const has = found.value(name, ""); has != expected)
      refuse("is of another search: its " + std::string(name) + " is \"" + has + "\" and not \"" + expected + "\"");
  }
}

}  // namespace

std::string to_text(saved_search const& s) {
  json of = json::object();
  for (auto const& [name, part] : parts(s.of)) of[name] = part;
  json j{{"format", format_name}, {"version", format_version}, {"of", of}, {"so far", s.so_far}, {"left", s.left}};
  std::uint64_t const sum = checksum(j.dump());
  j["checksum"] = sum;
  return j.dump() + "\n";
}

saved_search from_text(std::string_view text, search_identity const& of) {
  json j = parse(text);
  json const sum = j.value("checksum", json());
  j.erase("checksum");
  if (sum != checksum(j.dump())) refuse("was changed: its checksum is another one");
  compare(j.at("of"), of);
  return {.of = of, .so_far = j.at("so far").get<search_outcome>(), .left = j.at("left").get<std::vector<frontier>>()};
}

void save(std::filesystem::path const& file, saved_search const& s) {
  program::output_file(file).commit(to_text(s));
}

saved_search load(std::filesystem::path const& file, search_identity const& of) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (in.is_open()) text << in.rdbuf();
  if (errno != 0) {
    throw std::runtime_error(file.string() + ": cannot be read: " + std::generic_category().message(errno));
  }
  try {
    return from_text(text.str(), of);
  } catch (std::exception const& e) {
    throw std::runtime_error(file.string() + ": " + e.what());
  }
}

}  // namespace surewake::verify::graph
