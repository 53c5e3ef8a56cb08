// surewake/core/platform/others_sleep.test.hpp: for tests that fork a process with threads. Not installed.
#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <unistd.h>

namespace surewake::testing {

/// Waits until every other thread of this process sleeps, a tenth of a second at most. The allocator of g++ 12's
/// AddressSanitizer has locks that fork() copies as they are: if a thread is inside of it, the child's first
/// allocation may wait for ever.
inline void wait_until_others_sleep() {
  auto const all_sleep = [] {
    for (auto const& task : std::filesystem::directory_iterator("/proc/self/task")) {
      std::ifstream stat(task.path() / "stat");
      std::string text;
      std::getline(stat, text);
      auto const end = text.rfind(')');
      bool const mine = task.path().filename() == std::to_string(::gettid());
      if (!mine && end != text.npos && end + 2 < text.size() && text[end + 2] != 'S') return false;
    }
    return true;
  };
  auto const limit = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
  for (int calm = 0; calm != 2 && std::chrono::steady_clock::now() < limit; calm = all_sleep() ? calm + 1 : 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace surewake::testing
