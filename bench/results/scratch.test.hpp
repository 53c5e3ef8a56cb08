// surewake/bench/results/scratch.test.hpp: where tests write results.
#pragma once

#include <surewake/bench/results/file.hpp>

#include <unistd.h>

#include <filesystem>
#include <string>

namespace surewake::bench::testing {

/// A folder that is gone at the end of the test.
struct scratch {
  std::filesystem::path dir =
      std::filesystem::temp_directory_path() / ("surewake-bench-test-" + std::to_string(::getpid()));
  scratch() { std::filesystem::create_directories(dir); }
  scratch(scratch const&) = delete;
  scratch& operator=(scratch const&) = delete;
  ~scratch() { std::filesystem::remove_all(dir); }
  [[nodiscard]] std::filesystem::path file() const { return dir / file_name; }
};

}  // namespace surewake::bench::testing
