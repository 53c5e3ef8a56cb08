// surewake/verify/program/counts.cpp: reads what the build put into the program.
#include <surewake/verify/engine/source_text.hpp>
#include <surewake/verify/program/counts.hpp>

#include <charconv>
#include <map>
#include <string>

namespace surewake::verify {

namespace {

using counts = std::map<std::string, search_count, std::less<>>;

/// Reads "case,schedules,blocked".
void read_line(std::string_view line, counts& all) {
  std::size_t const second = line.rfind(',');
  std::size_t const first = second == line.npos ? line.npos : line.rfind(',', second - 1);
  if (first == line.npos) return;
  auto const number = [](std::string_view text, std::uint64_t& n) {
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    return error == std::errc{} && end == text.data() + text.size();
  };
  search_count c;
  if (number(line.substr(first + 1, second - first - 1), c.schedules) && number(line.substr(second + 1), c.blocked))
    all.emplace(line.substr(0, first), c);
}

}  // namespace

std::optional<search_count> recorded_count(std::string_view name) {
  static counts const all = [] {
    counts recorded;
    std::string const file = "verify/cases/counts.csv";
    for (std::string const& line : source_lines(file)) read_line(line, recorded);
    return recorded;
  }();
  auto const found = all.find(name);
  return found == all.end() ? std::nullopt : std::optional(found->second);
}

bool visited_on_graphs(std::string_view name) {
  return recorded_count(std::string(name.substr(0, name.find('@'))) + "@graph").has_value();
}

}  // namespace surewake::verify
