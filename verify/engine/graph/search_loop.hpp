// surewake/verify/engine/graph/search_loop.hpp: runs a program until everything was visited, or a limit is reached.
#pragma once

#include <surewake/verify/engine/graph/explorer.hpp>
#include <surewake/verify/engine/graph/limits.hpp>

#include <functional>
#include <optional>
#include <vector>

namespace surewake::verify::graph {

/// A program, and the explorer whose graphs it follows.
class runnable {
 public:
  runnable() = default;
  runnable(runnable const&) = delete;
  runnable& operator=(runnable const&) = delete;
  virtual ~runnable() = default;
  [[nodiscard]] virtual explorer& graphs() noexcept = 0;
  /// What came of the runs so far. A run counts itself here, but for `runs`; nothing while a graph is brought back.
  [[nodiscard]] virtual search_outcome& outcome() noexcept = 0;
  /// Returns a text by which another process finds again what the last run came to; empty where there is none.
  [[nodiscard]] virtual std::string token_of_last_run() { return {}; }
  /// Runs the program once.   Errors  not_deterministic
  virtual void run_once() = 0;
  /// Looks for something far from what has been explored: runs n times at random, or until something is found or
  /// `goes_on` says no. The executions are not counted: they may come again.
  virtual void run_at_random(std::uint64_t, std::function<bool()> const&) {}
};

/// Returns the processor time of this process, and the bytes of memory that it has for itself.
[[nodiscard]] double processor_seconds() noexcept;
[[nodiscard]] std::uint64_t own_bytes() noexcept;

/// Looks at the limits between two runs.
class limit_watch {
 public:
  limit_watch(search_limits const& limits, search_control const& control);
  /// Returns the limit that was reached, if any.
  [[nodiscard]] std::optional<ended_by> reached(search_outcome const& so_far);
  [[nodiscard]] double seconds() const noexcept { return processor_seconds() - begin_; }
  /// Returns true several times in a second of processor time.
  [[nodiscard]] bool is_time_to_tell() noexcept;

 private:
  search_limits limits_;
  search_control control_;
  double begin_;
  double now_;
  double told_;
};

/// Runs until everything of the explorer was visited, something was found, or `look` answers why not to go on; it is
/// asked after each run. Returns what ended it.
ended_by visit(runnable& what, std::function<std::optional<ended_by>()> const& look);

/// Searches what is `left` of a search, part by part. What was not visited is in `left` then, but nothing where
/// something was found.
///
/// Errors  not_deterministic, does_not_fit
[[nodiscard]] search_outcome search_parts(runnable& what, std::vector<frontier>& left, search_limits const& limits,
                                          search_control const& control = {});

}  // namespace surewake::verify::graph
