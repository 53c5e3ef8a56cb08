// What strategies.hpp says is complete, and what the README's table says.
#include <surewake/queues/strategies.hpp>
#include <surewake/semaphore.hpp>
#if __has_include(<liburing.h>)
#include <surewake/queues/uring_futex.hpp>
#endif

#include <doctest/doctest.h>

#include <array>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace strategies_test {

using namespace surewake;

/// The README's table of strategies: each row's cells by the name in the first one.
std::map<std::string, std::vector<std::string>> table() {
  std::map<std::string, std::vector<std::string>> rows;
  std::ifstream file(SUREWAKE_SOURCE_DIR "/README.md");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `")) continue;
    std::vector<std::string> cells;
    for (std::size_t at = 2; at < line.size();) {
      std::size_t const end = line.find(" |", at);
      if (end == std::string::npos) break;
      cells.push_back(line.substr(at, end - at));
      at = end + 3;
    }
    std::string const name = cells.at(0).substr(1, cells[0].find('`', 1) - 1);
    if (cells.size() == 4) rows.emplace(name, cells);
  }
  return rows;
}

TEST_CASE("a row of the README's table says what the strategy says of itself") {
  auto const rows = table();
  std::size_t strategies_seen = 0;
  strategies::for_each([&]<class S>(S) {
    if constexpr (included<S>) {
      using queue = typename S::native;
      CAPTURE(std::string(queue::name));
      if (!rows.contains(queue::name)) return;  // a new one
      CHECK(rows.at(queue::name)[2] == queue::a_wait_allocates);
      CHECK(rows.at(queue::name)[3].starts_with(queue::withdrawal == withdrawal_cost::constant ? "O(1)" : "O(n)"));
      ++strategies_seen;
    }
  });
  CHECK(strategies_seen >= 4);
#if __has_include(<liburing.h>)
  CHECK(rows.size() == strategies_seen);  // and no row is about another one
#endif
}

TEST_CASE("every strategy has what its semaphores, tests and models ask of it") {
  strategies::for_each([]<template <class> class Queue>(strategy<Queue>) {
    if constexpr (included<strategy<Queue>>) {
      using queue = Queue<std_platform>;
      static_assert(waiter_queue<queue, std_platform>);
      static_assert(synchronizer<typename basic_semaphore<Queue>::synchronizer_type>);
      if constexpr (detail::fits<queue, barging>) {
        using under_barging = basic_semaphore<Queue, std_platform, barging>;
        static_assert(synchronizer<typename under_barging::synchronizer_type>);
      }
      CHECK(std::string(queue::name).find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos);
      CHECK(std::string(queue::progress).find("enqueue") != std::string::npos);
    }
  });
}

}  // namespace strategies_test
