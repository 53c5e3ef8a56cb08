// surewake/verify/program/each_program.hpp: reads litmus programs from a file or from standard input, line by line, so
// that each is dealt with before the next one is there.
#pragma once

#include <surewake/verify/engine/graph/litmus_file.hpp>

#include <functional>
#include <string>

namespace surewake::verify {

/// A program, and where it stands.
struct program_of_file {
  graph::known_program known{};  // its name is "line N" where the file has none
  graph::program parsed{};
};

/// Calls `each` with each program of `file`, or of standard input where it is "-". What is wrong is said on standard
/// error, with the file, the line, the program's name and the statement, and the next line is read: of a line that is
/// no program, of one for which `each` throws bad_program, and of a file that cannot be read or has no program.
/// Stops after a signal, where nobody reads the output any more, and after 20 complaints.
///
/// Returns  an exit status: could_not where something was wrong.
[[nodiscard]] int for_each_program(std::string const& file, std::function<void(program_of_file const&)> const& each);

}  // namespace surewake::verify
