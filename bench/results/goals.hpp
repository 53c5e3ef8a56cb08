// surewake/bench/results/goals.hpp: what the project has promised to reach, and whether these results do.
#pragma once

#include <surewake/bench/results/results.hpp>

namespace surewake::bench {

struct goal {
  std::string what;             // "uncontended acquire + release, against the same written by hand"
  std::string subject;          // the contestant it is about
  double measured = row::none;  // none: the results do not hold what it needs
  double limit = row::none;     // at most
  std::string unit;             // of both: "units", "×", "bytes a waiter"
  std::string best_peer{};      // what others reach, from published sources and our own measurements

  [[nodiscard]] bool known() const noexcept { return !std::isnan(measured); }
  [[nodiscard]] bool reached() const noexcept { return measured <= limit; }
};

/// Returns all of them, in the order in which they were promised.
[[nodiscard]] std::vector<goal> goals_of(results const& r);

/// Returns "9 of 12 targets reached, 1 not measured".
[[nodiscard]] std::string tally_of(std::vector<goal> const& goals);

}  // namespace surewake::bench
