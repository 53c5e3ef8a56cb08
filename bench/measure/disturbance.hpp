// surewake/bench/measure/disturbance.hpp: what of other programs and of the host fell into a sample. It is marked, and
// kept.
//
//   preempted   the system ran another thread in place of the timing one            getrusage
//   migrated    the timing thread ended a timed part on another processor           getcpu
//   steal       the host ran something else on a processor of this virtual machine  /proc/stat, in ticks of 10 ms
//   pressure    tasks were ready to run and had no processor, more than 10 % of the time: /proc/pressure/cpu, which is
//               brought up to date every two seconds; or the timing thread waited so for more than 5 % of the sample
//
// Pressure is no mark where a scenario has more threads than there are processors: it makes its own.
#pragma once

#include <surewake/bench/measure/workload.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace surewake::bench {

/// Returns the ticks that the host took from this machine, of the text of /proc/stat; NaN: it does not say.
[[nodiscard]] double steal_ticks(std::string_view stat);

/// Returns the microseconds in which some task waited for a processor, of the text of /proc/pressure/cpu; NaN: it does
/// not say.
[[nodiscard]] double pressure_us(std::string_view pressure);

/// Finds the share of pressure from its total, which stands still between updates.
class pressure_gauge {
 public:
  /// Takes a reading.   Returns  whether the share since the last update is above the limit.
  [[nodiscard]] bool high(double total_us, double now_us) noexcept;
  /// Passes over the next update, which tells of a scenario that made its own pressure.
  void pass_over() noexcept {
    pass_over_ = true;
    high_ = false;
  }

 private:
  static constexpr double limit = 0.1;
  bool pass_over_ = true;  // the first reading has nothing to be held against
  bool high_ = false;
  double total_us_ = 0;
  double since_us_ = 0;
};

/// Watches samples, one after the other.
class disturbance {
 public:
  disturbance();
  void before_sample();
  /// Returns the marks of the sample that has ended.
  [[nodiscard]] std::vector<std::string> after_sample(sample const& o, unsigned threads);

 private:
  double steal_before_ = 0;
  unsigned processors_;
  pressure_gauge gauge_;
};

}  // namespace surewake::bench
