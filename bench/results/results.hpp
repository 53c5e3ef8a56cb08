// surewake/bench/results/results.hpp: the rows of a run by scenario and contestant, and what they say of each: medians,
// how sure these are, and ratios within the same block.
#pragma once

#include <surewake/bench/results/file.hpp>
#include <surewake/bench/results/inference.hpp>
#include <surewake/bench/results/row.hpp>
#include <surewake/bench/results/statistics.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

namespace surewake::bench {

/// What a set of samples says of a quantity.
struct estimate {
  std::size_t n = 0;
  std::size_t marked = 0;  // of the n: disturbed
  double median = row::none;
  interval sure{};  // of the median, 95 %, by bootstrap
  double least = row::none;
  double deviation = row::none;  // median absolute deviation

  [[nodiscard]] bool known() const noexcept { return n != 0; }
};

/// Rows of one contestant in one scenario, column by column. Rows of a contestant that failed are left out.
class results {
 public:
  explicit results(std::vector<row> rows, std::vector<failure> failures = {}, std::uint64_t seed = 1,
                   std::vector<swimlane> swimlanes = {});
  explicit results(recorded_run run);
  results(results const&) = delete;
  results& operator=(results const&) = delete;

  [[nodiscard]] std::vector<row> const& rows() const noexcept { return rows_; }
  [[nodiscard]] std::vector<failure> const& failures() const noexcept { return failures_; }

  [[nodiscard]] std::vector<swimlane> const& swimlanes() const noexcept { return swimlanes_; }

  /// Returns the values of a column, where it is not empty. Of one-thread scenarios it leaves out the samples that are
  /// marked (their time belongs to another program), as long as three others are left.
  [[nodiscard]] std::vector<double> column(std::string_view workload, std::string_view scenario,
                                           std::string_view contestant, quantity what) const;
  [[nodiscard]] summary summary_of(std::string_view workload, std::string_view scenario, std::string_view contestant,
                                   quantity what) const {
    return summarise(column(workload, scenario, contestant, what));
  }
  [[nodiscard]] estimate estimate_of(std::string_view workload, std::string_view scenario, std::string_view contestant,
                                     quantity what) const;

  /// Divides `contestant` by `other`, sample by sample of the same block, so that what disturbs a block disturbs both.
  [[nodiscard]] estimate ratio_of(std::string_view workload, std::string_view scenario, std::string_view contestant,
                                  std::string_view other, quantity what = &row::time_ns_per_operation) const;

  /// The same as values, a block each.
  [[nodiscard]] std::vector<double> ratios_of(std::string_view workload, std::string_view scenario,
                                              std::string_view contestant, std::string_view other,
                                              quantity what = &row::time_ns_per_operation) const;

  /// Returns the floor of the contestant's shape; empty: the scenario has none, or it does not say which.
  [[nodiscard]] std::string floor_of(std::string_view workload, std::string_view scenario,
                                     std::string_view contestant) const;
  /// Returns the one of a kind ("peer", "strategy", "floor") with the least median; empty: there is none.
  [[nodiscard]] std::string best_of(std::string_view workload, std::string_view scenario, std::string_view kind,
                                    quantity what = &row::time_ns_per_operation) const;

  /// Returns them in order of first appearance.
  [[nodiscard]] std::vector<std::string> workloads() const;
  [[nodiscard]] std::vector<std::string> scenarios(std::string_view workload) const;
  /// Returns them in the order floor, strategy (hand_off before barging), peer, experiment, each by name.
  [[nodiscard]] std::vector<std::string> contestants(std::string_view workload, std::string_view scenario) const;
  /// Returns any row of the scenario: for what all its rows share.
  [[nodiscard]] row const* first(std::string_view workload, std::string_view scenario) const;
  /// Returns any row of the contestant in the scenario.
  [[nodiscard]] row const* first(std::string_view workload, std::string_view scenario,
                                 std::string_view contestant) const;

 private:
  using key = std::tuple<std::string, std::string, std::string>;
  struct sample_value {
    double value;
    bool marked;
  };
  /// Returns the values; of one thread without the marked ones, as long as enough others are left.
  [[nodiscard]] static std::vector<double> kept(std::vector<sample_value> const& samples, bool one_thread);
  [[nodiscard]] bool one_thread(std::string_view workload, std::string_view scenario) const;

  [[nodiscard]] std::vector<row const*> const& of(std::string_view workload, std::string_view scenario,
                                                  std::string_view contestant) const;
  [[nodiscard]] std::vector<sample_value> samples_of(std::string_view workload, std::string_view scenario,
                                                     std::string_view contestant, quantity what) const;
  [[nodiscard]] std::vector<sample_value> blocks_of(std::string_view workload, std::string_view scenario,
                                                    std::string_view contestant, std::string_view other,
                                                    quantity what) const;
  [[nodiscard]] estimate estimated(std::vector<sample_value> const& samples, bool one_thread) const;

  std::vector<row> rows_;
  std::vector<failure> failures_;
  std::vector<swimlane> swimlanes_;
  std::uint64_t seed_;
  std::map<key, std::vector<row const*>> by_contestant_{};
};

}  // namespace surewake::bench
