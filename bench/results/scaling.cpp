#include <surewake/bench/results/scaling.hpp>
#include <surewake/bench/results/table.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

namespace surewake::bench {
namespace {

constexpr char const* of_scale = "scale";

using terms = std::array<double, 3>;  // of one point: what stands beside 1/λ, σ/λ and κ/λ, by N / X

/// Solves the normal equations for the terms that are in use, by elimination with pivots.
///
/// Returns  the coefficients, 0 for the others; none where they are not determined.
std::optional<terms> least_squares(std::vector<terms> const& rows, std::array<bool, 3> use) {
  std::vector<std::size_t> in;
  for (std::size_t i = 0; i < 3; ++i) {
    if (use[i]) in.push_back(i);
  }
  std::size_t const n = in.size();
  std::vector<std::array<double, 4>> m(n, {0, 0, 0, 0});  // the right side last
  for (terms const& r : rows) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) m[i][j] += r[in[i]] * r[in[j]];
      m[i][3] += r[in[i]];
    }
  }
  for (std::size_t c = 0; c < n; ++c) {
    for (std::size_t i = c + 1; i < n; ++i) {
      if (std::abs(m[i][c]) > std::abs(m[c][c])) std::swap(m[i], m[c]);
    }
    if (std::abs(m[c][c]) < 1e-12) return std::nullopt;
    for (std::size_t i = 0; i < n; ++i) {
      double const f = i == c ? 0 : m[i][c] / m[c][c];
      for (std::size_t j = 0; j < 4; ++j) m[i][j] -= f * m[c][j];
    }
  }
  terms out{0, 0, 0};
  for (std::size_t i = 0; i < n; ++i) out[in[i]] = m[i][3] / m[i][i];
  return out;
}

double squares(std::vector<terms> const& rows, terms const& c) {
  double sum = 0;
  for (terms const& r : rows) {
    double const miss = 1 - (r[0] * c[0] + r[1] * c[1] + r[2] * c[2]);
    sum += miss * miss;
  }
  return sum;
}

/// Returns the best of the fits in which σ, κ, both or neither is 0, without negative coefficients.
std::optional<terms> best_of_all(std::vector<terms> const& rows, std::size_t counts) {
  std::optional<terms> best;
  for (unsigned with = 0; with < 4; ++with) {
    bool const sigma = (with & 1U) != 0 && counts >= 2;
    bool const kappa = (with & 2U) != 0 && counts >= 3;
    auto const c = least_squares(rows, {true, sigma, kappa});
    if (!c || (*c)[0] <= 0 || (*c)[1] < 0 || (*c)[2] < 0) continue;
    if (!best || squares(rows, *c) < squares(rows, *best)) best = c;
  }
  return best;
}

/// Returns the part of "8 threads, 1 permit" after the first comma: what its family shares.
std::string family_of(std::string const& scenario) {
  auto const comma = scenario.find(", ");
  return comma == std::string::npos ? scenario : scenario.substr(comma + 2);
}

std::vector<std::string> line_of(std::string const& who, std::map<double, double> const& throughput,
                                 std::set<double> const& counts) {
  std::vector<std::string> cells{who};
  std::vector<scaling_point> points;
  for (double const n : counts) {
    auto const at = throughput.find(n);
    cells.push_back(at == throughput.end() ? "–" : brief(at->second));
    if (at != throughput.end()) points.push_back({n, at->second});
  }
  scaling_fit const f = fit_scaling(points);
  cells.push_back(f.counts >= 2 ? brief(f.sigma) : "–");
  cells.push_back(f.counts >= 3 ? brief(f.kappa) : "–");
  cells.push_back(f.counts < 3 ? "–" : std::isinf(f.peak()) ? "none" : brief(f.peak()));
  cells.push_back(f.counts < 4 ? "–" : fmt::format("{:.0f} %", f.worst * 100));
  return cells;
}

}  // namespace

double scaling_fit::peak() const noexcept {
  if (kappa > 0) return std::max(1.0, std::sqrt(std::max(0.0, 1 - sigma) / kappa));
  return sigma >= 1 ? 1 : std::numeric_limits<double>::infinity();
}

double scaling_fit::at(double n) const noexcept { return lambda * n / (1 + sigma * (n - 1) + kappa * n * (n - 1)); }

scaling_fit fit_scaling(std::span<scaling_point const> points) {
  std::vector<terms> rows;
  std::set<double> counts;
  for (auto const& [n, x] : points) {
    if (!(x > 0)) continue;
    rows.push_back({x / n, (n - 1) * x / n, (n - 1) * x});
    counts.insert(n);
  }
  scaling_fit f{.counts = counts.size()};
  auto const c = best_of_all(rows, counts.size());
  if (!c) return f;
  f.lambda = 1 / (*c)[0];
  f.sigma = (*c)[1] / (*c)[0];
  f.kappa = (*c)[2] / (*c)[0];
  f.worst = 0;
  for (auto const& [n, x] : points) f.worst = std::max(f.worst, std::abs(f.at(n) / x - 1));
  return f;
}

std::vector<grid> scaling_of(results const& r) {
  std::map<std::string, std::map<std::string, std::map<double, double>>> families;  // contestant, threads, throughput
  std::map<std::string, std::set<double>> counts;
  for (std::string const& scenario : r.scenarios(of_scale)) {
    double const n = r.first(of_scale, scenario)->threads;
    for (std::string const& c : r.contestants(of_scale, scenario)) {
      families[family_of(scenario)][c][n] =
          r.summary_of(of_scale, scenario, c, &row::throughput_operations_per_s).median;
    }
    counts[family_of(scenario)].insert(n);
  }
  std::vector<grid> all;
  for (auto const& [family, contestants] : families) {
    grid g{
        .title = fmt::format("scaling, {}: operations a second by threads, and the universal scalability law", family),
        .head = {""}};
    for (double const n : counts[family]) g.head.push_back(fmt::format("{:.0f}", n));
    g.head.insert(g.head.end(), {"contention σ", "coherence κ", "peak at", "worst miss"});
    for (auto const& [who, throughput] : contestants) g.lines.push_back(line_of(who, throughput, counts[family]));
    if (counts[family].size() < 3) {
      g.notes.emplace_back("σ needs two numbers of threads, κ three: this machine has too few processors");
    }
    all.push_back(std::move(g));
  }
  return all;
}

}  // namespace surewake::bench
