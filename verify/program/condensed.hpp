// surewake/verify/program/condensed.hpp: a trace of few lines, and what there is to say about it.
#pragma once

#include <surewake/verify/engine/relacy_engine.hpp>

#include <functional>
#include <string>
#include <vector>

namespace surewake::verify {

/// Returns the most lines that a trace with its notes has, unless everything is asked for.
inline constexpr std::size_t most_trace_lines = 30;

/// Returns for each of `steps`, numbers in the trace of `o`, whether it is shown where they have `most` lines: steps
/// that a note names, stale reads and the last step of each thread come first, then steps at objects that several
/// threads use, the later ones first. What is left out between two steps takes a line.
[[nodiscard]] std::vector<bool> condensed(search_result const& o, std::vector<std::size_t> const& steps,
                                          std::size_t most);

/// Returns the steps that a note names.
[[nodiscard]] std::vector<std::size_t> named_steps(std::string const& note);

/// Puts a note in words: each {s4} becomes what `step` says of 4, each {o2} what `object` says of 2.
[[nodiscard]] std::string note_text(std::string const& note, std::function<std::string(std::size_t)> const& step,
                                    std::function<std::string(unsigned)> const& object);

/// Breaks a text between words into lines of at most `columns`; the second one and those after it are indented.
[[nodiscard]] std::string wrapped(std::string const& text, std::size_t columns);

}  // namespace surewake::verify
