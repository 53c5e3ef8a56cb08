#include <surewake/verify/shared/program.hpp>
#include <surewake/verify/shared/references.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace shared_references_test {

using namespace surewake::program;

TEST_CASE("every entry of the bibliography is read whole") {
  std::set<std::string> keys;
  for (source const& s : all_sources()) {
    CHECK_MESSAGE(keys.insert(s.key).second, s.key);
    CHECK_MESSAGE((!s.type.empty() && !s.authors.empty() && !s.title.empty()), s.key);
    CHECK_MESSAGE(s.text.starts_with("@" + s.type + "{" + s.key + ",\n"), s.key);
    CHECK_MESSAGE(s.text.ends_with("\n}"), s.key);
    CHECK_MESSAGE(std::ranges::count(s.text, '{') == std::ranges::count(s.text, '}'), s.key);
  }
  CHECK(keys.size() > 40);
}

TEST_CASE("what headers cite is in the bibliography") {
  CHECK(detail::citing_headers().size() > 20);
  for (detail::citing const& c : detail::citing_headers()) CHECK_NOTHROW(static_cast<void>(source_of(c.key)));
  CHECK_THROWS_AS(static_cast<void>(source_of("nobody1900")), std::out_of_range);
}

TEST_CASE("a header's sources come in the order of its text; what is no header has none") {
  std::vector<std::string> keys;
  for (source const& s : cited_by("queues/segmented_queue.hpp")) keys.push_back(s.key);
  CHECK(keys == std::vector<std::string>{"cqs2023", "michael1996", "michael2004"});
  CHECK(cited_by("queues/nowhere.hpp").empty());
}

TEST_CASE("BibTeX and CFF name authors, title, year and place, and the version that was used") {
  auto const all = cited_by("queues/segmented_queue.hpp");
  std::string const bib = bibtex_of(all, "0.1.0", "abc");
  CHECK(bib.find("note = {version 0.1.0, commit abc}") != std::string::npos);
  CHECK(bib.find("@inproceedings{michael1996,\n  author = {Michael, Maged M. and Scott, Michael L.},\n") !=
        std::string::npos);
  CHECK(bib.find("booktitle = {Proceedings of the 15th") != std::string::npos);
  CHECK(std::ranges::count(bib, '{') == std::ranges::count(bib, '}'));
  std::string const cff = cff_of(all, "0.1.0", "abc");
  CHECK(cff.starts_with("cff-version: 1.2.0\n"));
  CHECK(cff.find("      - family-names: \"Scott\"\n        given-names: \"Michael L.\"\n") != std::string::npos);
  CHECK(cff.find("    collection-title: \"Proceedings of the 15th") != std::string::npos);
  CHECK(cff_of({source_of("tokio")}, "1", "c").find("      - name: \"The Tokio contributors\"\n") != std::string::npos);
  CHECK(cff_of({source_of("axboe2019")}, "1", "c").find("title: \"Efficient IO with io_uring\"") != std::string::npos);
  CHECK(citations_of(all, "cff", "0.1.0", "abc") == cff);
  CHECK_THROWS_AS(static_cast<void>(citations_of(all, "ris", "0.1.0", "abc")), usage_error);
}

}  // namespace shared_references_test
