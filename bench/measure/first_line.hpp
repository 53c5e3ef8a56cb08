// surewake/bench/measure/first_line.hpp: reads what the kernel tells in files of one line.
#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace surewake::bench {

/// Returns the first line of a file; nullopt: it cannot be read, or is empty.
[[nodiscard]] inline std::optional<std::string> first_line(std::filesystem::path const& file) {
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  return line;
}

}  // namespace surewake::bench
