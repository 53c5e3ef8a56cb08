// surewake/core/deadline.hpp: durations and time points of any clock, as a deadline of the platform's, without overflow.
#pragma once

#include <chrono>

namespace surewake {

/// `now + d`, saturated: a limit that does not fit (hours::max()) is the end of the clock's time, one below zero is `now`.
template <class Clock, class Rep, class Period>
[[nodiscard]] constexpr typename Clock::time_point deadline_after(typename Clock::time_point now,
                                                                 std::chrono::duration<Rep, Period> d) {
  using seconds = std::chrono::duration<double>;  // wide enough to compare any two durations without overflow
  if (!(seconds(d) > seconds::zero())) return now;
  auto const left = Clock::time_point::max() - now;
  return seconds(d) < seconds(left) * 0.999 ? now + std::chrono::ceil<typename Clock::duration>(d) : Clock::time_point::max();
}

/// The deadline that `t`, of whatever clock, means now.
template <class P, class Clock, class Duration>
[[nodiscard]] typename P::clock::time_point deadline_at(std::chrono::time_point<Clock, Duration> t) {
  if constexpr (std::is_same_v<Clock, typename P::clock>) {
    return std::chrono::time_point_cast<typename P::clock::duration>(t);
  } else {
    return deadline_after<typename P::clock>(P::now(), t - Clock::now());
  }
}

}  // namespace surewake
