#include <surewake/verify/program/condensed.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

using namespace surewake::verify;

namespace {

/// A trace of two threads that have ten steps each at objects of their own, and one each at a shared one.
search_result long_trace() {
  search_result o;
  for (int t : {0, 1}) {
    for (int i = 0; i != 10; ++i)
      o.trace.push_back({.thread = t, .object = static_cast<unsigned>(t) + 1, .line = static_cast<unsigned>(i)});
    o.trace.push_back({.thread = t, .object = 3});
    o.trace.push_back({.thread = t, .object = static_cast<unsigned>(t) + 1});
  }
  return o;
}
std::vector<std::size_t> all_of(search_result const& o) {
  std::vector<std::size_t> steps(o.trace.size());
  std::iota(steps.begin(), steps.end(), 0U);
  return steps;
}

}  // namespace

TEST_CASE("condensed: a short trace is whole") {
  search_result const o = long_trace();
  std::vector<bool> const kept = condensed(o, all_of(o), 24);
  CHECK(std::ranges::count(kept, true) == 24);
}

TEST_CASE("condensed: what threads share, notes name or is stale stays longest, and the ends of threads always") {
  search_result o = long_trace();
  o.notes = {"{s3} is named, and {o7} is no step"};
  o.trace[5].stale = true;
  std::vector<bool> const kept = condensed(o, all_of(o), 10);
  for (std::size_t const i : {3U, 5U, 10U, 11U, 22U, 23U}) CHECK(kept[i]);
  CHECK(!kept[0]);
  CHECK(!kept[13]);
  std::vector<bool> const least = condensed(o, all_of(o), 1);
  CHECK(std::ranges::count(least, true) == 4);  // 3, 5, and the ends
}

TEST_CASE("condensed: a note names steps and objects as its reader asks") {
  std::string const note = "{s1} meets {o2}; {s12} {x} {s} {o";
  CHECK(named_steps(note) == std::vector<std::size_t>{1, 12});
  CHECK(note_text(note, [](std::size_t s) { return std::to_string(s + 1); }, [](unsigned) { return "word"; }) ==
        "2 meets word; 13 {x} {s} {o");
}

TEST_CASE("condensed: lines break between words") {
  CHECK(wrapped("one two three", 8) == "one two\n  three");
  CHECK(wrapped("one", 1) == "one");
}
