// surewake/bench/measure/histogram.hpp: times of single operations, of which percentiles are wanted.
//
// Bins are 1 % wide, in powers of 1.01 from 1 ns to 1,000 s, so that a percentile is that of the sorted times within
// 0.5 %. A percentile is told only where ten times are beyond it, because otherwise one outlier would be the
// percentile.
#pragma once

#include <surewake/bench/measure/unit.hpp>
#include <surewake/bench/results/latency_bins.hpp>
#include <surewake/bench/results/metrics.hpp>

#include <boost/histogram.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

namespace surewake::bench {

class latency_histogram {
 public:
  void add(double ns) {
    bins_(std::max(ns, least));
    largest_ = std::max(largest_, ns);
    ++count_;
  }
  void add(latency_histogram const& other) {
    bins_ += other.bins_;
    largest_ = std::max(largest_, other.largest_);
    count_ += other.count_;
  }

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] double largest() const noexcept { return largest_; }

  /// Returns the bins that are not empty, under the name `what`.
  [[nodiscard]] latency_bins bins(std::string what) const {
    latency_bins all{.what = std::move(what)};
    for (auto const& bin : boost::histogram::indexed(bins_, boost::histogram::coverage::all)) {
      if (*bin != 0) all.bins.push_back({bin.bin(0).lower(), bin.bin(0).upper(), *bin});
    }
    return all;
  }

  /// Returns the time below which the share `q` of them lies; NaN where fewer than ten are beyond.
  [[nodiscard]] double percentile(double q) const {
    if (static_cast<double>(count_) * (1 - q) < 10 - 1e-9) return std::numeric_limits<double>::quiet_NaN();
    double const rank = q * static_cast<double>(count_);
    double below = 0;
    for (auto const& bin : boost::histogram::indexed(bins_, boost::histogram::coverage::all)) {
      below += static_cast<double>(*bin);
      if (below >= rank && below > 0) return std::min(std::sqrt(bin.bin(0).lower() * bin.bin(0).upper()), largest_);
    }
    return largest_;
  }

 private:
  static constexpr double least = 1;
  static constexpr double most = 1e12;
  static constexpr double width = 1.01;
  using log_axis = boost::histogram::axis::regular<double, boost::histogram::axis::transform::log>;

  static log_axis axis() {
    return log_axis(static_cast<unsigned>(std::ceil(std::log(most / least) / std::log(width))), least, most);
  }

  boost::histogram::histogram<std::tuple<log_axis>, boost::histogram::dense_storage<std::uint64_t>> bins_ =
      boost::histogram::make_histogram_with(boost::histogram::dense_storage<std::uint64_t>(), axis());
  double largest_ = 0;
  std::uint64_t count_ = 0;
};

/// Returns what reading the clock takes, in nanoseconds: the least of several batches.
[[nodiscard]] inline double timer_ns() {
  static double const least = [] {
    constexpr int reads = 1'000;
    double best = 1e9;
    for (int batch = 0; batch < 5; ++batch) {
      auto const from = bench_clock::now();
      for (int i = 1; i < reads; ++i) keep(bench_clock::now());
      best = std::min(best, nanoseconds(bench_clock::now() - from) / reads);
    }
    return best;
  }();
  return least;
}

/// Returns whether an operation of that length may be timed alone: it takes 20 times as long as reading the clock.
[[nodiscard]] inline bool worth_a_stamp(double operation_ns) { return operation_ns >= 20 * timer_ns(); }

/// Sets NAME_p50_ns … NAME_p9999_ns and NAME_max_ns: those of `sample`. Where that has too few times for a percentile,
/// it is that of `so_far`, which has those of earlier samples as well.
inline void set_percentiles(metrics& m, std::string_view name, latency_histogram const& sample,
                            latency_histogram const& so_far) {
  struct column {
    double share;
    char const* suffix;
  };
  for (column const c : {column{0.5, "_p50_ns"}, column{0.9, "_p90_ns"}, column{0.99, "_p99_ns"},
                         column{0.999, "_p999_ns"}, column{0.9999, "_p9999_ns"}}) {
    double ns = sample.percentile(c.share);
    if (std::isnan(ns)) ns = so_far.percentile(c.share);
    if (!std::isnan(ns)) m.set(std::string(name) + c.suffix, ns);
  }
  if (sample.count() != 0) m.set(std::string(name) + "_max_ns", sample.largest());
}

}  // namespace surewake::bench
