// surewake/verify/program/weaken.hpp: lowers one memory order at a time and searches again: does a model notice?
//
// Caught: the order is load-bearing, and a model shows what for. Survived: the models are blind there, or the order is
// stronger than it need be. The orders are changed as the program runs; nothing is compiled again.
#pragma once

#include <surewake/verify/program/runner.hpp>

#include <iosfwd>

namespace surewake::verify {

struct weakening {
  site at{};
  relacy::order to{};
  std::vector<test_case const*> executed_by{};
  std::uint64_t schedules = 0;     // searched with the lowered order
  test_case const* by = nullptr;   // the case that caught it, or null
  search_result found{};                 // what it saw
  std::string engine_failure{};    // not empty: a search failed, or none was made, and no other one caught it
};

/// Returns the next weaker orders of an operation; empty for relaxed.
[[nodiscard]] std::vector<relacy::order> weaker_orders(site const& s);

/// Returns the operations of the files that end in `header` which the cases execute, with an order above relaxed.
///
/// Errors  usage_error where no case executes any operation of it; it names the headers that are executed.
///         std::runtime_error where a search failed.
[[nodiscard]] std::vector<weakening> plan_weakenings(std::vector<test_case const*> const& cases,
                                                     std::string_view header, unsigned parallel,
                                                     run_hooks const& hooks);

/// Searches each of `plan` with the cases that execute the operation, until one of them catches it.
void run_weakenings(std::vector<weakening>& plan, double seconds, unsigned parallel,
                    std::function<void(weakening const&)> const& done, std::function<bool()> const& stop);

/// Returns source lines of the plan's files that name an order above relaxed and that no case executed: "core/x.hpp:65
/// [B2]". A call may span lines, so an operation two lines away counts as the one that is meant.
[[nodiscard]] std::vector<std::string> lines_not_executed(std::vector<weakening> const& plan);

[[nodiscard]] std::string line_of(weakening const& w);
void write_csv(std::ostream& out, std::vector<weakening> const& all);
void write_json(std::ostream& out, std::vector<weakening> const& all);

}  // namespace surewake::verify
