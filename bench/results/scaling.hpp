// surewake/bench/results/scaling.hpp: how throughput grows with threads, by the universal scalability law:
//
//   X(N) = λ N / (1 + σ (N - 1) + κ N (N - 1))
//
//   λ  what one thread does alone
//   σ  contention: the share that only one thread at a time can do (Amdahl's serial fraction)
//   κ  coherence: what each thread pays for each other one; with κ > 0 throughput falls beyond the peak
//
// Source  Gunther, "Guerrilla Capacity Planning", 2007, chapters 4 to 6.
#pragma once

#include <surewake/bench/results/grid.hpp>
#include <surewake/bench/results/results.hpp>

#include <span>
#include <vector>

namespace surewake::bench {

struct scaling_point {
  double threads;
  double throughput;
};

struct scaling_fit {
  std::size_t counts = 0;  // different numbers of threads; σ needs two, κ three
  double lambda = row::none;
  double sigma = row::none;
  double kappa = row::none;
  double worst = row::none;  // greatest relative distance of a point from the law

  /// Returns the number of threads with the most throughput; infinite: it only grows.
  [[nodiscard]] double peak() const noexcept;
  [[nodiscard]] double at(double threads) const noexcept;
};

/// Fits λ > 0, σ ≥ 0 and κ ≥ 0 by least squares of relative errors, on the form that is linear in them:
/// N / X = 1/λ + σ/λ (N - 1) + κ/λ N (N - 1).
[[nodiscard]] scaling_fit fit_scaling(std::span<scaling_point const> points);

/// Returns a table for each family of scenarios of the workload `scale` that was measured: throughput by threads, and
/// the fit, for each contestant.
[[nodiscard]] std::vector<grid> scaling_of(results const& r);

}  // namespace surewake::bench
