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

template <platform P> [[nodiscard]] cell_word waiter_word(waiter<P>& w, cell_word its_bits = 0) noexcept {
  static_assert(alignof(waiter<P>) > cell_state::bits && cell_state::last_number < 2 * (cell_state::bits + 1));
  return reinterpret_cast<cell_word>(&w) | its_bits;
}
template <platform P> [[nodiscard]] waiter<P>& waiter_of(cell_word v) noexcept {
  return *reinterpret_cast<waiter<P>*>(v & ~cell_state::bits);
}

/// What the queue and its list of segments rest on, so that models/ can take it away and see what breaks. Nobody but
/// models and benchmarks changes more than `cells`.
struct segment_rules {
  std::uint32_t cells = 128;        // of a segment; a power of two
  bool hints_hold = true;           // false: a hint may lead to a segment that is retired
  bool starts_again = true;         // false: a walk goes on from a segment that was removed
  bool looks_again = true;          // false: a thread that leaves the baton does not look at the cell once more
  bool sweeps = true;               // false: removed segments in the middle stay
  bool refuses = true;              // false: a grant whose debt was given back goes to another waiter
  bool passes_delegated_on = true;  // false: a grant that comes while its waiter leaves is lost
  bool sees_leaving = true;         // false: a thread that leaves the baton at a cell that is being left makes no fence
  bool takes_back = true;           // false: a granter that parks a grant does not look whether the cell has ended
  bool skips_dead = true;           // false: a grant that finds a dead cell is lost
  bool finishes_first = true;       // false: a cell is finished after its waiter was handed over
  bool finds_home_alive = true;     // false: the withdrawing thread trusts that its segment is still there
  bool contiguous = true;           // false: a request for several takes its cells in two portions
  bool first_cell_last = true;      // false: the first cell of several is ready before the others are there
  bool hint_before_ticket = true;   // false: a hint is read once the ticket is taken
  bool awaits_arriving = true;      // false: close() passes by a thread that has a cell and is not in it yet
  bool awaits_refused = true;       // false: the destructor does not wait for grants that were refused
  bool delegates = true;            // false: the grant in the last cell of a request that leaves is lost
  bool refuses_missing = true;      // false: refusals are spent on cells that have their grants
  bool tells_evicting = true;       // false: close() does not say how far it has come
  bool counts_after_hint = true;    // false: close() counts the grants before it reads the hint
  bool closes_once = true;          // false: a second close() opens the queue again
  bool looks_ahead = true;          // false: close() looks for the next waiter after the hand-over
  bool looks_anew = true;           // false: close() goes on from where it was before the hand-over
  bool keeps_home = true;           // false: a thread that completes a request does not protect its first segment
  bool keeps_evicted = true;        // false: close() does not protect the first segment of a request that it ends
  bool passes_token_on = true;      // false: a grant that came before its waiter is lost, where that one need not wait
  bool steps_to_next = true;        // false: a step may pass by segments that are gone
  bool last_is_let_go = true;       // false: a segment is held for ever as the last of the list
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
