#include <surewake/bench/results/gains.hpp>
#include <surewake/bench/results/results.hpp>
#include <surewake/bench/results/table.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

namespace results_test {

using namespace surewake::bench;

namespace {

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

}  // namespace

TEST_CASE("samples that were disturbed count only where fewer than three others are left") {
  auto const median_of = [](std::initializer_list<double> preemptions, double threads) {
    std::vector<row> rows;
    for (double const p : preemptions) {
      rows.push_back(timing("w", "s", "c", "peer", p > 0 ? 100 : 1));
      if (p > 0) rows.back().marks = {"preempted"};
      rows.back().threads = threads;
    }
    return results(rows).summary_of("w", "s", "c", &row::ratio_units).median;
  };
  CHECK(median_of({0, 0, 0, 1, 2, 3, 4}, 1) == 1);
  CHECK(median_of({0, 0, 1, 2, 3}, 1) == 100);
  CHECK(median_of({0, 0, 0, 1, 2, 3, 4}, 2) == 100);  // threads of a contended workload preempt each other
}

TEST_CASE("a ratio is of samples of the same block: what slows a block slows both") {
  std::vector<row> rows;
  for (double block = 0; block < 9; ++block) {
    double const slow = block < 5 ? 1 : 100;
    for (auto const& [name, ns] : {std::pair("a", 15.0), std::pair("b", 10.0)}) {
      rows.push_back(timing("w", "s", name, "strategy", 1));
      rows.back().repeat = block;
      rows.back().time_ns_per_operation = ns * slow;
      if (block == 8) rows.back().marks = {"steal"};
    }
  }
  rows.pop_back();  // the last block was broken off
  results const r(rows);
  CHECK(r.ratio_of("w", "s", "a", "b").median == doctest::Approx(1.5));
  CHECK(r.ratio_of("w", "s", "a", "b").sure.high == doctest::Approx(1.5));
  CHECK(r.ratio_of("w", "s", "a", "b").n == 8);
  CHECK_FALSE(r.ratio_of("w", "s", "a", "none").known());
  CHECK(r.estimate_of("w", "s", "a", &row::time_ns_per_operation).marked == 1);
  CHECK(r.best_of("w", "s", "strategy") == "b");
  CHECK(r.best_of("w", "s", "peer").empty());
}

TEST_CASE("the rows of a contestant that failed are out, in the scenario where it did") {
  results const r({timing("w", "s", "c", "peer", 1), timing("w", "t", "c", "peer", 1)},
                  {{"w", "s", "c", "peer", "it loses permits"}});
  CHECK(r.rows().size() == 1);
  CHECK(r.first("w", "s", "c") == nullptr);
  CHECK(r.first("w", "t", "c") != nullptr);
}

TEST_CASE("contestants come in the order floor, hand_off, barging, peer") {
  results const r({timing("w", "s", "sem_t", "peer", 1), timing("w", "s", "b/barging", "strategy", 1),
                   timing("w", "s", "b/hand_off", "strategy", 1), timing("w", "s", "a/barging", "strategy", 1),
                   timing("w", "s", "floor", "floor", 1)});
  CHECK(r.contestants("w", "s") == std::vector<std::string>{"floor", "b/hand_off", "a/barging", "b/barging", "sem_t"});
}

TEST_CASE("the table holds the ratios to floor and peers, how many were marked, and who failed") {
  std::vector<row> rows{timing("w", "s", "sem_t", "peer", 2), timing("w", "s", "a/hand_off", "strategy", 1),
                        timing("w", "s", "bare", "floor", 0.5)};
  for (row& r : rows) r.repeat = 0;
  rows[1].marks = {"steal"};
  rows[1].metrics.set("cycles", 77);
  results const r(rows, {{"w", "s", "broken", "peer", "it loses permits"}});
  std::string const text = table_of(r);
  CHECK(text.find("best of ours, a/hand_off, / sem_t (best peer): 0.50 × [0.50–0.50]") != std::string::npos);
  CHECK(text.find("2.00 × [2.00–2.00]  0.50 ×") != std::string::npos);  // its floor, then its best peer
  CHECK(text.find("1/1") != std::string::npos);
  CHECK(text.find("FAILED, and so in no line: broken: it loses permits") != std::string::npos);
  CHECK(text.find("77.0") != std::string::npos);
  CHECK(table_of(r, table_format::markdown).find("| a/hand_off | 10.0 ns |") != std::string::npos);
  CHECK(table_of(r, table_format::latex).find("a/hand\\_off & 10.0 ns &") != std::string::npos);
  std::string const csv = table_of(r, table_format::csv);
  CHECK(csv.find("\nw,s,a/hand_off,strategy,time_ratio,sem_t,1,1,0.5,0.5,0.5,0.5,0\n") != std::string::npos);
  CHECK(csv.find("\nw,s,a/hand_off,strategy,cycles,,1,1,77,") != std::string::npos);
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
