// surewake/bench/results/results.hpp: what `measure` writes and everything else reads: results.csv, one row per repeat.
#pragma once

#include <surewake/bench/results/metrics.hpp>
#include <surewake/bench/results/statistics.hpp>
#include <surewake/bench/measure/workload.hpp>

#include <filesystem>
#include <map>

namespace surewake::bench {

/// Thrown for a file that is missing, or not what `measure` writes.
class bad_results : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One line of results.csv. NaN: does not apply, an empty field in the file.
struct row {
  static constexpr double none = std::numeric_limits<double>::quiet_NaN();

  std::string workload, scenario, contestant, kind;
  std::string measures;  // "time", "allocations", "counts" or "memory"
  std::string order;     // of a withdrawal
  double threads = none, pinned_threads = none, permits = none, waiters = none;
  double repeat = none;    // from 0; warm-ups are not recorded
  double position = none;  // among the contestants of this repeat, in the shuffled order
  double operations = none, elapsed_ns = none, time_ns_per_operation = none;
  double unit_before_ns = none, unit_after_ns = none;
  double preemptions = none;  // of the timing thread inside the timed part
  double ratio_units = none;  // time per operation / mean of the two units
  double throughput_operations_per_s = none, fairness_jain_index = none;
  double allocations_per_operation = none, allocated_bytes_per_operation = none;
  double frame_bytes_per_waiter = none, awaiter_bytes_per_waiter = none;
  double heap_bytes_per_waiter = none, rss_bytes_per_waiter = none;
  bench::metrics metrics{};  // results/metrics.hpp
};

/// What each row says of where it comes from, so that rows of several folders can be put together; results.json beside
/// them says the rest.
struct origin {
  std::string version{}, commit{}, machine{}, started{};
};

/// Appends rows to a CSV; each is in the file when add() returns, so that an interrupted run keeps what it has.
///
/// Errors  bad_results, from each call, when the file cannot be written: it names the file and why.
class csv_writer {
 public:
  explicit csv_writer(std::filesystem::path const& file, origin const& from = {});
  csv_writer(csv_writer const&) = delete;
  csv_writer& operator=(csv_writer const&) = delete;
  ~csv_writer();
  void add(row const& r);
  /// Sees that all of it is on the disk, and closes the file.
  void finish();

 private:
  void put(std::string const& line);
  void check(int error) const;

  std::filesystem::path file_;
  std::string origin_;  // the fields that all rows share
  int out_ = -1;
};

/// Reads the rows.   Errors  bad_results, naming file, line and column.
[[nodiscard]] std::vector<row> read_csv(std::filesystem::path const& file);

/// Rows of one contestant in one scenario, column by column.
class results {
 public:
  explicit results(std::vector<row> rows) : rows_(std::move(rows)) {}

  [[nodiscard]] std::vector<row> const& rows() const noexcept { return rows_; }

  /// Returns the values of a column, where it is not empty. Of one-thread scenarios it leaves out the samples in which
  /// the system preempted the thread (their time belongs to another program), as long as three others are left.
  [[nodiscard]] std::vector<double> column(std::string_view workload, std::string_view scenario,
                                           std::string_view contestant, double row::*what) const;
  /// The same of a metric.
  [[nodiscard]] std::vector<double> column(std::string_view workload, std::string_view scenario,
                                           std::string_view contestant, std::string_view metric) const;
  [[nodiscard]] summary summary_of(std::string_view workload, std::string_view scenario, std::string_view contestant,
                                   double row::*what) const {
    return summarise(column(workload, scenario, contestant, what));
  }
  [[nodiscard]] summary summary_of(std::string_view workload, std::string_view scenario, std::string_view contestant,
                                   std::string_view metric) const {
    return summarise(column(workload, scenario, contestant, metric));
  }

  /// Returns them in order of first appearance.
  [[nodiscard]] std::vector<std::string> workloads() const;
  [[nodiscard]] std::vector<std::string> scenarios(std::string_view workload) const;
  [[nodiscard]] std::vector<std::string> contestants(std::string_view workload, std::string_view scenario) const;
  /// Returns any row of the scenario: for what all its rows share.
  [[nodiscard]] row const* first(std::string_view workload, std::string_view scenario) const;
  /// Returns any row of the contestant in the scenario.
  [[nodiscard]] row const* first(std::string_view workload, std::string_view scenario,
                                 std::string_view contestant) const;

 private:
  template <class Pick> [[nodiscard]] std::vector<double> picked(std::string_view workload, std::string_view scenario,
                                                                 std::string_view contestant, Pick pick) const;

  std::vector<row> rows_;
};

}  // namespace surewake::bench
