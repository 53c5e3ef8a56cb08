// surewake/verify/program/drawing_files.hpp: the files for the execution that a trace shows: as JSON, and as a drawing.
#pragma once

#include <surewake/verify/engine/graph/drawing.hpp>
#include <surewake/verify/shared/output.hpp>
#include <surewake/verify/shared/program.hpp>

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>

namespace surewake::verify {

/// Opens the files at once, so that a wrong path costs nothing. "-" is standard output.
class drawing_files {
 public:
  /// Errors  usage_error where a name is empty or both are standard output; std::runtime_error where a file cannot be
  ///         written
  drawing_files(std::optional<std::string> const& json, std::optional<std::string> const& dot) {
    if (json == "-" && dot == "-")
      throw program::usage_error("--json - and --dot - exclude each other: both are standard output");
    open(0, "--json", json);
    open(1, "--dot", dot);
  }
  [[nodiscard]] bool asked_for() const noexcept { return asked_for_; }
  /// Returns whether one goes to standard output, where nothing else may be then.
  [[nodiscard]] bool take_output() const noexcept { return to_output_[0] || to_output_[1]; }
  /// Writes an execution, given as JSON (search_result::graph).   Errors  std::runtime_error
  void write(std::string const& execution) {
    if (to_output_[0] || files_[0]) put(0, execution + "\n");
    if (to_output_[1] || files_[1]) put(1, graph::dot_of(execution));
  }

 private:
  void open(std::size_t i, char const* name, std::optional<std::string> const& file) {
    if (!file) return;
    if (file->empty())
      throw program::usage_error(fmt::format("{} '': it must be a file, or - for standard output", name));
    asked_for_ = true;
    to_output_[i] = *file == "-";
    if (!to_output_[i]) files_[i].emplace(*file);
  }
  void put(std::size_t i, std::string const& text) {
    if (to_output_[i]) program::out().write(text);
    if (files_[i]) files_[i]->commit(text);
  }

  bool asked_for_ = false;
  std::array<bool, 2> to_output_{};
  std::array<std::optional<program::output_file>, 2> files_{};
};

}  // namespace surewake::verify
