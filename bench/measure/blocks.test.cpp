#include <surewake/bench/measure/blocks.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

namespace blocks_test {

using namespace surewake::bench;

TEST_CASE("every contestant runs once in a block") {
  auto order = order_of_block(7, "storm", "at once, n = 1000", 3, 9);
  std::ranges::sort(order);
  CHECK(order == std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(order_of_block(7, "w", "s", 0, 1) == std::vector<std::size_t>{0});
  CHECK(order_of_block(7, "w", "s", 0, 0).empty());
}

TEST_CASE("the order depends on seed, scenario and block, and on nothing else") {
  auto const order = order_of_block(7, "w", "s", 3, 9);
  CHECK(order == order_of_block(7, "w", "s", 3, 9));
  CHECK(order != order_of_block(8, "w", "s", 3, 9));
  CHECK(order != order_of_block(7, "w", "t", 3, 9));
  CHECK(order != order_of_block(7, "w", "s", 4, 9));
}

TEST_CASE("no contestant has a place of its own: each is first in about as many blocks as the others") {
  std::array<int, 4> first{};
  for (std::uint64_t block = 0; block < 4'000; ++block) ++first[order_of_block(1, "w", "s", block, 4).front()];
  for (int const n : first) {
    CHECK(n > 900);
    CHECK(n < 1'100);
  }
}

}  // namespace blocks_test
