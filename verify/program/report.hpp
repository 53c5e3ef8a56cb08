// surewake/verify/program/report.hpp: results as rows (CSV, JSON), as lines for people, and schedules as traces.
//
// One row a case, the same columns in both formats; nothing is averaged, and a case that did not run has a row too.
// Both say what they come from (shared/provenance.hpp): JSON once, CSV in each row, so that rows of several files can
// be put together.
#pragma once

#include <surewake/verify/engine/counts.hpp>
#include <surewake/verify/program/runner.hpp>

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <iosfwd>
#include <optional>

namespace surewake::verify {

/// A case and what its search found.
struct result_row {
  test_case const* tested = nullptr;
  bounds limits{};  // those that were used, which the command line may have changed
  job_result result{};

  [[nodiscard]] bool failed() const noexcept { return !result.engine_failure.empty(); }
  /// Returns whether the search ended by itself: every schedule within the bounds was seen.
  [[nodiscard]] bool complete() const noexcept;
  /// Returns what a complete search within the case's own bounds should have counted, where it has counted otherwise. A
  /// graph search that was complete once must be.
  [[nodiscard]] std::optional<search_count> other_count() const;
  [[nodiscard]] bool as_expected() const {
    return !failed() && result.found.result == tested->what.expect && !other_count();
  }
  /// Returns the verdict, or "engine failed", or "not run".
  [[nodiscard]] std::string verdict_text() const;
};

enum class format : std::uint8_t { csv, json };
/// Chooses by the file's name.   Errors  usage_error for any other ending than .csv and .json.
[[nodiscard]] format format_of(std::string_view file);

/// Writes all rows. `header`: the line of column names, which all but the first of several parts leave out.
void write_csv(std::ostream& out, std::vector<result_row> const& rows, bool header);
void write_json(std::ostream& out, std::vector<result_row> const& rows);
/// Writes lines of CSV (RFC 4180), of the fields of `row` and of the provenance; `header`: the line of names before it.
void write_csv_line(std::ostream& out, nlohmann::ordered_json const& row, bool header);
/// Returns a field as RFC 4180 wants it.
[[nodiscard]] std::string csv_field(std::string_view text);

/// Returns how much of a tree was visited: "3.1 %". It is never 100 %, because then no share is told.
[[nodiscard]] std::string share_text(double share);

/// Returns one line: "ok  name   pass: sampled, 100'000 schedules, 0.4 s". It says what to do next where the verdict
/// differs.
[[nodiscard]] std::string line_of(result_row const& row);
/// Returns the last lines of a run.
[[nodiscard]] std::string summary_of(std::vector<result_row> const& rows, double seconds);

struct trace_options {
  bool everything = false;  // plain accesses, memory and the model's construction too
  unsigned columns = 0;  // at most that many in a line, if the steps themselves are not wider; 0: no limit
  bool columns_asked_for = false;  // usage_error where the steps are wider
};
/// Shows the schedule of `row`: a column for each thread, and the place, order, label and source line of each step.
/// Source lines are those that were compiled; files that have changed since are named.
[[nodiscard]] std::string trace_of(result_row const& row, trace_options const& options);
/// Returns the same schedule as JSON: case, question, verdict, message, memory, seed, threads, and each of its steps:
/// thread (-1: none of the model's), action, text, order (null: it has none), label, stale, place, source. Nothing is
/// condensed. `everything`: as in trace_options. Of an execution graph: events and relations (graph/drawing.hpp), case,
/// question, and the same steps, each with its number (`step` of an event) and whether the trace shows it (`shown`).
/// Both say what they come from.
[[nodiscard]] std::string json_of_trace(result_row const& row, std::string_view seed, bool everything);

/// Returns the label [X1] that the comment above or after a source line gives it, next to the name of `order` where one
/// is asked for; empty where there is none.
[[nodiscard]] std::string label_at(std::string const& file, unsigned line, std::string_view order = {});

/// Sets the thousands apart.
[[nodiscard]] std::string grouped(std::uint64_t n);

}  // namespace surewake::verify
