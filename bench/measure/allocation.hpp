// surewake/bench/measure/allocation.hpp: counts what the whole program allocates, while told to.
//
// allocation.cpp replaces the global operator new and delete of the program it is linked into. Counting is off during
// timed samples (one predictable branch remains) and on during the separate runs that count.
#pragma once

#include <cstddef>
#include <cstdint>

namespace surewake::bench {

struct allocation_count {
  std::uint64_t calls = 0;      // of any operator new
  std::uint64_t bytes = 0;      // asked for by them
  std::int64_t live_bytes = 0;  // given by malloc minus given back, rounding included

  friend allocation_count operator-(allocation_count a, allocation_count b) noexcept {
    return {a.calls - b.calls, a.bytes - b.bytes, a.live_bytes - b.live_bytes};
  }
};

/// Returns the count since the program began, of all threads, while counting was on.
[[nodiscard]] allocation_count allocations() noexcept;

/// Counting is on while one of these lives; one at a time.
class count_allocations {
 public:
  count_allocations() noexcept;
  count_allocations(count_allocations const&) = delete;
  count_allocations& operator=(count_allocations const&) = delete;
  ~count_allocations();
};

/// Memory for code that does not call operator new, counted as if it did. An alignment of 0: that of every type. Null
/// where there is none.
[[nodiscard]] void* counted_take(std::size_t n, std::size_t alignment) noexcept;
void counted_give(void* p) noexcept;

}  // namespace surewake::bench
