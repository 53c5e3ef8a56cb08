// surewake/verify/engine/graph/event.hpp: what a thread asks for, and the event that it becomes.
//
// Terms  A request is one operation of a thread, with all its operands. The engine answers it with a value.
//        An RMW becomes two events, its read half and, if it stores, its write half right after it in program order.
//        A compare-exchange that fails is a read with its failure order.
//
// What an RMW stores is computed from what it reads and its request alone. So the engine can add the write half
// without running the program, which it needs for RMWs that are inconsistent and yet have revisits (explorer.hpp).
#pragma once

#include <surewake/verify/engine/graph/clock.hpp>

#include <cstdint>
#include <source_location>

namespace surewake::verify::graph {

using where = std::source_location;

enum class order : std::uint8_t { plain, relaxed, acquire, release, acq_rel, seq_cst };
[[nodiscard]] constexpr bool acquires(order o) noexcept {
  return o == order::acquire || o == order::acq_rel || o == order::seq_cst;
}
[[nodiscard]] constexpr bool releases(order o) noexcept {
  return o == order::release || o == order::acq_rel || o == order::seq_cst;
}
/// Returns the order of the halves of an RMW.
[[nodiscard]] constexpr order read_half(order o) noexcept {
  return o == order::acq_rel ? order::acquire : o == order::release ? order::relaxed : o;
}
[[nodiscard]] constexpr order write_half(order o) noexcept {
  return o == order::acq_rel ? order::release : o == order::acquire ? order::relaxed : o;
}

enum class memory_model : std::uint8_t { sc, rc11, cpp20 };

enum class operation : std::uint8_t {
  load, store, exchange, add, sub, bit_and, bit_or, compare_exchange, fence, choice, allocate
};

using value = std::uint64_t;
using location_id = std::uint32_t;

/// Which other fences a seq_cst fence is ordered with in S: all of them; only heavy ones; all of them, light ones too.
enum class reach : std::uint8_t { full, light, heavy };
[[nodiscard]] constexpr bool reaches(reach a, reach b) noexcept {
  return (a != reach::light || b == reach::heavy) && (b != reach::light || a == reach::heavy);
}

/// What a thread asks for.
struct request {
  operation what{};
  order with = order::relaxed;
  order failure = order::relaxed;  // of a compare-exchange
  std::uint8_t bytes = 8;          // width of the values: additions wrap there; above 8: wide.hpp
  bool is_plain = false;           // no atomic operation: others must be ordered with it (data races)
  bool is_current = false;         // a load that sees what it would see after an acquire fence, and orders nothing
  bool is_rare = false;            // a choice whose values but 0 an execution has only so often (explorer::allow_rare)
  reach with_fences = reach::full; // of a fence
  location_id where = 0;
  value operand = 0;   // stored, added …; of a choice: how many ways there are; of an allocation: how many bytes
  value expected = 0;  // of a compare-exchange; of an allocation: how they are aligned
  bool operator==(request const&) const = default;
};

[[nodiscard]] constexpr bool is_rmw(operation what) noexcept {
  return what >= operation::exchange && what <= operation::compare_exchange;
}
/// Returns whether it becomes a choice: what it sees, it chooses.
[[nodiscard]] constexpr bool chooses(operation what) noexcept { return what >= operation::choice; }
[[nodiscard]] constexpr value cut(value v, unsigned bytes) noexcept {
  return bytes >= 8 ? v : v & ((value{1} << (8 * bytes)) - 1);
}
/// Returns whether an RMW that reads `seen` stores something.
[[nodiscard]] constexpr bool stores(request const& r, value seen) noexcept {
  return r.what != operation::compare_exchange || seen == r.expected;
}
/// Returns what an RMW stores that reads `seen`.
[[nodiscard]] constexpr value stored(request const& r, value seen) noexcept {
  switch (r.what) {
    case operation::add: return cut(seen + r.operand, r.bytes);
    case operation::sub: return cut(seen - r.operand, r.bytes);
    case operation::bit_and: return seen & r.operand;
    case operation::bit_or: return seen | r.operand;
    default: return r.operand;
  }
}

enum class kind : std::uint8_t { initial, read, write, fence, choice };

/// The number of an event in its execution, in an order in which what happens before comes first.
using event_id = std::int32_t;
inline constexpr event_id no_event = -1;
inline constexpr unsigned no_thread = max_threads;

/// What an event knows: sets of events. Each includes the event itself.
struct knowledge {
  clock prefix{};         // program order and reads-from
  clock before{};         // happens-before
  clock released{};       // of a write: what an acquire that reads it knows then
  clock unfenced{};       // what an acquire fence after this event adds
  clock release_fence{};  // what the last release fence of the thread knew
  clock strong{};         // strongly happens-before, without the event itself (seq_cst_order.hpp)
  bool strong_known = false;
};

struct event {
  request asked{};
  value seen = 0;  // what was read, or written, or chosen
  knowledge* knows = nullptr;
  kind what{};
  order with{};    // as it counts: that of the half, or the failure order
  bool half = false;  // of an RMW
  std::uint8_t thread = 0;
  std::uint16_t index = 0;      // among the events of its thread
  std::uint32_t stamp = 0;      // when it was first added; a revisited read keeps its stamp
  event_id reads = no_event;    // of a read: the write it reads from
  event_id readers = no_event;  // of a write: the reader that was added last; of a reader: the one before it
  std::int32_t place = -1;      // of a write: in the modification order of its location; -1: in none

  [[nodiscard]] clock const& prefix() const noexcept { return knows->prefix; }
  [[nodiscard]] clock const& before() const noexcept { return knows->before; }
};

}  // namespace surewake::verify::graph
