#include <surewake/bench/results/gains.hpp>
#include <surewake/bench/results/goals.hpp>
#include <surewake/bench/results/results.hpp>
#include <surewake/bench/results/table.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace results_test {

using namespace surewake::bench;

namespace {

/// A folder that is gone at the end of the test.
struct scratch {
  std::filesystem::path dir =
      std::filesystem::temp_directory_path() / ("surewake-results-test-" + std::to_string(::getpid()));
  scratch() { std::filesystem::create_directories(dir); }
  ~scratch() { std::filesystem::remove_all(dir); }
  [[nodiscard]] std::filesystem::path file() const { return dir / "results.csv"; }
};

row timing(char const* workload, char const* scenario, char const* contestant, char const* kind, double units) {
  row r;
  r.workload = workload;
  r.scenario = scenario;
  r.contestant = contestant;
  r.kind = kind;
  r.measures = "time";
  r.time_ns_per_operation = units * 10;
  r.ratio_units = units;
  return r;
}

goal const& about(std::vector<goal> const& goals, std::string_view what) {
  for (goal const& g : goals) {
    if (g.what == what) return g;
  }
  FAIL("no such target");
  return goals.front();
}

}  // namespace

TEST_CASE("rows that were written are read as they were, empty columns empty") {
  scratch const s;
  row const r = timing("storm", "at once, n = 1000", "intrusive_list/hand_off", "strategy", 1.25);
  csv_writer(s.file()).add(r);
  auto const rows = read_csv(s.file());
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].scenario == "at once, n = 1000");
  CHECK(rows[0].contestant == "intrusive_list/hand_off");
  CHECK(rows[0].ratio_units == 1.25);
  CHECK(std::isnan(rows[0].fairness_jain_index));
}

TEST_CASE("every row says which commit, machine and run it is of") {
  scratch const s;
  origin const from{.version = "1.2", .commit = "abc+dirty", .machine = "a \"fast\" one, 2 cores", .started = "now"};
  csv_writer(s.file(), from).add(timing("w", "s", "c", "peer", 1));
  std::string line;
  std::ifstream in(s.file());
  std::getline(in, line);
  CHECK(line.ends_with(",metrics,version,commit,machine,started"));
  std::getline(in, line);
  CHECK(line.ends_with(",1.2,abc+dirty,\"a fast one, 2 cores\",now"));
  CHECK(read_csv(s.file()).size() == 1);
}

TEST_CASE("a metric goes with its row into the file and back, and is summed up by its name") {
  scratch const s;
  row r = timing("w", "s", "c", "peer", 1);
  r.metrics.set("cpu_ns", 12.5);
  r.metrics.set("voluntary_switches", 0);
  csv_writer(s.file()).add(r);
  results const all(read_csv(s.file()));
  CHECK(all.summary_of("w", "s", "c", "cpu_ns").median == 12.5);
  CHECK(all.summary_of("w", "s", "c", "voluntary_switches").median == 0);
  CHECK(std::isnan(all.summary_of("w", "s", "c", "involuntary_switches").median));
  CHECK_THROWS_AS(r.metrics.set("no_such_metric", 1), std::logic_error);
}

TEST_CASE("rows that cannot be written are an error that says why") {
  scratch const s;
  std::filesystem::create_symlink("/dev/full", s.file());
  CHECK_THROWS_WITH_AS(csv_writer{s.file()}, doctest::Contains("No space left"), bad_results);
  CHECK_THROWS_WITH_AS(csv_writer{s.dir / "none" / "a.csv"}, doctest::Contains("No such file"), bad_results);
}

TEST_CASE("a row is on disk when add returns") {
  scratch const s;
  csv_writer out(s.file());
  out.add(timing("w", "s", "c", "peer", 1));
  CHECK(read_csv(s.file()).size() == 1);
  out.add(timing("w", "s", "c", "peer", 2));
  CHECK(read_csv(s.file()).size() == 2);
}

TEST_CASE("a file of something else, a short line and a word for a number are named by file, line and column") {
  scratch const s;
  auto const message = [&] {
    try {
      static_cast<void>(read_csv(s.file()));
    } catch (bad_results const& e) {
      return std::string(e.what());
    }
    return std::string("read");
  };
  CHECK(message().starts_with("cannot read "));
  std::ofstream(s.file()) << "a,b\n1,2\n";
  CHECK(message().find("does not name the columns") != std::string::npos);

  csv_writer(s.file()).add(timing("w", "s", "c", "peer", 1));
  std::ofstream(s.file(), std::ios::app) << "w,s\n";
  CHECK(message().find("results.csv:3: 2 fields") != std::string::npos);

  row bad = timing("w", "s", "c", "peer", 1);
  bad.order = "";
  csv_writer(s.file()).add(bad);
  std::string text;
  std::getline(std::ifstream(s.file()) >> std::ws, text, '\0');
  text.replace(text.rfind(",10,"), 4, ",ten,");
  std::ofstream(s.file()) << text;
  CHECK(message().find("results.csv:2: column time_ns_per_operation is not a number: 'ten'") != std::string::npos);
}

TEST_CASE("a target compares medians, and one without data is not reached") {
  std::vector<row> rows;
  for (double const units : {1.3, 1.2, 9.0}) {
    rows.push_back(timing("uncontended", "await", "intrusive_list/hand_off", "strategy", units));
  }
  for (double const units : {1.0, 1.0, 1.1}) {
    rows.push_back(timing("uncontended", "await", "hand-written", "floor", units));
  }
  auto const goals = goals_of(results(rows));

  goal const& by_units = about(goals, "uncontended acquire + release");
  CHECK(by_units.measured == doctest::Approx(1.3));
  CHECK(by_units.reached());

  goal const& by_hand = about(goals, "uncontended, by hand in a plain loop = 1");
  CHECK(by_hand.measured == doctest::Approx(1.3));
  CHECK_FALSE(by_hand.reached());

  goal const& storm = about(goals, "storm of 100,000, at once, a waiter");
  CHECK_FALSE(storm.known());
  CHECK_FALSE(storm.reached());
  CHECK(tally_of(goals).starts_with(fmt::format("1 of {} targets reached, ", goals.size())));
}

TEST_CASE("samples in which the thread was preempted count only where fewer than three others are left") {
  auto const median_of = [](std::initializer_list<double> preemptions, double threads) {
    std::vector<row> rows;
    for (double const p : preemptions) {
      rows.push_back(timing("w", "s", "c", "peer", p > 0 ? 100 : 1));
      rows.back().preemptions = p;
      rows.back().threads = threads;
    }
    return results(rows).summary_of("w", "s", "c", &row::ratio_units).median;
  };
  CHECK(median_of({0, 0, 0, 1, 2, 3, 4}, 1) == 1);
  CHECK(median_of({0, 0, 1, 2, 3}, 1) == 100);
  CHECK(median_of({0, 0, 0, 1, 2, 3, 4}, 2) == 100);  // threads of a contended workload preempt each other
}

TEST_CASE("flatness is not known before n = 1,000,000 was measured, and is slowest by fastest then") {
  std::vector<row> rows;
  auto const add = [&](char const* scenario, double n, double units) {
    rows.push_back(timing("storm", scenario, "intrusive_list/hand_off", "strategy", units));
    rows.back().waiters = n;
  };
  add("at once, n = 1", 1, 50);  // a single waiter is no storm
  add("at once, n = 1000", 1'000, 1.2);
  add("at once, n = 100000", 100'000, 1.0);
  CHECK_FALSE(about(goals_of(results(rows)), "storm, at once, 1,000 to 1,000,000: flat").known());
  add("at once, n = 1000000", 1'000'000, 3.0);
  CHECK(about(goals_of(results(rows)), "storm, at once, 1,000 to 1,000,000: flat").measured == doctest::Approx(3.0));
}

TEST_CASE("contestants come in the order floor, hand_off, barging, peer") {
  results const r({timing("w", "s", "sem_t", "peer", 1), timing("w", "s", "b/barging", "strategy", 1),
                   timing("w", "s", "b/hand_off", "strategy", 1), timing("w", "s", "a/barging", "strategy", 1),
                   timing("w", "s", "floor", "floor", 1)});
  CHECK(r.contestants("w", "s") == std::vector<std::string>{"floor", "b/hand_off", "a/barging", "b/barging", "sem_t"});
}

TEST_CASE("the table holds the ratio to each peer") {
  std::string const text =
      table_of(results({timing("w", "s", "sem_t", "peer", 2), timing("w", "s", "a/hand_off", "strategy", 1)}));
  CHECK(text.find("/ sem_t") != std::string::npos);
  CHECK(text.find("0.50 ×") != std::string::npos);
}

TEST_CASE("a gain compares with mutex_deque under the same discipline, and stands beside what was published") {
  std::vector<row> rows;
  auto const add = [&](char const* workload, char const* scenario, char const* contestant, double n, double units) {
    rows.push_back(timing(workload, scenario, contestant, "strategy", units));
    rows.back().waiters = n;
  };
  add("storm", "at once, n = 1", "waker_hybrid/hand_off", 1, 1);  // one waiter is no storm
  add("storm", "at once, n = 1000", "waker_hybrid/hand_off", 1'000, 2);
  add("storm", "at once, n = 1000", "mutex_deque/hand_off", 1'000, 3);
  add("storm", "at once, n = 1000", "mutex_deque/barging", 1'000, 1);
  add("storm", "at once, n = 1000", "another/barging", 1'000, 2);
  add("withdraw", "fifo, n = 100000", "waker_hybrid/hand_off", 100'000, 1);
  auto const all = gains_of(results(rows));
  REQUIRE(all.size() == 2);
  CHECK(all[0].discipline == "hand_off");
  CHECK(all[0].strategies == std::vector<std::string>{"waker_hybrid"});
  CHECK(all[0].published == std::vector<std::string>{"+20–30 %"});
  REQUIRE(all[0].lines.size() == 2);
  CHECK(all[0].lines[0].scenario == "storm, at once, n = 1000");
  CHECK(all[0].lines[0].measured.at(0) == doctest::Approx(0.5));
  CHECK(std::isnan(all[0].lines[1].measured.at(0)));
  CHECK(all[1].published.at(0).empty());
  CHECK(all[1].lines[0].measured.at(0) == doctest::Approx(-0.5));
  std::string const text = table_of(results(rows));
  CHECK(text.find("gain over mutex_deque, hand_off") != std::string::npos);
  CHECK(text.find("+20–30 %") != std::string::npos);
  CHECK(text.find("+50 %") != std::string::npos);
}

TEST_CASE("a gain is a percentage, and a multiple from ten times on") {
  CHECK(brief_gain(0.254) == "+25 %");
  CHECK(brief_gain(-0.081) == "−8 %");
  CHECK(brief_gain(-0.001) == "+0 %");
  CHECK(brief_gain(13.2) == "14 ×");
  CHECK(brief_gain(row::none) == "–");
}

TEST_CASE("numbers are short, with separators and the unit that suits") {
  CHECK(brief(0) == "0");
  CHECK(brief(1.234) == "1.23");
  CHECK(brief(1234567) == "1,234,567");
  CHECK(brief(-1234) == "-1,234");
  CHECK(brief(row::none) == "–");
  CHECK(brief_time(12.34) == "12.3 ns");
  CHECK(brief_time(1234) == "1.23 µs");
  CHECK(brief_time(2.5e6) == "2.50 ms");
}

}  // namespace results_test
