#include <surewake/verify/engine/graph/data.test.hpp>
#include <surewake/verify/engine/graph/fault.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <cstdio>

#include <sys/wait.h>
#include <unistd.h>

using namespace surewake::verify::graph;

namespace {

/// Returns whether a program shows that something is wrong.
bool shows(known_program const& p) {
  try {
    return !compare_all(p, {.most_runs = 2'000}).empty();
  } catch (std::exception const&) {
    return true;
  }
}

/// Returns how many programs show that something is wrong; it looks for no more than `enough`.
std::size_t seen_by(std::vector<known_program> const& programs, std::size_t enough) {
  std::size_t result = 0;
  for (auto p = programs.begin(); p != programs.end() && result != enough; ++p) result += shows(*p) ? 1 : 0;
  return result;
}

/// Returns the program with every fence light, or every second one heavy.
known_program asymmetric(known_program p) {
  bool heavy = false;
  for (std::string& t : p.threads) {
    for (std::size_t at = t.find("F sc"); at != std::string::npos; at = t.find("F sc")) {
      t.replace(at, 4, heavy ? "F hv" : "F lt");
      heavy = !heavy;
    }
  }
  return p;
}

}  // namespace

TEST_CASE("faults: what an engine without S visits, less what its definition forbids, is what this engine visits") {
  for (known_program const& known : all_data()) {
    for (known_program const& p : {known, asymmetric(known)}) {
      program const parsed = p.parsed();
      seeded_fault = fault::no_total_order;
      exploration const expected = explore(parsed, memory_model::cpp20, {.states = false, .filter = true});
      seeded_fault = fault::none;
      CAPTURE(p.name);
      CHECK(explore(parsed, memory_model::cpp20, {.states = false}).executions == expected.executions);
    }
  }
}

TEST_CASE("faults: each mistake in the engine shows in several programs") {
  std::vector<known_program> const programs = all_data();
  CHECK(seen_by(programs, 1) == 0);
  for (int f = 1; f != static_cast<int>(fault::end); ++f) {
    CAPTURE(f);
    seeded_fault = static_cast<fault>(f);
    // What only this engine has is in one program each.
    std::size_t const enough = seeded_fault >= fault::light_fences_are_full ? 1 : 5;
    CHECK(seen_by(programs, enough) == enough);
    seeded_fault = fault::none;
  }
}

TEST_CASE("faults: C++11's release sequence and an RMW's halves apart show in each program that is for them") {
  for (known_program const& p : read_data("own.jsonl")) {
    CAPTURE(p.name);
    bool const sequence = p.name.starts_with("RS+");
    bool const halves = p.name.starts_with("RMW-in-S+");
    if (!sequence && !halves) continue;
    seeded_fault = sequence ? fault::release_sequence_of_cpp11 : fault::rmw_halves_apart;
    CHECK(shows(p));
    seeded_fault = fault::none;
    CHECK_FALSE(shows(p));
  }
}

// Only when asked for (--no-skip): the table of papers/exhaustive. A fault is named by its place in fault.hpp. If
// it makes the engine crash, it has shown itself, so each program is explored in a process of its own.
TEST_CASE("faults: table" * doctest::skip()) {
  std::puts("fault,litmus,own,random");
  for (int f = 0; f != static_cast<int>(fault::end); ++f) {
    std::printf("%d", f);
    for (char const* const file : {"litmus.jsonl", "own.jsonl", "random.jsonl"}) {
      std::size_t n = 0;
      for (known_program const& p : read_data(file)) {
        std::fflush(stdout);
        pid_t const child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
          std::signal(SIGSEGV, SIG_DFL);
          std::signal(SIGABRT, SIG_DFL);
          seeded_fault = static_cast<fault>(f);
          _exit(shows(p) ? 1 : 0);
        }
        int status = 0;
        REQUIRE(waitpid(child, &status, 0) == child);
        n += status == 0 ? 0 : 1;
      }
      std::printf(",%zu", n);
      if (f == 0) {
        CHECK(n == 0);
      }
    }
    std::puts("");
  }
}
