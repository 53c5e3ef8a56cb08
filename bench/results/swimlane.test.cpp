#include <surewake/bench/results/scratch.test.hpp>
#include <surewake/bench/results/swimlane.hpp>

#include <doctest/doctest.h>

#include <fstream>

namespace swimlane_test {

using namespace surewake::bench;
using surewake::bench::testing::scratch;
using enum lane_step;

namespace {

/// Task 1 waits for the one permit, which task 0 holds; task 2 gives up.
swimlane sound() {
  return {.contestant = "intrusive_list/hand_off",
          .tasks = 3,
          .permits = 1,
          .events = {{0, 0, asks},
                     {10, 0, gets},
                     {20, 1, asks},
                     {25, 2, asks},
                     {40, 2, gives_up},
                     {50, 0, gives_back},
                     {60, 1, gets},
                     {90, 1, gives_back}}};
}

std::string broken_when(std::size_t at, lane_step step) {
  swimlane s = sound();
  s.events[at].step = step;
  return broken_law(s);
}

}  // namespace

TEST_CASE("a run that keeps the laws breaks none") { CHECK(broken_law(sound()).empty()); }

TEST_CASE("each broken law is named") {
  swimlane s = sound();
  std::swap(s.events[5].t, s.events[6].t);
  put_in_order(s);
  CHECK(broken_law(s) == "2 of 1 permits are held, at 50 ns");
  s = sound();
  s.events.pop_back();
  CHECK(broken_law(s) == "1 tasks still wait or hold at the end");
  s = sound();
  s.events.erase(s.events.begin() + 4);
  CHECK(broken_law(s) == "1 tasks still wait or hold at the end");
  CHECK(broken_when(6, asks) == "task 1 asks out of turn, at 60 ns");
  CHECK(broken_when(5, gives_up) == "task 0 gives_up out of turn, at 50 ns");
  CHECK(broken_when(4, closed).empty());  // another end of a wait
  s = sound();
  s.tasks = 2;
  CHECK(broken_law(s) == "there is no task 2");
}

TEST_CASE("time starts with the first event, and a permit is given back before it is taken at the same time") {
  swimlane s{.tasks = 2,
             .permits = 1,
             .events = {{900, 1, asks},
                        {950, 1, gets},
                        {960, 1, gives_back},  //
                        {800, 0, asks},
                        {820, 0, gets},
                        {950, 0, gives_back}}};
  put_in_order(s);
  CHECK(broken_law(s).empty());
  CHECK(s.events.front().t == 0);
  CHECK(s.events.back().t == 160);
}

TEST_CASE("a swimlane is read as it was written, the last of each contestant, and unknown steps are passed over") {
  scratch const dir;
  {
    result_writer out(dir.file(), {});
    swimlane earlier = sound();
    earlier.permits = 7;
    out.add(earlier);  // of a run that was broken off
    out.add(sound());
  }
  std::ofstream(dir.file(), std::ios::app)
      << R"({"record":"swimlane","contestant":"x","threads":1,"permits":1,"unit":"ns","events":[)"
      << R"({"t":0,"task":0,"what":"asks"},{"t":1,"task":0,"what":"yawns"}]})"
      << "\n";
  std::vector<swimlane> const all = read_results(dir.file()).swimlanes;
  REQUIRE(all.size() == 2);
  CHECK(all[0].contestant == "intrusive_list/hand_off");
  CHECK(all[0].tasks == 3);
  CHECK(all[0].permits == 1);
  REQUIRE(all[0].events.size() == sound().events.size());
  CHECK(all[0].events[4].t == 40);
  CHECK(all[0].events[4].task == 2);
  CHECK(all[0].events[4].step == gives_up);
  CHECK(all[1].events.size() == 1);
}

}  // namespace swimlane_test
