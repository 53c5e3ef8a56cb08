// surewake/verify/engine/graph/litmus_file.hpp: litmus programs in files, with what is known of them.
//
// A line of a file is one program, as JSON:
//
//   {"name": "MP", "threads": ["W x 1 rlx;W y 1 rel", "R r0 y acq;R r1 x rlx"], "locs": ["x", "y"],
//    "weak": "1:r0=1 1:r1=0", "expect": {"rc11": {"executions": 3, "states": ["1:r0=0 1:r1=0 x=1 y=1", …]}, …}}
//
// `threads` alone must be there: statements as in litmus.hpp. `locs` are the locations that final states show, beside
// those that are used, and without those that are plain: in `plain`, or by their accesses. `weak` is the final state in
// question. `expect` is, for each memory model, some of `executions`, `blocked`, `states` (all of them, or their
// number) and `race`. Other members are ignored.
#pragma once

#include <surewake/verify/engine/graph/litmus.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace surewake::verify::graph {

inline constexpr std::array<std::pair<std::string_view, memory_model>, 3> memory_models{
    {{"sc", memory_model::sc}, {"rc11", memory_model::rc11}, {"cpp20", memory_model::cpp20}}};

/// What is known of a program under one memory model.
struct expectation {
  std::optional<std::uint64_t> executions{};
  std::optional<std::uint64_t> blocked{};
  std::optional<std::size_t> number_of_states{};
  std::optional<std::vector<std::string>> states{};
  std::optional<bool> race{};
};

/// A program of a file.
struct known_program {
  std::string name{};  // empty: the file has none
  std::vector<std::string> threads{};
  std::vector<std::string> locations{};
  std::vector<std::string> plain{};
  std::string weak{};
  std::map<memory_model, expectation> expect{};

  [[nodiscard]] program parsed() const { return parse_program(threads, locations, plain); }
};

/// Reads a line of a file.
///
/// Errors  bad_program, which says where the line is no such program; a statement is looked at by parsed() only.
[[nodiscard]] known_program read_program(std::string const& line);

/// Returns what differs from what is known, in words; empty: nothing. No execution may have been visited twice.
[[nodiscard]] std::string differences(exploration const& found, expectation const& known);

}  // namespace surewake::verify::graph
