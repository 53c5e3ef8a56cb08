// surewake/bench/results/metrics.hpp: what a sample measures beside its time, by name.
//
// To add a metric
//   1. a line in `known_metrics`: name, unit, which direction is better, and what it is in a few words;
//   2. in the workload that measures it: `o.metrics.set("atomic_rmws", 2.0)` on the sample that it returns. A value per
//      operation is divided by the workload.
// Nothing else: the runner records every metric of a sample, and results, tables and pages find it by its name. Numbers
// that come from a run of their own, which is not timed, are set by `contestant::count` (measure/workload.hpp).
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace surewake::bench {

enum class better { less, more, neither };

struct metric_description {
  std::string_view name;  // lower case, digits and _, as in the files
  std::string_view unit;  // "an operation", "ns", "bytes a waiter"; empty: a plain number
  better direction;
  std::string_view what;  // for tables and pages
};

inline constexpr std::array known_metrics{
    metric_description{"cpu_ns", "ns an operation", better::less, "processor time of all threads"},
    metric_description{"voluntary_switches", "an operation", better::less, "context switches because a thread slept"},
    metric_description{"involuntary_switches", "an operation", better::less, "context switches by preemption"},
    metric_description{"bytes_per_waiter", "bytes", better::less, "memory of a waiter: its frame, and heap beyond it"},
    metric_description{"cycles", "an operation", better::less, "cycles of all threads in user space"},
    metric_description{"instructions", "an operation", better::less, "instructions of all threads in user space"},
};

[[nodiscard]] constexpr metric_description const* find_metric(std::string_view name) noexcept {
  for (metric_description const& m : known_metrics) {
    if (m.name == name) return &m;
  }
  return nullptr;
}

/// The values of one sample, in the order in which they were set.
class metrics {
 public:
  struct value {
    std::string name;
    double number;
  };

  /// Sets a metric of `known_metrics`; a second value replaces the first.
  ///
  /// Errors  std::logic_error for another name: it would be a column that nobody can read.
  void set(std::string_view name, double number) {
    if (find_metric(name) == nullptr) {
      throw std::logic_error("no metric '" + std::string(name) + "' in bench/results/metrics.hpp");
    }
    keep(name, number);
  }

  /// The same for a value that was read from a file, which a newer program may have written.
  void keep(std::string_view name, double number) {
    auto const at = std::ranges::find(values_, name, &value::name);
    if (at == values_.end()) {
      values_.push_back({std::string(name), number});
    } else {
      at->number = number;
    }
  }

  /// Returns the value; NaN where there is none.
  [[nodiscard]] double get(std::string_view name) const {
    auto const at = std::ranges::find(values_, name, &value::name);
    return at == values_.end() ? std::numeric_limits<double>::quiet_NaN() : at->number;
  }

  [[nodiscard]] std::vector<value> const& all() const noexcept { return values_; }

 private:
  std::vector<value> values_;
};

}  // namespace surewake::bench
