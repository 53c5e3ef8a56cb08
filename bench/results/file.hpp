// surewake/bench/results/file.hpp: what `run` writes and everything else reads: results.jsonl, a JSON object a line.
//
//   {"record":"run","surewake_bench":2,"machine":{…},"seed":7,…}    the first line: where, with what and how
//   {"record":"sample","workload":"storm",…,"metrics":{…}}          one a contestant and block
//   {"record":"latencies","workload":"burst",…,"what":"response","bins":[[low_ns,high_ns,count],…]}   of all samples
//   {"record":"swimlane","contestant":"intrusive_list/hand_off","threads":4,"permits":2,"unit":"ns",
//    "events":[{"t":0,"task":0,"what":"asks"},…]}                   one small run: swimlane.hpp
//   {"record":"failure",…} {"record":"scenario",…}                  as they happen: --resume goes by them
//   {"record":"resumed",…} {"record":"end","state":"complete",…}
//
// A reader passes over records and fields that it does not know; `surewake_bench` is raised when something known means
// something else. Version 1 was a CSV with a JSON file beside it, which is still read.
#pragma once

#include <surewake/bench/results/latency_bins.hpp>
#include <surewake/bench/results/row.hpp>
#include <surewake/bench/results/swimlane.hpp>

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace surewake::bench {

inline constexpr int file_version = 2;
inline constexpr char const* file_name = "results.jsonl";

/// A file of results.
struct recorded_run {
  nlohmann::ordered_json about;  // of the first line, with what the last one says of state and end
  std::vector<row> rows;
  std::vector<latency_record> latencies;
  std::vector<swimlane> swimlanes;  // one a contestant
  std::vector<failure> failures;
  std::vector<measured_scenario> scenarios;
  std::uintmax_t whole_bytes = 0;  // the lines that are whole; a run that was killed may leave a part of one
};

/// Reads a file, or that of a folder: results.jsonl, or results.csv and results.json of version 1.
///
/// Errors  bad_results, naming file and line.
[[nodiscard]] recorded_run read_results(std::filesystem::path const& file_or_folder);

/// The rows of a CSV of version 1, by the names of its columns.   Errors  bad_results, naming file, line and column.
[[nodiscard]] std::vector<row> read_csv(std::filesystem::path const& file);

/// Returns the fields of a swimlane's record, as the file and the report have them.
[[nodiscard]] nlohmann::ordered_json json_of(swimlane const& lanes);

/// Appends records; each is in the file when add() returns, so that an interrupted run keeps what it has.
///
/// Errors  bad_results, from each call, when the file cannot be written: it names the file and why.
class result_writer {
 public:
  /// Begins a file with its first line; an earlier one is gone then.
  result_writer(std::filesystem::path const& file, nlohmann::ordered_json about);
  /// Goes on with a file, after its whole lines.
  result_writer(recorded_run const& before, std::filesystem::path const& file);
  result_writer(result_writer const&) = delete;
  result_writer& operator=(result_writer const&) = delete;
  ~result_writer();

  void add(row const& r);
  void add(latency_record const& l);
  void add(swimlane const& s);
  void add(failure const& f);
  void add(measured_scenario const& s);
  /// Adds the last line.
  void add_end(nlohmann::ordered_json facts);
  /// Sees that all of it is on the disk, and closes the file.
  void finish();

 private:
  void put(char const* record, nlohmann::ordered_json const& fields);
  void check(int error) const;

  std::filesystem::path file_;
  int out_ = -1;
};

}  // namespace surewake::bench
