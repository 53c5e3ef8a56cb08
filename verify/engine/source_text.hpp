// surewake/verify/engine/source_text.hpp: the sources that traces quote.
//
// The build puts the text of ours into the program (embed_sources.cmake): a trace shows the lines that were compiled,
// also where they have been edited since, or are not on this machine. Those of users are read where the compiler found
// them.
#pragma once

#include <surewake/verify/engine/your_sources.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace surewake::verify {

/// A file of ours, named as traces name it: core/platform/spin_lock.hpp.
struct source_file {
  std::string_view name;
  std::string_view text;
};
[[nodiscard]] std::span<source_file const> built_sources() noexcept;

/// Returns which compiler built a user's cases, as <surewake/verify.hpp> says; empty in surewake-verify.
[[nodiscard]] std::string_view cases_built_by() noexcept;

/// Returns what traces call the file at `path`, as the compiler was given it: core/platform/spin_lock.hpp.
[[nodiscard]] char const* name_of_source(char const* path) noexcept;

/// Returns the lines of a file: as built, or, of a file that is not ours, as they are now; empty where it cannot be
/// read.
[[nodiscard]] std::vector<std::string> const& source_lines(std::string const& file);

/// Returns whether a file differs from what was built: of ours, its text in the folder that was built from; of any
/// other, its time against the program's. False where it cannot be read.
[[nodiscard]] bool changed_since_build(std::string const& file);

/// Returns the variable that an operation is called on, or that is its first argument: "word_" of
/// `word_.load(P::relaxed)` and of `P::await(word_, …)`; empty where the text does not say. `column` is that of the
/// call's parenthesis or, of an object that is constructed, of its name: as g++ reports them.
[[nodiscard]] std::string variable_at(std::string const& file, unsigned line, unsigned column);

}  // namespace surewake::verify
