#include <surewake/core/platform/thread_object.hpp>

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

namespace windows_thread_object_test {

namespace {

struct remembered {
  remembered() = default;
  remembered(remembered const&) = delete;
  remembered& operator=(remembered const&) = delete;
  ~remembered() { value = 0; }
  int value = 7;
};

/// Joins, as it ends with the process, a thread that makes the first object of its own then.
struct joins_at_exit {
  joins_at_exit() = default;
  joins_at_exit(joins_at_exit const&) = delete;
  joins_at_exit& operator=(joins_at_exit const&) = delete;
  ~joins_at_exit() {
    int seen = 0;
    std::thread([&] { seen = surewake::detail::thread_object<remembered>::mine().value; }).join();
    if (seen == 7) return;
    std::fprintf(stderr, "the object of a thread that was joined at exit has the value %d, not 7\n", seen);
    std::abort();
  }
};

}  // namespace

// Alone in its process: no object was made before. Where a thread cannot make one while exit() runs, this never ends.
TEST_CASE("a thread that a static destructor joins makes its first object") {
  static joins_at_exit const at_exit;
  CHECK(true);
}

}  // namespace windows_thread_object_test
