// surewake/bench/measure/unit.hpp: the unit all timings are divided by: a bare pair of locked read-modify-writes.
//
// One unit is what an uncontended acquire + release cannot go below: add 1 to, and take 1 off, one word of a cache line
// that this core owns, results unused. Clocks drift (turbo, neighbours on a shared host: 1.5 × within a minute is
// common), so the unit is measured right before and right after each sample, and the ratio is recorded beside the
// nanoseconds.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace surewake::bench {

using bench_clock = std::chrono::steady_clock;

[[nodiscard]] inline double nanoseconds(bench_clock::duration d) {
  return std::chrono::duration<double, std::nano>(d).count();
}

/// Keeps `value` alive, as if something the compiler cannot see had read it.
template <class T>
inline void keep(T const& value) {
  __asm__ __volatile__("" : : "r,m"(value) : "memory");
}

/// Repeats `pairs` times: word + 1, word − 1.
[[gnu::noinline]] inline void rmw_pairs(std::atomic<std::int64_t>& word, std::uint64_t pairs) {
  for (std::uint64_t i = 0; i < pairs; ++i) {
#if defined(__x86_64__)
    std::int64_t up = 1;
    std::int64_t down = -1;
    __asm__ __volatile__("lock xadd %0, %1" : "+r"(up), "+m"(word) : : "cc");
    __asm__ __volatile__("lock xadd %0, %1" : "+r"(down), "+m"(word) : : "cc");
#else
    word.fetch_add(1, std::memory_order_acq_rel);
    word.fetch_sub(1, std::memory_order_acq_rel);
#endif
  }
}

/// Returns one unit in nanoseconds, as this core runs now: the faster of two batches of about 20 µs, because what
/// disturbs a batch this short only ever makes it slower.
[[nodiscard]] inline double unit_ns() {
  constexpr std::uint64_t pairs = 1'500;
  alignas(64) std::atomic<std::int64_t> word{0};
  double best = 0;
  for (int i = 0; i < 2; ++i) {
    auto const start = bench_clock::now();
    rmw_pairs(word, pairs);
    double const each = nanoseconds(bench_clock::now() - start) / static_cast<double>(pairs);
    best = i == 0 || each < best ? each : best;
  }
  return best;
}

}  // namespace surewake::bench
