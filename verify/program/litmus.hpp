// surewake/verify/program/litmus.hpp: the commands about litmus programs: litmus visits every execution, export writes
// them for other tools.
#pragma once

#include <surewake/verify/engine/graph/litmus_file.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace surewake::verify {

/// Returns the result of an exploration as a line of JSON, without the end of the line. `differs` is what differs from
/// what was expected, in words; nullopt: nothing was expected.
[[nodiscard]] std::string litmus_line(std::string_view name, std::string_view memory, graph::exploration const& found,
                                      std::optional<std::string> const& differs = {});

/// Explores each program of `file` under `memory`, or under each model where it is none, and prints a line for each.
/// With `check`, compares with what the file expects.
///
/// Returns  an exit status.
///
/// Errors   usage_error where `memory` is no model.
[[nodiscard]] int litmus(std::string const& file, std::optional<std::string> const& memory, bool check);

/// Writes the programs of `file` that one of the patterns matches (all, where there is none) as litmus tests in C11: on
/// standard output, or each in a file of `folder`, beside the list of them for herd7, `@all`.
///
/// Returns  an exit status.
///
/// Errors   usage_error where a pattern is empty or nothing is matched; std::runtime_error where a file cannot be
///          written.
[[nodiscard]] int export_programs(std::string const& file, std::vector<std::string> const& patterns,
                                  std::optional<std::string> const& folder);

}  // namespace surewake::verify
