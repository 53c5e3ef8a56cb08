// surewake/queues/parts/segment_cell.hpp: what is in a cell of queues/segmented_queue.hpp, where a waiter and its
// grant meet.
#pragma once

#include <surewake/core/semaphore/waiter.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

using cell_word = std::uintptr_t;

/// The words of a cell. A waiter is its address and these bits; all else is a small number.
namespace cell_state {
inline constexpr cell_word several = 1;      // of a waiter: the last cell of a request for several grants
inline constexpr cell_word all_before = 2;   // …: all other cells of the request have their grants
inline constexpr cell_word its_grant = 4;    // …: this cell has its grant
inline constexpr cell_word bits = 7;

inline constexpr cell_word empty = 0;
inline constexpr cell_word token = 1;         // a grant that came before its waiter
inline constexpr cell_word part = 2;          // a cell of a request, not its last
inline constexpr cell_word part_ready = 3;    // … whose cells before this one have their grants
inline constexpr cell_word part_granted = 4;  // … that has its grant
inline constexpr cell_word leaving = 5;       // its waiter is being withdrawn
inline constexpr cell_word delegated = 6;     // …, and it had its grant, the last but not all of a request: the
                                              // withdrawing thread deals with it
inline constexpr cell_word refuse = 7;        // withdrawn; the grant that comes is dropped
inline constexpr cell_word dead = 8;          // withdrawn; the grant that comes takes another cell. Finished
inline constexpr cell_word done = 9;          // waiter and grant have met. Finished
inline constexpr cell_word last_number = 9;
}  // namespace cell_state

[[nodiscard]] constexpr bool is_finished(cell_word v) noexcept {
  return v == cell_state::dead || v == cell_state::done;
}
[[nodiscard]] constexpr bool is_waiter(cell_word v) noexcept { return v > cell_state::last_number; }

template <platform P> [[nodiscard]] cell_word waiter_word(placed_waiter<P>& w, cell_word its_bits = 0) noexcept {
  static_assert(alignof(placed_waiter<P>) > cell_state::bits && cell_state::last_number < 2 * (cell_state::bits + 1));
  return reinterpret_cast<cell_word>(&w) | its_bits;
}
template <platform P> [[nodiscard]] placed_waiter<P>& waiter_of(cell_word v) noexcept {
  return *reinterpret_cast<placed_waiter<P>*>(v & ~cell_state::bits);
}

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
