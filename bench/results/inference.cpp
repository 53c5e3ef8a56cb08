#include <surewake/bench/results/inference.hpp>
#include <surewake/bench/results/statistics.hpp>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numeric>
#include <random>

namespace surewake::bench {
namespace {

/// Draws with replacement. The standard's distributions differ between libraries; this one does not.
class resampler {
 public:
  explicit resampler(std::uint64_t seed) : random_(seed) {}

  /// Returns the median of as many values as there are.
  double median_of_one(std::span<double const> values) {
    drawn_.resize(values.size());
    for (double& x : drawn_) x = values[((random_() >> 32) * values.size()) >> 32];
    auto const middle = drawn_.begin() + static_cast<std::ptrdiff_t>(drawn_.size() / 2);
    std::ranges::nth_element(drawn_, middle);
    if (drawn_.size() % 2 == 1) return *middle;
    return 0.5 * (*middle + *std::max_element(drawn_.begin(), middle));
  }

 private:
  std::mt19937_64 random_;
  std::vector<double> drawn_;
};

interval middle_of(std::vector<double> const& medians) { return {quantile(medians, 0.025), quantile(medians, 0.975)}; }

struct ranks {
  double sum_of_first = 0;  // of the first sample's values
  double ties = 0;          // Σ t³ - t over groups of t equal values
};

ranks rank(std::span<double const> a, std::span<double const> b) {
  std::vector<std::pair<double, bool>> all;
  for (double const x : a) all.emplace_back(x, true);
  for (double const x : b) all.emplace_back(x, false);
  std::ranges::sort(all);
  ranks r;
  for (std::size_t from = 0; from < all.size();) {
    std::size_t to = from;
    while (to < all.size() && all[to].first == all[from].first) ++to;
    double const shared = 0.5 * static_cast<double>(from + 1 + to);
    double const t = static_cast<double>(to - from);
    r.ties += t * t * t - t;
    for (; from < to; ++from) r.sum_of_first += all[from].second ? shared : 0;
  }
  return r;
}

/// Returns the probability of a U of at most `u` in n + m values without ties: of all orders, the share that has it.
double exact_at_most(std::size_t n, std::size_t m, double u) {
  // ways[i][k]: the orders with U = k of i values of the first sample and j of the second.
  std::vector<std::vector<double>> ways(n + 1, std::vector<double>(n * m + 1, 0));
  for (auto& w : ways) w[0] = 1;
  for (std::size_t j = 1; j <= m; ++j) {
    for (std::size_t i = 1; i <= n; ++i) {
      // The greatest value is of the second sample, or of the first and above j others.
      std::vector<double> next = ways[i];
      for (std::size_t k = j; k <= n * m; ++k) next[k] += ways[i - 1][k - j];
      ways[i] = std::move(next);
    }
  }
  double below = 0;
  for (std::size_t k = 0; k <= n * m && static_cast<double>(k) <= u; ++k) below += ways[n][k];
  return below / std::accumulate(ways[n].begin(), ways[n].end(), 0.0);
}

/// Adjusts from the least p on: step(p, rank from 0, count) and then made monotone in the order that is given.
template <class Step>
std::vector<double> adjusted(std::vector<double> const& p, bool from_greatest, Step step) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return p[i]; });
  std::vector<double> out(p.size());
  for (std::size_t r = 0; r < order.size(); ++r) out[order[r]] = std::min(1.0, step(p[order[r]], r, p.size()));
  for (std::size_t r = 1; r < order.size(); ++r) {
    if (from_greatest) {
      std::size_t const at = order.size() - 1 - r;
      out[order[at]] = std::min(out[order[at]], out[order[at + 1]]);
    } else {
      out[order[r]] = std::max(out[order[r]], out[order[r - 1]]);
    }
  }
  return out;
}

}  // namespace

double median_absolute_deviation(std::span<double const> values) {
  double const middle = median(values);
  std::vector<double> distances;
  for (double const x : values) distances.push_back(std::abs(x - middle));
  return median(distances);
}

interval bootstrap_median(std::span<double const> values, std::uint64_t seed, unsigned rounds) {
  if (values.empty()) return {};
  resampler draw(seed);
  std::vector<double> medians(rounds);
  for (double& m : medians) m = draw.median_of_one(values);
  return middle_of(medians);
}

interval bootstrap_ratio(std::span<double const> above, std::span<double const> below, std::uint64_t seed,
                         unsigned rounds) {
  if (above.empty() || below.empty()) return {};
  resampler draw(seed);
  std::vector<double> ratios(rounds);
  for (double& r : ratios) {
    double const upper = draw.median_of_one(above);
    r = upper / draw.median_of_one(below);
  }
  return middle_of(ratios);
}

double mann_whitney(std::span<double const> a, std::span<double const> b) {
  if (a.empty() || b.empty()) return 1;
  auto const n = static_cast<double>(a.size());
  auto const m = static_cast<double>(b.size());
  ranks const r = rank(a, b);
  double const u = r.sum_of_first - n * (n + 1) / 2;
  double const least = std::min(u, n * m - u);
  if (r.ties == 0 && a.size() + b.size() <= 40) {
    return std::min(1.0, 2 * exact_at_most(a.size(), b.size(), least));
  }
  double const all = n + m;
  double const variance = n * m / 12 * (all + 1 - r.ties / (all * (all - 1)));
  if (variance <= 0) return 1;  // all are equal
  double const z = (least - n * m / 2 + 0.5) / std::sqrt(variance);
  return std::min(1.0, 2 * boost::math::cdf(boost::math::normal(), z));
}

std::vector<double> holm(std::vector<double> const& p) {
  return adjusted(p, false,
                  [](double one, std::size_t rank, std::size_t n) { return one * static_cast<double>(n - rank); });
}

std::vector<double> benjamini_hochberg(std::vector<double> const& p) {
  return adjusted(p, true, [](double one, std::size_t rank, std::size_t n) {
    return one * static_cast<double>(n) / static_cast<double>(rank + 1);
  });
}

}  // namespace surewake::bench
