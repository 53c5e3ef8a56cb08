#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/coroutine/take_out.hpp>

#include <doctest/doctest.h>

#include <array>

namespace take_out_test {

using namespace surewake;

TEST_CASE("take_out removes a node from anywhere in a list, and the others keep their order") {
  for (std::size_t out = 0; out < 4; ++out) {
    std::array<work<std_platform>, 4> nodes;
    detail::work_list<std_platform> list;
    for (auto& n : nodes) list.push_back(n);
    CHECK(detail::take_out(list, nodes[out]));
    CHECK_FALSE(detail::take_out(list, nodes[out]));
    for (std::size_t i = 0; i < 4; ++i) {
      if (i != out) CHECK(list.pop_front() == &nodes[i]);
    }
    CHECK(list.empty());
  }
}

TEST_CASE("take_out leaves a list alone that does not hold the node") {
  work<std_platform> in;
  work<std_platform> other;
  detail::work_list<std_platform> list;
  CHECK_FALSE(detail::take_out(list, other));
  list.push_back(in);
  CHECK_FALSE(detail::take_out(list, other));
  CHECK(list.pop_front() == &in);
}

}  // namespace take_out_test
