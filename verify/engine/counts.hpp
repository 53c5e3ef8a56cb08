// surewake/verify/engine/counts.hpp: how many schedules, or executions, the complete searches have.
//
// A search that ends by itself visits the same ones each time, so their number is a fact about the model and the code.
// verify/cases/counts.csv has it for each such case. A run that counts another number differs, until the new number has
// been explained and recorded (verify/checks/counts.py). A model that has gone dead shows as a number.
//
// Graph searches count the same whatever compiled them. Relacy's count what g++ 12 makes of the model. Relacy gives
// freed memory again to an allocation of the same size, and a coroutine's frame is as large as the compiler makes it.
// It knows a futex by its address, and the compiler says which waits of a thread are at the same place of its stack.
#pragma once

#include <surewake/verify/engine/case.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace surewake::verify {

struct search_count {
  std::uint64_t schedules = 0;  // of a graph search: executions in which every thread ends
  std::uint64_t blocked = 0;    // of a graph search: the others
  bool operator==(search_count const&) const = default;
};

/// Returns how many preemptions a search of schedules is to reach, which it does within a second or two of a processor;
/// 0: not even one. None: as many as its case says. (verify/cases/preemptions.csv)
[[nodiscard]] std::optional<unsigned> recorded_preemptions(std::string_view name);

/// Returns the bounds of a case. A search of schedules, unless it is for a bug, goes as far as is recorded, in the time
/// that it needs.
[[nodiscard]] bounds as_recorded(test_case const& c);

/// Whether this program's searches of schedules must have the numbers that were recorded.
#if __GNUC__ == 12 && !defined(__clang__) && defined(__OPTIMIZE__)
inline constexpr bool schedules_as_recorded = true;
#else
inline constexpr bool schedules_as_recorded = false;
#endif

/// Returns what was recorded for a case when this program was built; none: its search does not end within its bounds.
[[nodiscard]] std::optional<search_count> recorded_count(std::string_view name);

/// Returns whether every execution of the case's model instance is visited: the graph case beside it is recorded.
[[nodiscard]] bool visited_on_graphs(std::string_view name);

}  // namespace surewake::verify
