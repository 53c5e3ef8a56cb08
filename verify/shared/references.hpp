// surewake/verify/shared/references.hpp: what a paper must cite for an algorithm, from the references that stand with
// its header.
//
// A header names its sources in its text, `[@cqs2023]`; the entries are those of references.bib. To add a source: an
// entry there, written as the others are (a field a line), and its key in the header.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace surewake::program {

struct source {
  std::string key{};                   // "cqs2023"
  std::string type{};                  // of BibTeX: "article", "inproceedings", "book", "techreport", "misc"
  std::vector<std::string> authors{};  // "Koval, Nikita"; of a group its name alone
  std::string title{};
  std::string venue{};  // journal, proceedings, publisher, institution
  std::string year{};
  std::string note{};
  std::string url{};   // a DOI's, or where it is published
  std::string text{};  // the entry as references.bib has it
};

/// Returns every source, in the order of references.bib.
[[nodiscard]] std::vector<source> const& all_sources();

/// Returns the source with this key.   Errors  std::out_of_range, which names it
[[nodiscard]] source const& source_of(std::string_view key);

/// Returns the sources that a header of ours names, in the order of its text: of "queues/segmented_queue.hpp", or of a
/// file that the program was not built with none.
[[nodiscard]] std::vector<source> cited_by(std::string_view header);

/// Returns the headers that name a source.
[[nodiscard]] std::set<std::string> citing_headers();

/// Adds those of `more` that `all` has not.
void add_sources(std::vector<source>& all, std::vector<source> const& more);

/// Writes entries, and first of all one for surewake itself at this version and commit.
[[nodiscard]] std::string bibtex_of(std::vector<source> const& all, std::string_view version, std::string_view commit);
/// The same as a file in the Citation File Format 1.2.
[[nodiscard]] std::string cff_of(std::vector<source> const& all, std::string_view version, std::string_view commit);

/// Chooses between the two: "bibtex" or "cff".   Errors  usage_error for any other `format`
[[nodiscard]] std::string citations_of(std::vector<source> const& all, std::string_view format,
                                       std::string_view version, std::string_view commit);

namespace detail {
struct citing {
  std::string_view header;
  std::string_view key;
};
// Written by the build (references.cmake).
[[nodiscard]] std::string_view bibliography() noexcept;
[[nodiscard]] std::span<citing const> citing_headers() noexcept;
}  // namespace detail

}  // namespace surewake::program
