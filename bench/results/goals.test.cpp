#include <surewake/bench/results/goals.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace goals_test {

using namespace surewake::bench;

namespace {

/// Adds three blocks of a contestant.
void add(std::vector<row>& rows, std::string_view workload, std::string_view scenario, std::string_view contestant,
         std::string_view kind, double ns, double waiters = row::none) {
  for (double block = 0; block < 3; ++block) {
    row r;
    r.workload = workload;
    r.scenario = scenario;
    r.contestant = contestant;
    r.kind = kind;
    r.measures = "time";
    r.threads = 1;
    r.repeat = block;
    r.waiters = waiters;
    r.time_ns_per_operation = ns * (1 + block);  // a machine that slows down; ratios within a block do not see it
    r.ratio_units = ns / 10;
    rows.push_back(r);
  }
}

goal about(std::vector<row> rows, std::string_view group, std::string_view what) {
  for (goal const& g : goals_of(results(std::move(rows)))) {
    if (g.group.find(group) != std::string::npos && g.what == what) return g;
  }
  FAIL("no such target");
  return {};
}

}  // namespace

TEST_CASE("the best of ours stands beside the best peer of the row, and beside tokio") {
  std::vector<row> rows;
  add(rows, "uncontended", "await", "a/hand_off", "strategy", 12);
  add(rows, "uncontended", "await", "b/hand_off", "strategy", 20);
  add(rows, "uncontended", "await", "sem_t", "peer", 10);
  add(rows, "uncontended", "await", "tokio", "peer", 30);
  goal const lost = about(rows, "best peer", "uncontended / await");
  CHECK(lost.subject == "a/hand_off");
  CHECK(lost.against == "sem_t");
  CHECK(lost.measured == doctest::Approx(1.2));
  CHECK(lost.verdict() == "NOT reached");
  goal const ahead = about(rows, "tokio, twice", "uncontended / await");
  CHECK(ahead.measured == doctest::Approx(0.4));
  CHECK(ahead.sure.high == doctest::Approx(0.4));
  CHECK(ahead.verdict() == "reached");
}

TEST_CASE("without the peer, or without the row, a target is not measured, and says why") {
  std::vector<row> rows;
  add(rows, "uncontended", "await", "a/hand_off", "strategy", 12);
  CHECK(about(rows, "best peer", "uncontended").verdict() == "not measured: no peer");
  CHECK(about(rows, "tokio, twice", "storm").verdict() == "not measured: its row was not run");
  add(rows, "storm", "at once, n = 1000", "a/hand_off", "strategy", 12);
  goal const g = about(rows, "where tokio was ahead", "storm / at once, n = 1000");
  CHECK(g.verdict() == "not measured: no peer");
  CHECK_FALSE(g.reached());
}

TEST_CASE("bounded barging is between hand_off and barging, is even, and keeps its bound") {
  std::vector<row> rows;
  char const* const group = "bounded_barging, k = 64";
  add(rows, "contended", "8 threads, 1 permit", "intrusive_list/barging", "strategy", 10);
  add(rows, "contended", "8 threads, 1 permit", "intrusive_list/bounded_barging_64", "strategy", 19);
  add(rows, "fairness", "2 threads", "intrusive_list/bounded_barging_64", "strategy", 19);
  for (row& r : rows) {
    r.fairness_jain_index = 0.995;
    r.metrics.set("longest_bypass_of_first", r.repeat == 2 ? 65 : 64);
  }
  CHECK(about(rows, group, "contended / 8 threads, 1 permit").measured == doctest::Approx(1.9));
  CHECK(about(rows, group, "contended / 8 threads, 1 permit").verdict() == "reached");
  CHECK(about(rows, group, "Jain's index, 8 threads").verdict() == "reached");
  CHECK(about(rows, group, "the longest bypass of a first waiter").measured == 65);
  CHECK(about(rows, group, "the longest bypass of a first waiter").verdict() == "NOT reached");
  CHECK(about(rows, group, "contended / 2 threads, 1 permit").verdict() == "not measured: its row was not run");
}

TEST_CASE("the floor is that of the contestant's shape") {
  std::vector<row> rows;
  add(rows, "uncontended", "await", "intrusive_list/hand_off", "strategy", 10.4);
  for (row& r : rows) r.floor = "in a coroutine";
  add(rows, "uncontended", "await", "in a loop", "floor", 5);
  add(rows, "uncontended", "await", "in a coroutine", "floor", 10);
  goal const g = about(rows, "floor of its shape", "uncontended / await");
  CHECK(g.against == "in a coroutine");
  CHECK(g.measured == doctest::Approx(1.04));
  CHECK(g.reached());
}

TEST_CASE("memory is compared by bytes, and fairness from below") {
  std::vector<row> rows;
  for (auto const& [who, kind, bytes] :
       {std::tuple("a/hand_off", "strategy", 168.0), std::tuple("tokio", "peer", 400.0)}) {
    row r;
    r.workload = "memory";
    r.scenario = "n = 1000000";
    r.contestant = who;
    r.kind = kind;
    r.repeat = 0;
    r.metrics.set("bytes_per_waiter", bytes);
    rows.push_back(r);
  }
  CHECK(about(rows, "best peer", "memory / n = 1000000").measured == doctest::Approx(0.42));
  add(rows, "contended", "2 threads, 1 permit", "intrusive_list/hand_off", "strategy", 1);
  for (row& r : rows) r.fairness_jain_index = 0.98;
  CHECK(about(rows, "two threads", "Jain's index under hand_off").verdict() == "NOT reached");
  for (row& r : rows) r.fairness_jain_index = 0.995;
  CHECK(about(rows, "two threads", "Jain's index under hand_off").verdict() == "reached");
}

TEST_CASE("flatness is not known before n = 1,000,000 was measured, and is slowest by fastest then") {
  std::vector<row> rows;
  char const* const what = "storm, at once, 1,000 to 1,000,000: slowest by fastest";
  add(rows, "storm", "at once, n = 1", "intrusive_list/hand_off", "strategy", 500, 1);  // a single waiter is no storm
  add(rows, "storm", "at once, n = 1000", "intrusive_list/hand_off", "strategy", 12, 1'000);
  add(rows, "storm", "at once, n = 100000", "intrusive_list/hand_off", "strategy", 10, 100'000);
  CHECK_FALSE(about(rows, "by itself", what).known());
  add(rows, "storm", "at once, n = 1000000", "intrusive_list/hand_off", "strategy", 30, 1'000'000);
  CHECK(about(rows, "by itself", what).measured == doctest::Approx(3.0));
}

TEST_CASE("the tally counts what was reached, what was lost, and what was not measured") {
  std::vector<goal> goals(4);
  goals[0].measured = 1, goals[0].limit = 2;
  goals[1].measured = 3, goals[1].limit = 2;
  goals[2].measured = 3, goals[2].limit = 2, goals[2].at_least = true;
  CHECK(tally_of(goals) == "2 of 4 targets reached, 1 lost, 1 not measured");
}

}  // namespace goals_test
