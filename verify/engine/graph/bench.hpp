// surewake/verify/engine/graph/bench.hpp: how many executions a second the engine visits, on one core.
//
// Each subject is a model that runs natively: programs of the literature, whose threads do little else than what is
// explored, and models of ours over several strategies, where an execution has up to a hundred events and more.
// Subjects take turns in several rounds, because the clock of a shared machine drifts. A subject's rate is the median
// of its rounds. A search that ends is repeated within its round. One that does not is cut off after a number of
// runs, so that each round visits the same executions.
//
// Two processes are compared with one on searches of about a second, by the clock on the wall, because that is what
// they are for. Both take turns too. They need two processors that nobody else uses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace surewake::verify::graph {

struct bench_options {
  unsigned rounds = 5;
  double seconds = 0.2;            // of processor time, at least, of a subject in a round
  std::uint64_t runs = 40'000;     // of a search at most
  std::string only{};              // only subjects with this in their name
  std::function<bool()> stop{};    // asked between two searches; true: nothing further is measured or told
};

/// What came of one subject.
struct bench_result {
  std::string name{};
  bool finished = false;             // the search ended by itself
  std::uint64_t executions = 0;      // of one search, complete ones
  std::uint64_t blocked = 0;
  std::uint64_t events = 0;          // of the longest execution
  double executions_per_second = 0;  // median of the rounds
  double least = 0, most = 0;        // of the rounds
  double bar = 0;                    // executions a second that are asked for; 0: nothing is
  std::size_t peak_bytes = 0;        // of the process during the first search; 0: the kernel does not say
};

/// What came of one search in one process and in two.
struct processes_result {
  static constexpr double bar = 1.8;
  std::string name{};
  std::uint64_t executions = 0;
  double one = 0, two = 0;  // seconds on the wall, medians of the rounds
  [[nodiscard]] double times() const noexcept { return one / two; }
};

/// Measures all subjects, and hands each result to `out`.
///
/// Errors  std::runtime_error where a search finds anything: the subjects are correct
void bench(bench_options const& options, std::function<void(bench_result const&)> const& out);

/// Compares two processes with one.
///
/// Errors  as above, or where both do not visit as many executions
void bench_processes(bench_options const& options, std::function<void(processes_result const&)> const& out);

/// Returns the middle one; of an even number of them the upper one of the two.
[[nodiscard]] double median(std::vector<double> all);

/// Returns the line that describes a result, and the line above all of them.
[[nodiscard]] std::string bench_line(bench_result const& r);
[[nodiscard]] std::string bench_header();

}  // namespace surewake::verify::graph
