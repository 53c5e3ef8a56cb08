// surewake/core/deadline.hpp: durations and time points of any clock, as a deadline of the platform's, without
// overflow.
#pragma once

#include <chrono>
#include <type_traits>

namespace [[gnu::visibility("default")]] surewake {

/// `now + d`, saturated: a limit that does not fit (hours::max()) is the end of the clock's time, one below zero is
/// `now`.
template <class Clock, class Rep, class Period>
[[nodiscard]] constexpr typename Clock::time_point deadline_after(typename Clock::time_point now,
                                                                 std::chrono::duration<Rep, Period> d) {
  using seconds = std::chrono::duration<double>;  // wide enough to compare any two durations without overflow
  if (!(seconds(d) > seconds::zero())) return now;
  auto const left = Clock::time_point::max() - now;
  return seconds(d) < seconds(left) * 0.999 ? now + std::chrono::ceil<typename Clock::duration>(d)
                                            : Clock::time_point::max();
}

/// The deadline that `t`, of whatever clock and resolution, means now; saturated as above.
template <class P, class Clock, class Duration>
[[nodiscard]] typename P::clock::time_point deadline_at(std::chrono::time_point<Clock, Duration> t) {
  using ours = typename P::clock;
  using seconds = std::chrono::duration<double>;
  auto const most = seconds(ours::duration::max()) * 0.999;
  auto const since_epoch = seconds(t.time_since_epoch());
  if (!(since_epoch < most)) return ours::time_point::max();
  if (since_epoch < -most) return ours::time_point::min();
  if constexpr (std::is_same_v<Clock, ours>) {
    return typename ours::time_point(std::chrono::ceil<typename ours::duration>(t.time_since_epoch()));
  } else {
    return deadline_after<ours>(P::now(), t - Clock::now());
  }
}

}  // namespace surewake
