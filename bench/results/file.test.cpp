#include <surewake/bench/results/file.hpp>

#include <surewake/bench/results/scratch.test.hpp>

#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <limits>

namespace file_test {

using namespace surewake::bench;
using surewake::bench::testing::scratch;

namespace {

row sample_row() {
  row r;
  r.workload = "storm";
  r.scenario = "at once, n = 1000";
  r.contestant = "intrusive_list/hand_off";
  r.kind = "strategy";
  r.measures = "time";
  r.time_ns_per_operation = 12.5;
  r.marks = {"steal", "migrated"};
  r.metrics.set("cpu_ns", 13);
  r.metrics.set("cycles", std::numeric_limits<double>::infinity());  // nothing by nothing: JSON has no such number
  return r;
}

/// Reads the file.   Returns  what is wrong with it, or "read".
std::string problem_of(std::filesystem::path const& file) {
  try {
    static_cast<void>(read_results(file));
  } catch (bad_results const& e) {
    return e.what();
  }
  return "read";
}

}  // namespace

TEST_CASE("what was written is read as it was, and what does not apply stays empty") {
  scratch const s;
  {
    result_writer out(s.file(), {{"seed", 7}});
    out.add(sample_row());
    out.add(failure{"w", "s", "c", "peer", "it lies"});
    out.add(latency_record{"w", "s", "c", {"wake", {{100, 101, 7}, {2'000, 2'020, 1}}}});
    out.add(measured_scenario{"w", "s", 1.5, true});
    out.add_end({{"state", "complete"}});
    out.finish();
  }
  recorded_run const all = read_results(s.dir);
  CHECK(all.about.at("seed") == 7);
  CHECK(all.about.at("surewake_bench") == file_version);
  CHECK(all.about.at("state") == "complete");
  REQUIRE(all.rows.size() == 1);
  CHECK(all.rows[0].scenario == "at once, n = 1000");
  CHECK(all.rows[0].time_ns_per_operation == 12.5);
  CHECK(std::isnan(all.rows[0].fairness_jain_index));
  CHECK(all.rows[0].order.empty());
  CHECK(all.rows[0].marks == std::vector<std::string>{"steal", "migrated"});
  CHECK(all.rows[0].metrics.get("cpu_ns") == 13);
  CHECK(std::isnan(all.rows[0].metrics.get("cycles")));
  REQUIRE(all.failures.size() == 1);
  CHECK(all.failures[0].why == "it lies");
  REQUIRE(all.latencies.size() == 1);
  CHECK(all.latencies[0].contestant == "c");
  CHECK(all.latencies[0].latencies.what == "wake");
  REQUIRE(all.latencies[0].latencies.bins.size() == 2);
  CHECK(all.latencies[0].latencies.bins[1].low_ns == 2'000);
  CHECK(all.latencies[0].latencies.bins[0].count == 7);
  REQUIRE(all.scenarios.size() == 1);
  CHECK(all.scenarios[0].spent_s == 1.5);
  CHECK(all.whole_bytes == std::filesystem::file_size(s.file()));
}

TEST_CASE("a record is on disk when add returns") {
  scratch const s;
  result_writer out(s.file(), {});
  out.add(sample_row());
  CHECK(read_results(s.file()).rows.size() == 1);
  out.add(sample_row());
  CHECK(read_results(s.file()).rows.size() == 2);
  CHECK(read_results(s.file()).about.at("state") == "running");
}

TEST_CASE("a run that was killed in the middle of a line loses that line, and goes on in its place") {
  scratch const s;
  {
    result_writer out(s.file(), {});
    out.add(sample_row());
  }
  std::ofstream(s.file(), std::ios::app) << R"({"record":"sample","work)";
  recorded_run const before = read_results(s.file());
  CHECK(before.rows.size() == 1);
  {
    result_writer out(before, s.file());
    out.add(sample_row());
  }
  CHECK(read_results(s.file()).rows.size() == 2);
  CHECK(read_results(s.file()).about.at("resumed").size() == 1);
}

TEST_CASE("records and fields of a newer program are passed over; a newer version is refused") {
  scratch const s;
  std::ofstream(s.file()) << R"({"record":"run","surewake_bench":2,"new":1})"
                          << "\n"
                          << R"({"record":"sample","workload":"w","scenario":"s","contestant":"c","colour":"red"})"
                          << "\n"
                          << R"({"record":"sound","loud":true})"
                          << "\n";
  CHECK(read_results(s.file()).rows.size() == 1);
  std::ofstream(s.file()) << R"({"record":"run","surewake_bench":3})"
                          << "\n";
  CHECK(problem_of(s.file()).find("version 3, of a newer surewake-bench; this one reads up to 2") != std::string::npos);
}

TEST_CASE("what is no file of results is named by file and line") {
  scratch const s;
  CHECK(problem_of(s.file()).starts_with("cannot read "));
  std::ofstream(s.file()) << "";
  CHECK(problem_of(s.file()).find("it is empty") != std::string::npos);
  std::ofstream(s.file()) << "{\"record\":\"end\"}\n";
  CHECK(problem_of(s.file()).find("results.jsonl:1: the record of a run is expected") != std::string::npos);
  std::ofstream(s.file()) << "{\"record\":\"run\"}\n{\"record\":\n";
  CHECK(problem_of(s.file()).find("results.jsonl:2: ") != std::string::npos);
}

TEST_CASE("what cannot be written is an error that says why") {
  scratch const s;
  std::filesystem::create_symlink("/dev/full", s.file());
  CHECK_THROWS_WITH_AS(result_writer(s.file(), nlohmann::ordered_json()), doctest::Contains("No space left"),
                       bad_results);
  CHECK_THROWS_WITH_AS(result_writer(s.dir / "none" / "a", nlohmann::ordered_json()),
                       doctest::Contains("No such file"), bad_results);
}

TEST_CASE("a folder of version 1 is still read: its rows, its machine, its preempted samples") {
  recorded_run const old = read_results(SUREWAKE_SOURCE_FOLDER "/bench/results/version1");
  CHECK(old.about.at("surewake_bench") == 1);
  CHECK(old.about.at("machine").at("cpu").is_string());
  REQUIRE(old.rows.size() == 15);
  CHECK(old.rows[0].workload == "uncontended");
  CHECK(old.rows[0].measures == "allocations");
  CHECK(old.rows.back().frame_bytes_per_waiter == 176);
}

TEST_CASE("a CSV with a short line, a word for a number or no such column is named by file, line and column") {
  scratch const s;
  auto const problem = [&](char const* text) {
    std::ofstream(s.dir / "results.csv") << text;
    return problem_of(s.dir);
  };
  CHECK(problem("a,b\n1,2\n").find("does not name the column workload") != std::string::npos);
  std::string const head = "workload,scenario,contestant,kind,repeat\n";
  CHECK(problem((head + "w,s\n").c_str()).find("results.csv:2: 2 fields, expected 5") != std::string::npos);
  CHECK(problem((head + "w,\"s, t\",c,peer,one\n").c_str()).find("column repeat is not a number: 'one'") !=
        std::string::npos);
}

}  // namespace file_test
