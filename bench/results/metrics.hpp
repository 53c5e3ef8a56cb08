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
    metric_description{"loads", "an operation", better::less, "exact: atomic loads"},
    metric_description{"stores", "an operation", better::less, "exact: atomic stores"},
    metric_description{"rmws", "an operation", better::less, "exact: read-modify-writes, compare-exchanges apart"},
    metric_description{"cas", "an operation", better::less, "exact: compare-exchanges"},
    metric_description{"failed_cas", "an operation", better::less, "exact: compare-exchanges that failed"},
    metric_description{"weak_fences", "an operation", better::less, "exact: fences below seq_cst"},
    metric_description{"full_fences", "an operation", better::less, "exact: seq_cst fences"},
    metric_description{"light_fences", "an operation", better::less, "exact: light halves of asymmetric fences"},
    metric_description{"heavy_fences", "an operation", better::less, "exact: heavy halves of asymmetric fences"},
    metric_description{"mutex_steps", "an operation", better::less, "exact: locks, try_locks and unlocks of a mutex"},
    metric_description{"futex_waits", "an operation", better::less, "exact: futex waits"},
    metric_description{"futex_wakes", "an operation", better::less, "exact: futex wakes"},
    metric_description{"ring_enters", "an operation", better::less, "exact: system calls io_uring_enter"},
    metric_description{"stack_bytes", "bytes", better::less, "the most stack that a chain of wakes took"},
    metric_description{"unreclaimed_objects", "objects", better::less, "the most that were retired and still there"},
    metric_description{"unreclaimed_bound", "objects", better::less, "the most that the reclaimer promises"},
    metric_description{"wake_p50_ns", "ns", better::less, "from a release to the waiter's next step: median"},
    metric_description{"wake_p90_ns", "ns", better::less, "from a release to the waiter's next step: 90 %"},
    metric_description{"wake_p99_ns", "ns", better::less, "from a release to the waiter's next step: 99 %"},
    metric_description{"wake_p999_ns", "ns", better::less, "from a release to the waiter's next step: 99.9 %"},
    metric_description{"wake_p9999_ns", "ns", better::less, "from a release to the waiter's next step: 99.99 %"},
    metric_description{"wake_max_ns", "ns", better::less, "from a release to the waiter's next step: longest"},
    metric_description{"response_p50_ns", "ns", better::less, "from when a job was due to its end: median"},
    metric_description{"response_p90_ns", "ns", better::less, "from when a job was due to its end: 90 %"},
    metric_description{"response_p99_ns", "ns", better::less, "from when a job was due to its end: 99 %"},
    metric_description{"response_p999_ns", "ns", better::less, "from when a job was due to its end: 99.9 %"},
    metric_description{"response_p9999_ns", "ns", better::less, "from when a job was due to its end: 99.99 %"},
    metric_description{"response_max_ns", "ns", better::less, "from when a job was due to its end: longest"},
    metric_description{"service_p50_ns", "ns", better::less, "from a job's acquire to its end: median"},
    metric_description{"service_p90_ns", "ns", better::less, "from a job's acquire to its end: 90 %"},
    metric_description{"service_p99_ns", "ns", better::less, "from a job's acquire to its end: 99 %"},
    metric_description{"service_p999_ns", "ns", better::less, "from a job's acquire to its end: 99.9 %"},
    metric_description{"service_p9999_ns", "ns", better::less, "from a job's acquire to its end: 99.99 %"},
    metric_description{"service_max_ns", "ns", better::less, "from a job's acquire to its end: longest"},
    metric_description{"fairness_jain", "", better::more, "Jain's index of the parties' shares"},
    metric_description{"fairness_min_share", "", better::more, "the least share of a party; 1 is an even one"},
    metric_description{"fairness_max_share", "", better::less, "the largest share of a party; 1 is an even one"},
    metric_description{"overtakings", "a request", better::less, "requests that were made later and served earlier"},
    metric_description{"longest_bypass", "requests", better::less, "the most that overtook one and the same request"},
    metric_description{"longest_bypass_of_first", "acquisitions", better::less,
                       "exact: the most that overtook one waiter while it was first"},
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
