#include <surewake/queues/mutex_deque.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace mutex_deque_test {

using namespace surewake;
using line = detail::waiter_deque<std_platform>;

TEST_CASE("the deque keeps its waiters in order, and loses one from any place") {
  for (std::size_t gone = 0; gone < 3; ++gone) {
    line l;
    std::vector<waiter<std_platform>> w(3);
    for (auto& x : w) l.push_back(x);
    l.erase(w[gone]);
    for (std::size_t i = 0; i < 3; ++i) {
      if (i == gone) continue;
      CHECK(&l.front() == &w[i]);
      l.erase(l.front());
    }
    CHECK(l.empty());
  }
}

TEST_CASE("the deque's memory comes from the platform, and equal allocators are one") {
  platform_allocator<std_platform, int> const a;
  platform_allocator<std_platform, long> const b(a);
  int* const p = platform_allocator<std_platform, int>(b).allocate(3);
  p[2] = 7;
  CHECK(p[2] == 7);
  platform_allocator<std_platform, int>().deallocate(p, 3);
  CHECK(a == platform_allocator<std_platform, int>());
}

}  // namespace mutex_deque_test
