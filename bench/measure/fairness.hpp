// surewake/bench/measure/fairness.hpp: how evenly, and in which order, requests were served.
//
// Requests are numbered as they were made, and listed as they were served. A request overtakes another one that was
// made before it and is served after it. An order with no overtaking is first come, first served.
#pragma once

#include <surewake/bench/results/metrics.hpp>
#include <surewake/bench/results/statistics.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace surewake::bench {

struct bypasses {
  std::uint64_t overtakings = 0;  // pairs of requests that were served in the other order than they were made in
  std::uint64_t longest = 0;      // the most requests that overtook one and the same
};

/// Counts them. `served` has each of 0 … n-1 at most once; a number that is not in it was not served.
///
/// Cost  O(n log n): a binary indexed tree has the numbers that are still to be served.
[[nodiscard]] inline bypasses count_bypasses(std::span<std::uint32_t const> served) {
  std::uint32_t most = 0;
  for (std::uint32_t const r : served) most = std::max(most, r);
  std::vector<std::uint64_t> tree(served.empty() ? 1 : most + std::size_t{2});
  auto const add = [&](std::size_t number) {
    for (std::size_t i = number + 1; i < tree.size(); i += i & (~i + 1)) ++tree[i];
  };
  auto const below = [&](std::size_t number) {
    std::uint64_t sum = 0;
    for (std::size_t i = number; i != 0; i -= i & (~i + 1)) sum += tree[i];
    return sum;
  };
  bypasses found;
  std::uint64_t before = 0;
  for (std::uint32_t const r : served) {
    std::uint64_t const overtook_it = before - below(r);  // served already, though they were made later
    found.overtakings += overtook_it;
    found.longest = std::max(found.longest, overtook_it);
    add(r);
    ++before;
  }
  return found;
}

/// Counts, as permits are got one after the other, how often the first waiter is overtaken.
class first_bypass {
 public:
  /// A permit was got, at once or after a wait; and its holder saw that somebody waits, or nobody.
  void got(bool at_once, bool somebody_waits) noexcept {
    run_ = at_once && known_ ? run_ + 1 : 0;
    longest_ = std::max(longest_, run_);
    known_ = somebody_waits || (at_once && known_);
  }
  [[nodiscard]] std::uint64_t longest() const noexcept { return longest_; }

 private:
  bool known_ = false;  // somebody has waited since the last one that had to wait got its permit
  std::uint64_t run_ = 0;
  std::uint64_t longest_ = 0;
};

/// Sets fairness_jain, fairness_min_share, fairness_max_share (1 is what each should have), overtakings (for each
/// request) and longest_bypass.
inline void set_fairness(metrics& m, std::span<double const> shares, std::span<std::uint32_t const> served) {
  double sum = 0;
  for (double const s : shares) sum += s;
  if (sum == 0) return;
  auto const even = sum / static_cast<double>(shares.size());
  m.set("fairness_jain", jain_index(shares));
  m.set("fairness_min_share", *std::ranges::min_element(shares) / even);
  m.set("fairness_max_share", *std::ranges::max_element(shares) / even);
  if (served.empty()) return;
  bypasses const b = count_bypasses(served);
  m.set("overtakings", static_cast<double>(b.overtakings) / static_cast<double>(served.size()));
  m.set("longest_bypass", static_cast<double>(b.longest));
}

}  // namespace surewake::bench
