#include <surewake/bench/results/references.hpp>
#include <surewake/queues/strategies.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace references_test {

using namespace surewake::bench;

namespace {

row of(char const* contestant) {
  row r;
  r.workload = "w";
  r.scenario = "s";
  r.contestant = contestant;
  r.kind = "strategy";
  return r;
}

}  // namespace

TEST_CASE("every strategy has a source") {
  surewake::strategies::for_each([]<class S>(S) {
    if constexpr (surewake::included<S>) {
      CHECK_MESSAGE(!sources_of(std::string(S::native::name) + "/hand_off").empty(), S::native::name);
    }
  });
  CHECK(!sources_of("uring_futex_per_waiter").empty());
}

TEST_CASE("a family is what stands before the first slash, blank or colon") {
  CHECK(sources_of("segmented_queue/barging").front().key == "cqs2023");
  CHECK(sources_of("std::counting_semaphore").front().key == "iso14882");
  CHECK(sources_of("moodycamel::LightweightSemaphore").front().key == "moodycamel");
  CHECK(sources_of("tokio 1.24").front().key == "tokio");
  CHECK(sources_of("locked RMW pair").empty());
}

TEST_CASE("a run cites each source once, and the statistics that its tables use") {
  results const r({of("segmented_queue/hand_off"), of("segmented_queue/barging"), of("sem_t"), of("bare")});
  std::vector<std::string_view> keys;
  for (source const& s : sources_of(r)) keys.push_back(s.key);
  CHECK(keys ==
        std::vector<std::string_view>{"cqs2023", "michael1996", "michael2004", "posix2017", "efron1979", "jain1984"});
}

TEST_CASE("BibTeX and CFF name authors, title, year and place, and the version that was measured") {
  auto const all = sources_of("segmented_queue/hand_off");
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
  CHECK(cff_of(sources_of("tokio"), "1", "c").find("      - name: \"The Tokio contributors\"\n") != std::string::npos);
}

}  // namespace references_test
