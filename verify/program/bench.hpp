// surewake/verify/program/bench.hpp: the command bench: how fast the graph engine is, as measured here and now.
//
// It prints what was asked for beside what was measured, met or not met, and judges nothing: how busy the machine is
// decides as much as the engine does. Five questions, a table each:
//
//   rates      executions a second, on one core, of programs and models (engine/graph/bench.hpp)
//   processes  two processes beside one
//   relacy     the cases that Relacy searches to their end, beside the same model instances by the graph engine: each
//              search is one in a new process, which also repeats it for 10 ms, because a search of microseconds is
//              mostly its process's first touch of memory. Both engines take turns. Times are processor time, from the
//              entry into the engine to its result.
//   bugs       the seeded and published bugs: how long until the graph engine has one
//   memory     the most that any of these processes had resident
#pragma once

#include <optional>
#include <string>

namespace surewake::verify {

struct bench_arguments {
  std::string only{};                 // only rows with this in their name
  std::optional<std::string> rounds{};  // 1 to 100, 5 without it
  std::optional<std::string> json{};  // a file, or - for standard output, instead of the tables
};

/// Measures, and prints or writes it.
///
/// Returns  an exit status.
///
/// Errors   usage_error where a number is wrong or no row has that name; std::runtime_error where a file cannot be
///          written.
[[nodiscard]] int bench(bench_arguments const& a);

}  // namespace surewake::verify
