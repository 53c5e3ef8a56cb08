// surewake/bench/results/references.hpp: what a paper must cite for the rows that it uses.
//
// To add a source: an entry in `sources`; to say whose it is, its key in `origins`, beside the family of contestants
// that it belongs to: what stands before the first / or blank of their name, or the name of the method.
#pragma once

#include <surewake/bench/results/results.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace surewake::bench {

struct source {
  std::string_view key;      // "cqs2023"
  std::string_view type;     // of BibTeX: "article", "inproceedings", "book", "misc"
  std::string_view authors;  // "Koval, Nikita; Khalanskiy, Dmitry; Alistarh, Dan"
  std::string_view title;
  std::string_view venue;  // journal, proceedings, publisher
  std::string_view year;
  std::string_view url;  // a DOI's, or where it is published
};

/// Returns the sources of a contestant's algorithm, the nearest first; empty: it has none (a floor of ours).
[[nodiscard]] std::vector<source> sources_of(std::string_view contestant);

/// Returns those of every contestant of the results, and of the statistics that the tables use, each once.
[[nodiscard]] std::vector<source> sources_of(results const& r);

/// Writes entries, and first of all one for surewake itself at this version and commit.
[[nodiscard]] std::string bibtex_of(std::vector<source> const& all, std::string_view version, std::string_view commit);
/// The same as a file in the Citation File Format 1.2.
[[nodiscard]] std::string cff_of(std::vector<source> const& all, std::string_view version, std::string_view commit);

}  // namespace surewake::bench
