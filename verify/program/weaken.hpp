// surewake/verify/program/weaken.hpp: lowers memory orders and searches again: does a model notice?
//
// Caught: the order is load-bearing, and a model shows what for. Survived: the models are blind there, or the order is
// stronger than it need be, or another order covers it. A header names those that cover each other as [A1]+[A2], and
// these are lowered at once too. The orders are changed as the program runs; nothing is compiled again.
#pragma once

#include <surewake/verify/program/runner.hpp>

#include <iosfwd>

namespace surewake::verify {

struct weakening {
  std::vector<lowered> orders{};         // one, or those that are lowered at once
  std::vector<test_case const*> executed_by{};
  std::size_t searched = 0;              // of these, with the lowered orders
  std::size_t exhaustive = 0;            // of these, in every execution
  std::uint64_t schedules = 0;
  double seconds = 0;                    // of processor time
  test_case const* by = nullptr;         // the case that caught it, or null
  search_result found{};                 // what it saw
  std::string engine_failure{};    // not empty: a search failed, or none was made, and no other one caught it
};

/// How long to search, in seconds of processor time.
struct weaken_limits {
  double each_case = 5;
  double each_order = 60;
};

/// Returns the next weaker orders of an operation; empty for relaxed.
[[nodiscard]] std::vector<relacy::order> weaker_orders(site const& s);

/// Returns the label that argues the operation's order: "C1"; empty where there is none.
[[nodiscard]] std::string label_of(site const& s);

/// Returns the operations that the cases execute, with an order above relaxed, of the files that end in `header`, or
/// that are in it where it ends in a slash; and the pairs that `pairs` names ("C1+C2") or the file itself.
///
/// Errors  usage_error where no case executes any operation of it; it names the headers that are executed. The same
///         where a pair is not two labels of the file. std::runtime_error where a search failed.
[[nodiscard]] std::vector<weakening> plan_weakenings(std::vector<test_case const*> const& cases,
                                                     std::string_view header, std::vector<std::string> const& pairs,
                                                     unsigned parallel, run_hooks const& hooks);

/// Searches each of `plan` with the cases that execute the operation, until one of them catches it. Those come first
/// that have caught another one, then those whose searches end soonest.
void run_weakenings(std::vector<weakening>& plan, weaken_limits const& limits, unsigned parallel,
                    std::function<void(weakening const&)> const& done, std::function<bool()> const& stop);

/// Returns source lines of the plan's files that name an order above relaxed and that no case executed: "core/x.hpp:65
/// [B2]". A call may span lines, so an operation two lines away counts as the one that is meant.
[[nodiscard]] std::vector<std::string> lines_not_executed(std::vector<weakening> const& plan);

[[nodiscard]] std::string line_of(weakening const& w);
void write_csv(std::ostream& out, std::vector<weakening> const& all);
void write_json(std::ostream& out, std::vector<weakening> const& all);

}  // namespace surewake::verify
