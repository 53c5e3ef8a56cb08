// surewake/verify/shared/provenance.hpp: what a result comes from: which program, built from what, run where, when and
// how.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace surewake::program {

/// Returns "surewake-verify"; the name that prepare() was given.
[[nodiscard]] char const* program_name() noexcept;

/// Returns program, version, commit, compiler, flags, machine, kernel, time of the start, command line: each a text.
/// Where the sources were no git checkout when the program was built, the commit says so.
[[nodiscard]] nlohmann::ordered_json const& provenance();

/// Returns the same on one line.
[[nodiscard]] std::string provenance_line();

/// Returns "surewake-verify 0.1.0" and what it was built from: for --version.
[[nodiscard]] std::string version_text();

/// Returns now, UTC, ISO 8601.
[[nodiscard]] std::string timestamp();

/// Adds a fact of one program's own, such as the engine it searches with: to be called before the first output.
void add_provenance(char const* key, std::string value);

namespace detail {
void set_command(char const* program, int argc, char const* const* argv);
}

}  // namespace surewake::program
