// surewake/verify/program/runner.hpp: runs searches in processes of their own, several at a time.
//
// A search that crashes, hangs or says nothing is an engine failure: it has a result too, and never looks like a pass.
#pragma once

#include <surewake/verify/engine/relacy_engine.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace surewake::verify {

struct job {
  test_case const* tested = nullptr;
  engine_options options{};  // `progress` is the runner's
  double repeat_for = 0;     // seconds of processor time for which a search that passes is repeated in its process
};

struct job_result {
  search_result found{};         // of a search that was repeated: the last one, with the mean of their seconds
  std::string engine_failure{};  // not empty: the search did not end as a search should, `found` is void
  double first_seconds = 0;      // of the first search
  std::uint64_t peak_bytes = 0;  // that the process had resident
};

struct progress_report {
  std::size_t done = 0;
  std::size_t total = 0;
  std::uint64_t schedules = 0;  // of all searches so far
  double seconds = 0;           // since the start
  std::string running{};        // names of the searches under way
};

/// The engine failure of a job that was never started.
inline constexpr std::string_view not_run = "not run";

struct run_hooks {
  std::function<void(std::size_t, job_result const&)> done{};      // in the order in which searches end
  std::function<void(progress_report const&)> progress{};          // several times a second
  std::function<bool()> stop{};                                    // true: end what runs and start nothing further
  // The longest that one schedule may take. It has a bounded number of steps: microseconds, or a second on a machine
  // that swaps.
  std::chrono::seconds hang{20};
};

/// Returns the results, in the order of `jobs`. A job that `stop` ended or kept from starting has the engine failure
/// not_run.
[[nodiscard]] std::vector<job_result> run_jobs(std::vector<job> const& jobs, unsigned parallel,
                                               run_hooks const& hooks = {});

/// Runs one job. Returns its result.
[[nodiscard]] job_result run_job(job const& j, run_hooks const& hooks = {});

}  // namespace surewake::verify
