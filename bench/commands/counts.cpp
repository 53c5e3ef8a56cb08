#include <surewake/bench/commands/command.hpp>
#include <surewake/bench/counts/counts.hpp>

#include <memory>

namespace surewake::bench {

/// Errors  wrong_result where an operation does not do what it should.
command add_counts(CLI::App& app) {
  auto const markdown = std::make_shared<bool>(false);
  CLI::App* const c = app.add_subcommand("counts", "Print the exact steps of every operation, as CSV");
  c->add_flag("--markdown", *markdown, "Of locked instructions only, as a table in Markdown");
  return {c, [markdown] {
            std::vector<count_row> const rows = counted();
            program::out().write(*markdown ? markdown_of(rows) : csv_of(rows));
            return static_cast<int>(program::as_expected);
          }};
}

}  // namespace surewake::bench
