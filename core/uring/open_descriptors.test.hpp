// surewake/core/uring/open_descriptors.test.hpp: how many descriptors this process has open. Not installed.
#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace surewake::testing {

inline std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
}

}  // namespace surewake::testing
