// surewake/verify/program/counts.cpp: reads what the build put into the program.
#include <surewake/verify/engine/source_text.hpp>
#include <surewake/verify/program/counts.hpp>

#include <charconv>
#include <map>
#include <string>

namespace surewake::verify {

std::optional<std::uint64_t> recorded_count(std::string_view name) {
  static std::map<std::string, std::uint64_t, std::less<>> const all = [] {
    std::map<std::string, std::uint64_t, std::less<>> read;
    std::string const file = "verify/cases/counts.csv";
    for (std::string const& line : source_lines(file)) {
      std::size_t const comma = line.rfind(',');
      std::uint64_t n = 0;
      if (comma == line.npos) continue;
      auto const [end, error] = std::from_chars(line.data() + comma + 1, line.data() + line.size(), n);
      if (error == std::errc{} && end == line.data() + line.size()) read.emplace(line.substr(0, comma), n);
    }
    return read;
  }();
  auto const found = all.find(name);
  return found == all.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace surewake::verify
