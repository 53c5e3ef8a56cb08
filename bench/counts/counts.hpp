// surewake/bench/counts/counts.hpp: exact steps per operation, of every strategy under either discipline, as a table
// that can be recorded and compared.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace surewake::bench {

/// One line of bench/counts.csv. Kinds of steps that an operation does not take have no line.
struct count_row {
  std::string strategy;
  std::string discipline;
  std::string operation;  // workload/scenario
  std::string counter;    // a kind of step, or ring_counter
  std::string value;      // for each operation; four decimals where it is no whole number

  friend bool operator==(count_row const&, count_row const&) = default;
};

/// Of the operations on a ring alone, which have a line also where it is 0: system calls io_uring_enter.
inline constexpr std::string_view ring_counter = "ring enter";

/// The operations, as workload/scenario. `release` is no workload.
inline constexpr std::array<std::string_view, 10> counted_operations{
    "uncontended/try",
    "uncontended/await",
    "release/64 permits at once",
    "ping_pong_inline/one thread",
    "ping_pong_threads/sleeps at once",
    "enqueue/registration",
    "storm/at once",
    "storm/one by one",
    "withdraw/fifo",
    "withdraw/lifo"};

/// Counts all of them, and the operations on a ring where this program has rings and the kernel has their futexes; some
/// 50 ms.
///
/// Errors  wrong_result where an operation does not do what it should.
[[nodiscard]] std::vector<count_row> counted();

/// Adds the operations of coroutines of one ring.
void add_ring_counts(std::vector<count_row>& rows);

/// Returns how many steps one operation takes: "2" or "1.0313".
[[nodiscard]] std::string steps_of_one(std::uint64_t steps, std::uint64_t operations);

/// Writes rows as CSV, with a heading.
[[nodiscard]] std::string csv_of(std::vector<count_row> const& rows);

/// Writes a table in Markdown: for each operation and strategy, the steps that are a locked instruction on x86 (rmw,
/// cas, mutex), as hand_off / barging; as whole numbers where that is exact to 0.2.
[[nodiscard]] std::string markdown_of(std::vector<count_row> const& rows);

/// Says in a sentence each what differs between a recorded table and `now`: changed, new and missing lines.
[[nodiscard]] std::vector<std::string> differences(std::string_view recorded, std::vector<count_row> const& now);

}  // namespace surewake::bench
