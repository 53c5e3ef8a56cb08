#include <surewake/verify/engine/graph/data.test.hpp>
#include <surewake/verify/engine/graph/explorer.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string_view>
#include <utility>

using namespace surewake::verify::graph;

namespace {

/// Returns how many executions a program has; the same under each model.
std::uint64_t executions(std::vector<std::string> const& threads) {
  program const p = parse_program(threads);
  exploration const result = explore(p, memory_model::cpp20, {.states = false});
  CHECK(result.duplicates == 0);
  CHECK(explore(p, memory_model::sc, {.states = false}).executions == result.executions);
  CHECK(explore(p, memory_model::rc11, {.states = false}).executions == result.executions);
  return result.executions;
}

/// A program at random that has and frees blocks, of statements without conditions.
struct reusing_program {
  struct place {
    unsigned thread;
    unsigned events;  // before it in its thread
    std::size_t statement;
  };
  std::vector<std::string> threads{};
  std::vector<place> blocks{};  // where one is had
  std::vector<place> frees{};

  explicit reusing_program(std::minstd_rand& random) {
    static constexpr std::array statements{"W x 1 rel", "R r x acq", "X s y 1 ar", "W y 2 rlx", "R u x rlx", "N", "N"};
    unsigned const count = 2 + random() % 2;
    for (unsigned t = 0; t != count; ++t) {
      std::string& text = threads.emplace_back();
      unsigned events = 0;
      unsigned had = 0;
      unsigned freed = 0;
      for (std::size_t i = 0; i != 7 - count; ++i) {
        std::string_view const s = statements[random() % statements.size()];
        if (s == "N" && freed != had && random() % 3 != 0) {
          frees.push_back({t, events, i});
          text += "D n" + std::to_string(freed++) + ";";
        } else if (s == "N") {
          blocks.push_back({t, events++, i});
          text += "N n" + std::to_string(had++) + ";";
        } else {
          events += s.starts_with('X') ? 2 : 1;
          text += std::string(s) + ";";
        }
      }
    }
  }
  /// Returns whether in that graph a free happens before a block is had.
  [[nodiscard]] static bool is_before(execution const& g, place const& free, place const& block) {
    if (free.thread == block.thread) return free.statement < block.statement;
    return g[g.of_thread(block.thread)[block.events]].before().has(free.thread, free.events);
  }
  /// Returns in how many ways the blocks from `first` on can be fresh or freed ones, each of which is given once.
  [[nodiscard]] std::uint64_t ways(execution const& g, std::vector<bool>& given, std::size_t first = 0) const {
    if (first == blocks.size()) return 1;
    std::uint64_t result = ways(g, given, first + 1);
    for (std::size_t f = 0; f != frees.size(); ++f) {
      if (given[f] || !is_before(g, frees[f], blocks[first])) continue;
      given[f] = true;
      result += ways(g, given, first + 1);
      given[f] = false;
    }
    return result;
  }
  /// Counts executions by the graphs of the program in which each block is fresh.
  [[nodiscard]] std::uint64_t counted(memory_model model) const {
    program p = parse_program(threads);
    for (program::thread& t : p.threads) {
      for (statement& s : t.statements) {
        if (s.what.what == operation::allocate && !s.frees) s.what = {.what = operation::choice, .operand = 1};
      }
    }
    std::uint64_t result = 0;
    explorer e(model, static_cast<unsigned>(threads.size()));
    while (e.next_run()) {
      run_once(p, e);
      std::vector<bool> given(frees.size());
      result += ways(e.graph(), given);
    }
    return result;
  }
};

std::vector<std::string> several(std::size_t n, std::string const& thread) { return {n, thread}; }
std::vector<std::string> and_one(std::vector<std::string> threads, std::string thread) {
  threads.push_back(std::move(thread));
  return threads;
}

}  // namespace

TEST_CASE("litmus: the programs of the literature have the executions, states and races that are known") {
  auto const all = read_data("litmus.jsonl");
  CHECK(all.size() == 56);
  for (known_program const& p : all) CHECK(compare_all(p, {.axioms = true}) == "");
}

TEST_CASE("litmus: random programs have the number of executions and states that is known") {
  auto const all = read_data("random.jsonl");
  CHECK(all.size() == 695);
  for (known_program const& p : all) CHECK(compare_all(p) == "");
}

TEST_CASE("litmus: programs for what few of the others show have the executions, states and races that are known") {
  auto const all = read_data("own.jsonl");
  CHECK(all.size() == 30);
  for (known_program const& p : all) CHECK(compare_all(p, {.axioms = true}) == "");
}

TEST_CASE("litmus: the order of the threads makes no difference") {
  for (known_program p : all_data()) {
    CAPTURE(p.name);
    std::reverse(p.threads.begin(), p.threads.end());
    for (auto const& [name, model] : memory_models) {
      exploration const found = explore(p.parsed(), model, {.states = false});
      CHECK(found.executions == p.expect.at(model).executions);
      CHECK(found.duplicates == 0);
    }
  }
}

TEST_CASE("litmus: families whose executions can be counted by hand") {
  std::vector<std::uint64_t> const factorial{1, 1, 2, 6, 24, 120, 720};
  std::vector<std::uint64_t> const exchanged{0, 0, 6, 66, 1200, 32'880};
  for (std::size_t n = 2; n != 7; ++n) CHECK(executions(several(n, "A r x 1 rlx")) == factorial[n]);
  for (std::size_t n = 2; n != 5; ++n) {
    std::uint64_t const f = factorial[n];
    CHECK(executions(several(n, "A r x 1 rlx;A s y 1 rlx")) == f * f);
    CHECK(executions(several(n, "A r x 1 rlx;A s y 1 rlx;A t z 1 rlx")) == f * f * f);
    CHECK(executions(several(n, "R r x rlx;W x 1 rlx")) == f * f);
  }
  for (std::size_t n = 2; n != 6; ++n) CHECK(executions(several(n, "C r x 0 1 rlx rlx;W x 2 rlx")) == exchanged[n]);
  for (std::size_t n = 1; n != 6; ++n) {
    CHECK(executions(and_one(several(n, "A r x 1 rlx"), "W x 7 rlx")) == factorial[n + 1]);
    CHECK(executions(and_one(several(n, "R r x rlx"), "W x 1 rlx")) == std::uint64_t{1} << n);
  }
}

TEST_CASE("litmus: families of compare-exchanges, with as many threads as there may be") {
  std::vector<std::uint64_t> const after_store{0, 2, 5, 13, 33, 81, 193, 449, 1025, 2305};
  std::vector<std::uint64_t> const chained{0, 1, 2, 5, 14, 43, 144, 523, 2048, 8597};
  for (std::size_t n = 1; n != std::min<std::size_t>(9, max_threads) + 1; ++n) {
    std::vector<std::string> cas;
    std::vector<std::string> chain;
    for (std::size_t i = 1; i <= n; ++i) {
      cas.push_back("C r x 0 " + std::to_string(i) + " rlx rlx");
      chain.push_back("C r x " + std::to_string(i - 1) + " " + std::to_string(i) + " rlx rlx");
    }
    CHECK(executions(cas) == n);
    CHECK(executions(chain) == chained[n]);
    if (n < max_threads) CHECK(executions(and_one(several(n, "C r x 2 3 rlx rlx"), "W x 2 rlx")) == after_store[n]);
  }
}

TEST_CASE("litmus: a light fence is ordered with heavy ones only") {
  auto const buffering = [](std::string const& a, std::string const& b) {
    program const p = parse_program({"W x 1 rlx;F " + a + ";R r y rlx", "W y 1 rlx;F " + b + ";R r x rlx"});
    return explore(p, memory_model::cpp20, {.axioms = true}).executions;
  };
  CHECK(buffering("lt", "lt") == 4);
  CHECK(buffering("lt", "sc") == 4);
  CHECK(buffering("lt", "hv") == 3);
  CHECK(buffering("sc", "hv") == 3);
  CHECK(buffering("hv", "hv") == 3);
  auto const passing = [](std::string const& a, std::string const& b) {
    program const p = parse_program({"W x 1 rlx;F " + a + ";W y 1 rlx", "R r y rlx;F " + b + ";R s x rlx"});
    return explore(p, memory_model::cpp20, {.axioms = true}).executions;
  };
  CHECK(passing("lt", "lt") == 4);
  CHECK(passing("lt", "sc") == 4);
  CHECK(passing("lt", "hv") == 3);
  CHECK(passing("hv", "lt") == 3);
  CHECK(passing("hv", "sc") == 3);
}

TEST_CASE("litmus: a look at a futex's word sees what came before, and orders nothing") {
  auto const executions = [](std::string const& look) {
    return explore(parse_program({"W x 1 rlx;W y 1 rel", "R r y rlx;" + look}), memory_model::cpp20).executions;
  };
  CHECK(executions("R s x rlx") == 4);
  CHECK(executions("L s x") == 3);
  CHECK(executions("L s z;R u x rlx") == 4);
}

TEST_CASE("litmus: choices, of which rare ones have other values than 0 once") {
  exploration const free = explore(parse_program({"V r 2", "V r 3"}), memory_model::cpp20);
  CHECK(free.executions == 6);
  CHECK(free.duplicates == 0);
  program const p = parse_program({"V r 2 rare;W x 1 rlx", "V r 3 rare;R s x rlx"});
  exploration const rare = explore(p, memory_model::cpp20);
  CHECK(rare.executions == 8);  // 1 + 1 + 2 pairs of choices, and the read has two values in each
  CHECK(rare.duplicates == 0);
}

TEST_CASE("litmus: freed memory is given again in each way that happens-before allows") {
  auto const found = [](std::vector<std::string> threads) {
    exploration const one = explore(parse_program(threads), memory_model::cpp20);
    CHECK(one.duplicates == 0);
    std::reverse(threads.begin(), threads.end());
    exploration const other = explore(parse_program(threads), memory_model::cpp20);
    CHECK(other.duplicates == 0);
    CHECK(other.executions == one.executions);
    return one.executions;
  };
  CHECK(found({"N a;D a;N b"}) == 2);
  CHECK(found({"N a;N b"}) == 1);
  // Two free blocks: fresh leaves three ways for the second allocation, and each of the two blocks leaves two.
  CHECK(found({"N a;N b;D a;D b;N c;N d"}) == 7);
  // A block is freed again after it was given again: fresh leaves three ways, the first one's memory two.
  CHECK(found({"N a;D a;N b;D b;N c"}) == 5);
  // What is not known is not given again: one way where the flag is not seen, otherwise two.
  CHECK(found({"N a;D a;W x 1 rel", "R r x acq;N b"}) == 3);
  CHECK(found({"N a;D a;W x 1 rlx", "R r x rlx;N b"}) == 2);
  CHECK(found({"N a;W x 1 rel;D a", "R r x acq;N b"}) == 2);
  // Of two threads that know it one has it: 1 + 2 + 2 ways where not both see the flag, and 3 where both do.
  CHECK(found({"N a;D a;W x 1 rel", "R r x acq;N b", "R r x acq;N b"}) == 8);
  // Those 8 again, with two reads after the allocations, each of which has two values: stores revisit both.
  CHECK(found({"N a;D a;W x 1 rel", "R r x acq;N b;W y 1 rlx;R s z rlx", "R r x acq;N b;W z 1 rlx;R s y rlx"}) == 32);
}

TEST_CASE("litmus: programs at random give memory again in as many ways as their graphs without it allow") {
  std::minstd_rand random(7);
  std::uint64_t more = 0;
  for (int n = 0; n != 300; ++n) {
    reusing_program const p(random);
    for (auto const& [name, model] : memory_models) {
      exploration const found = explore(parse_program(p.threads), model, {.states = false});
      CAPTURE(p.threads);
      CHECK(found.executions == p.counted(model));
      CHECK(found.duplicates == 0);
      more += p.frees.empty() ? 0 : 1;
    }
  }
  CHECK(more > 300);
}

TEST_CASE("litmus: a thread that waits is blocked where its value does not come") {
  exploration const found = explore(parse_program({"W x 1 rel;W x 2 rel", "AW r x 1 acq"}), memory_model::cpp20);
  CHECK(found.executions == 1);
  CHECK(found.blocked == 1);
}

TEST_CASE("litmus: what would come of nothing for a blocked read is not visited") {
  // After `W x 1`, whose thread is of no use any more to a read of the initial x, its reads of y are left out there.
  program const p = parse_program(
      {"AW r x 2 rlx", "W x 1 rlx;R s y rlx;R u y rlx", "W y 1 rlx;W y 2 rlx;W x 2 rlx"});
  exploration const found = explore(p, memory_model::cpp20);
  CHECK(found.executions == 12);  // y is read in 6 ways, and x has two orders
  CHECK(found.duplicates == 0);
  CHECK(found.blocked == 14);     // instead of 24
}

TEST_CASE("litmus: a thread with more events than its clocks can count is refused aloud") {
  auto const fences = [](std::size_t n) {  // the parser has a limit of its own
    program result;
    result.threads.resize(1);
    result.threads[0].registers.emplace_back();
    result.threads[0].statements.assign(n, {.what = {.what = operation::fence, .with = order::acquire}});
    return result;
  };
  CHECK(explore(fences(65'535), memory_model::cpp20, {.states = false}).executions == 1);
  CHECK_THROWS_AS(static_cast<void>(explore(fences(65'536), memory_model::cpp20)), std::length_error);
}

TEST_CASE("litmus: a program that is not understood is refused") {
  auto const refusal = [](std::vector<std::string> const& threads) -> std::string {
    try {
      static_cast<void>(parse_program(threads));
    } catch (bad_program const& e) {
      return e.what();
    }
    return "none";
  };
  auto const in_second = [&](std::string const& statement) {
    std::string const shown = refusal({"", "W x 1 rlx; ;" + statement + ";"});
    std::string const begin = "thread 1, statement 2 '" + statement + "': ";
    CHECK(shown.substr(0, begin.size()) == begin);
    return shown.substr(begin.size());
  };
  CHECK(in_second("W x 1 strong") == "'strong' is no memory order here: that of a store is rlx, rel or sc");
  CHECK(in_second("W x 1 acq") == "'acq' is no memory order here: that of a store is rlx, rel or sc");
  CHECK(in_second("R r x rel") == "'rel' is no memory order here: that of a load is rlx, acq or sc");
  CHECK(in_second("C r x 0 1 ar ar") == "'ar' is no memory order here: that of a load is rlx, acq or sc");
  CHECK(in_second("F strong") == "'strong' is no memory order here: it is rlx, acq, rel, ar or sc");
  CHECK(in_second("Z x") == "'Z' is none of W, WN, R, RN, A, X, C, F, AW, V, L, N, D and ?");
  CHECK(in_second("R") == "a register is missing");
  CHECK(in_second("R r") == "a location is missing");
  CHECK(in_second("W x") == "a value is missing");
  CHECK(in_second("A r x 1") == "a memory order is missing");
  CHECK(in_second("? r 1") == "a statement is missing");
  CHECK(in_second("W x one rlx") == "'one' is no value");
  CHECK(in_second("W x 9223372036854775808 rlx") == "'9223372036854775808' has more than 64 bits");
  CHECK(in_second("W x 1 rlx rlx") == "'rlx' is too much");
  CHECK(in_second("L r x acq") == "'acq' is too much");
  CHECK(in_second("V r 0") == "a choice has from 1 to 1000 ways");
  CHECK(in_second("V r 2 often") == "'often' is not 'rare'");
  CHECK(refusal({}) == "there is no thread");
  CHECK(refusal(std::vector<std::string>(max_threads, "W x 1 rlx")) == "none");
  CHECK(refusal(std::vector<std::string>(max_threads + 1, "")) ==
        std::to_string(max_threads + 1) + " threads, and " + std::to_string(max_threads) + " are the limit");
  std::string many;
  for (std::size_t i = 0; i != most_events_of_a_thread / 2; ++i) many += "X r x 1 rlx;";
  CHECK(refusal({many + "F sc"}) == "none");
  CHECK(refusal({many + "X r x 1 rlx"}).ends_with("more than 65535 events of a thread"));
}

TEST_CASE("litmus: an exploration that is stopped says so") {
  program const p = parse_program(several(4, "A r x 1 rlx"));
  CHECK(explore(p, memory_model::cpp20).whole);
  exploration const cut = explore(p, memory_model::cpp20, {.most_runs = 5});
  CHECK_FALSE(cut.whole);
  CHECK(cut.runs == 5);
  exploration const stopped = explore(p, memory_model::cpp20, {.stop = [] { return true; }});
  CHECK_FALSE(stopped.whole);
  CHECK(stopped.executions == 0);
}
