// surewake/bench/measure/usage.hpp: what the process used between two points: processor time, context switches, cycles
// and instructions, of all its threads.
#pragma once

#include <limits>

namespace surewake::bench {

/// NaN: this machine does not say. A thread that runs on another core is accounted at its scheduler's tick, so that
/// `cpu_ns` of a part that several threads share may be some milliseconds short.
struct usage {
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

  double cpu_ns = 0;
  double voluntary = 0;         // context switches because a thread slept
  double involuntary = 0;       // and by preemption
  double waited_ns = 0;         // of the calling thread: ready to run, while another ran
  double cycles = 0;            // in user space
  double instructions = 0;

  usage& operator+=(usage const& o) noexcept;
  friend usage operator-(usage const& a, usage const& b) noexcept;
};

/// Returns what the process has used since it began; takes 1 to 3 µs.
[[nodiscard]] usage usage_of_process() noexcept;

/// Returns what two readings show with nothing between them: the least of many, so that too little is taken off rather
/// than too much.
[[nodiscard]] usage const& usage_of_reading() noexcept;

/// Says why there are no cycles and instructions; empty: there are.
[[nodiscard]] char const* why_no_cycles() noexcept;

}  // namespace surewake::bench
