#include <surewake/bench/commands/command.hpp>
#include <surewake/bench/measure/self_test.hpp>
#include <surewake/bench/results/grid.hpp>

#include <algorithm>

namespace surewake::bench {
namespace {

int self_test() {
  std::vector<known_answer> const all = known_answers();
  grid g{.title = "known answers, measured here and now", .head = {"", "expected", "seen", ""}};
  for (known_answer const& a : all)
    g.lines.push_back({a.what, a.expected, a.seen, a.holds ? "reached" : "NOT reached"});
  program::out().write(written({g}, table_format::text));
  return std::ranges::all_of(all, &known_answer::holds) ? program::as_expected : program::differs;
}

}  // namespace

command add_selftest(CLI::App& app) {
  return {app.add_subcommand("selftest", "Measure what has a known answer; takes some seconds"), self_test};
}

}  // namespace surewake::bench
