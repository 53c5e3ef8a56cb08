// surewake/bench/results/row.hpp: one sample as it is recorded, and what a file of results says beside its rows.
#pragma once

#include <surewake/bench/results/metrics.hpp>

#include <array>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace surewake::bench {

/// Thrown for a file that is missing, or not what `run` writes.
class bad_results : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One sample. NaN, or empty: does not apply, and is not in the file.
struct row {
  static constexpr double none = std::numeric_limits<double>::quiet_NaN();

  std::string workload, scenario, contestant, kind;
  std::string measures;   // "time", "allocations", "counts" or "memory"
  std::string order;      // of a withdrawal
  std::string floor;      // the contestant that is the floor of this one's shape
  std::string placement;  // of threads that were bound: "other core"
  double threads = none, pinned_threads = none, permits = none, waiters = none;
  double repeat = none;    // the block, from 0; warm-ups are not recorded
  double position = none;  // among the contestants of this block, in the shuffled order
  double operations = none, elapsed_ns = none, time_ns_per_operation = none;
  double unit_before_ns = none, unit_after_ns = none;
  double preemptions = none;  // of the timing thread inside the timed part
  double ratio_units = none;  // time per operation / mean of the two units
  double throughput_operations_per_s = none, fairness_jain_index = none;
  double allocations_per_operation = none, allocated_bytes_per_operation = none;
  double frame_bytes_per_waiter = none, awaiter_bytes_per_waiter = none;
  double heap_bytes_per_waiter = none, rss_bytes_per_waiter = none;
  bench::metrics metrics{};          // results/metrics.hpp
  std::vector<std::string> marks{};  // what disturbed it: measure/disturbance.hpp
};

struct text_field {
  char const* name;
  std::string row::*field;
};
struct number_field {
  char const* name;
  double row::*field;
};

/// The fields by the names that they have in the files.
inline constexpr std::array text_fields{
    text_field{"workload", &row::workload},     text_field{"scenario", &row::scenario},
    text_field{"contestant", &row::contestant}, text_field{"kind", &row::kind},
    text_field{"measures", &row::measures},     text_field{"order", &row::order},
    text_field{"floor", &row::floor},           text_field{"placement", &row::placement}};

inline constexpr std::array number_fields{
    number_field{"threads", &row::threads},
    number_field{"pinned_threads", &row::pinned_threads},
    number_field{"permits", &row::permits},
    number_field{"waiters", &row::waiters},
    number_field{"repeat", &row::repeat},
    number_field{"position", &row::position},
    number_field{"operations", &row::operations},
    number_field{"elapsed_ns", &row::elapsed_ns},
    number_field{"time_ns_per_operation", &row::time_ns_per_operation},
    number_field{"unit_before_ns", &row::unit_before_ns},
    number_field{"unit_after_ns", &row::unit_after_ns},
    number_field{"preemptions", &row::preemptions},
    number_field{"ratio_units", &row::ratio_units},
    number_field{"throughput_operations_per_s", &row::throughput_operations_per_s},
    number_field{"fairness_jain_index", &row::fairness_jain_index},
    number_field{"allocations_per_operation", &row::allocations_per_operation},
    number_field{"allocated_bytes_per_operation", &row::allocated_bytes_per_operation},
    number_field{"frame_bytes_per_waiter", &row::frame_bytes_per_waiter},
    number_field{"awaiter_bytes_per_waiter", &row::awaiter_bytes_per_waiter},
    number_field{"heap_bytes_per_waiter", &row::heap_bytes_per_waiter},
    number_field{"rss_bytes_per_waiter", &row::rss_bytes_per_waiter}};

/// A field of a row, or a metric by its name.
class quantity {
 public:
  constexpr quantity(double row::*field) : field_(field) {}
  constexpr quantity(std::string_view metric) : metric_(metric) {}
  constexpr quantity(char const* metric) : metric_(metric) {}
  [[nodiscard]] double of(row const& r) const { return field_ != nullptr ? r.*field_ : r.metrics.get(metric_); }

 private:
  double row::*field_ = nullptr;
  std::string_view metric_{};
};

/// A contestant that gave a wrong result: it is reported, and its rows count for nothing.
struct failure {
  std::string workload, scenario, contestant, kind, why;
};

/// How far a scenario has come.
struct measured_scenario {
  std::string workload, scenario;
  double spent_s = 0;
  bool complete = false;  // it had its share of the time, or all its repeats
};

}  // namespace surewake::bench
