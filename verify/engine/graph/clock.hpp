// surewake/verify/engine/graph/clock.hpp: vector clocks, which say what of each thread comes before an event.
//
// Terms  Events of a thread are counted from 0. A clock has one lane for each thread: n in lane t means that the first
//        n events of thread t are in the set that the clock describes.
//
// Every set described here contains with an event all earlier ones of its thread, so a number for each thread is
// enough, and a union is a maximum in each lane: one instruction. The last lane belongs to initial writes, which come
// before everything: their one event is in each set.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace surewake::verify::graph {

inline constexpr unsigned max_threads = 7;
inline constexpr unsigned initial_thread = max_threads;
/// How many events of a thread a lane can count.
inline constexpr unsigned most_events = 0xFFFF;

class clock {
 public:
  constexpr clock() noexcept : lanes_{0, 0, 0, 0, 0, 0, 0, 1} {}

  [[nodiscard]] unsigned operator[](unsigned thread) const noexcept { return lanes_[thread]; }
  /// Adds the first `n` events of a thread. (Writing one lane would delay the next read of all of them.)
  void raise(unsigned thread, unsigned n) noexcept { join(clock(lane[thread] & static_cast<std::uint16_t>(n))); }
  /// Returns whether event `index` of `thread` is in the set.
  [[nodiscard]] bool has(unsigned thread, unsigned index) const noexcept { return lanes_[thread] > index; }
  void join(clock const& other) noexcept { lanes_ = lanes_ > other.lanes_ ? lanes_ : other.lanes_; }
  /// Returns whether the set contains the other one.
  [[nodiscard]] bool contains(clock const& other) const noexcept {
    auto const less = std::bit_cast<std::array<std::uint64_t, 2>>(lanes_ < other.lanes_);
    return (less[0] | less[1]) == 0;
  }

 private:
  using lanes = std::uint16_t __attribute__((vector_size(16)));
  static constexpr std::uint16_t all = 0xFFFF;
  static constexpr std::array<lanes, max_threads + 1> lane{{{all, 0, 0, 0, 0, 0, 0, 0}, {0, all, 0, 0, 0, 0, 0, 0},
                                                            {0, 0, all, 0, 0, 0, 0, 0}, {0, 0, 0, all, 0, 0, 0, 0},
                                                            {0, 0, 0, 0, all, 0, 0, 0}, {0, 0, 0, 0, 0, all, 0, 0},
                                                            {0, 0, 0, 0, 0, 0, all, 0}, {0, 0, 0, 0, 0, 0, 0, all}}};

  explicit constexpr clock(lanes l) noexcept : lanes_(l) {}

  lanes lanes_;
};

/// A place in a thread: after its first `events` events, and before the next one.
struct position {
  std::uint8_t thread = initial_thread;
  std::uint16_t events = 0;
};

}  // namespace surewake::verify::graph
