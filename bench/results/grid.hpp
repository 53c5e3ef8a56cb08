// surewake/bench/results/grid.hpp: a table of texts, written for a terminal, in Markdown or in LaTeX.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace surewake::bench {

struct grid {
  std::string title;
  std::vector<std::string> head;                 // of each column; the first is aligned left, the others right
  std::vector<std::vector<std::string>> lines{};  // a cell a column, or fewer
  std::vector<std::string> notes{};
};

enum class table_format { text, markdown, latex, csv };

/// Writes grids one after the other; `csv` is no format of grids.
///
/// text       columns padded with blanks
/// markdown   tables of GitHub's kind
/// latex      a `table` with a `tabular` each, which need no package beyond inputenc and textcomp
[[nodiscard]] std::string written(std::vector<grid> const& grids, table_format format);

/// Returns the text as LaTeX shows it: its special characters, and those of ours that it has commands for.
[[nodiscard]] std::string latex_of(std::string_view text);

/// Returns how many characters a terminal shows for UTF-8.
[[nodiscard]] std::size_t shown_width(std::string_view text) noexcept;

}  // namespace surewake::bench
