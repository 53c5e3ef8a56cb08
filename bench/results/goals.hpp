// surewake/bench/results/goals.hpp: what the project has promised to reach, and whether these results do.
//
// A target is a ratio within the same block of this run: to the best peer of its row, to tokio, or to the floor of its
// shape; or something that is counted. No figure of another machine stands here. Where the peer or the row is absent,
// the target is not measured, and says so.
#pragma once

#include <surewake/bench/results/results.hpp>

namespace surewake::bench {

struct goal {
  std::string group;            // "beside the best peer of the row"
  std::string what;             // "storm / one by one, n = 1000"
  std::string subject{};        // whose it is: the best of ours in the row, or a strategy by name
  std::string against{};        // the peer or floor; empty: an absolute limit
  double measured = row::none;  // none: the results do not hold what it needs
  interval sure{};              // of `measured`, where it is a ratio
  double limit = row::none;
  bool at_least = false;  // otherwise at most
  std::string unit = "×";
  std::string missing{};  // why it is not measured

  [[nodiscard]] bool known() const noexcept { return !std::isnan(measured); }
  [[nodiscard]] bool reached() const noexcept { return at_least ? measured >= limit : measured <= limit; }
  /// Returns "reached", "NOT reached" or "not measured: no peer".
  [[nodiscard]] std::string verdict() const;
};

/// Returns all of them, by groups.
[[nodiscard]] std::vector<goal> goals_of(results const& r);

/// Returns "9 of 12 targets reached, 2 lost, 1 not measured".
[[nodiscard]] std::string tally_of(std::vector<goal> const& goals);

}  // namespace surewake::bench
