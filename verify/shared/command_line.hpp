// surewake/verify/shared/command_line.hpp: how the command-line programs read their arguments, and say what is wrong.
#pragma once

#include <surewake/verify/shared/output.hpp>
#include <surewake/verify/shared/program.hpp>
#include <surewake/verify/shared/provenance.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace surewake::program {

/// Writes `what` to standard error, with the program's name before it; returns `status`.
inline int wrong(std::string_view what, int status) {
  std::fprintf(stderr, "%s: %.*s\n", program_name(), static_cast<int>(what.size()), what.data());
  return status;
}

/// Reads the command line into `app`. To be called after prepare().
///
/// Returns  nothing where the command is to be carried out; otherwise the status to end with: the version or a help
///          text was asked for, and is written, or the arguments are wrong, and that is said.
[[nodiscard]] inline std::optional<int> read_arguments(CLI::App& app, int argc, char const* const* argv) {
  if (argc > 1 && argv[1][0] != '-') {  // CLI11 says only that a command is missing
    std::string names;
    bool known = false;
    for (CLI::App const* const command : app.get_subcommands({})) {
      known = known || command->get_name() == argv[1];
      names += (names.empty() ? "" : ", ") + command->get_name();
    }
    if (!known) return wrong(fmt::format("'{}': no such command; it must be one of {}", argv[1], names), wrong_usage);
  }
  try {
    app.parse(argc, argv);
  } catch (CLI::CallForVersion const&) {
    out().write(version_text());
    return as_expected;
  } catch (CLI::Success const&) {  // help
    out().write(app.help());
    return as_expected;
  } catch (CLI::ParseError const& e) {
    return wrong(fmt::format("{}\n({} --help shows what there is)", e.what(), program_name()), wrong_usage);
  }
  return std::nullopt;
}

}  // namespace surewake::program
