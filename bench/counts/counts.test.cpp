#include <surewake/bench/counts/counts.hpp>
#include <surewake/bench/counts/operations.hpp>
#include <surewake/core/semaphore/hand_off.hpp>
#include <surewake/queues/mutex_deque.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace counts_test {

using namespace surewake::bench;

std::string text_of(char const* name) {
  std::ifstream const file(fmt::format("{}/bench/{}", SUREWAKE_SOURCE_FOLDER, name));
  REQUIRE_MESSAGE(file.good(), name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// What is recorded, without the lines of rings where this program, or this kernel, has none.
std::string recorded(std::vector<count_row> const& now) {
  std::string const all = text_of("counts.csv");
  CHECK(all.find(ring_counter) != all.npos);
  if (std::ranges::any_of(now, [](count_row const& r) { return r.counter == ring_counter; })) return all;
  std::istringstream lines(all);
  std::string kept;
  for (std::string line; std::getline(lines, line);) {
    if (line.find(ring_counter) == line.npos) kept += line + '\n';
  }
  return kept;
}

TEST_CASE("every operation takes as many steps as are recorded") {
  std::vector<count_row> const now = counted();
  for (std::string const& difference : differences(recorded(now), now)) {
    FAIL_CHECK(difference, "\nIf that is meant, say why in the commit: surewake-bench counts > bench/counts.csv");
  }
  CHECK(csv_of(now) == recorded(now));
  CHECK_MESSAGE(text_of("README.md").find(markdown_of(now)) != std::string::npos,
                "bench/README.md shows another table than surewake-bench counts --markdown:\n", markdown_of(now));
}

TEST_CASE("a count that changed, one that came and one that went are named") {
  std::vector<count_row> const now{{"q", "hand_off", "storm/at once", "rmw", "2"},
                                   {"q", "hand_off", "storm/at once", "load", "1.5"}};
  CHECK(differences(csv_of(now), now).empty());
  auto const found = differences(
      "strategy,discipline,operation,counter,value\n"
      "q,hand_off,storm/at once,rmw,1\n"
      "q,hand_off,storm/at once,cas,1\n",
      now);
  CHECK(found == std::vector<std::string>{"q,hand_off,storm/at once,rmw: 2, was 1",
                                          "q,hand_off,storm/at once,load: 1.5, was not there",
                                          "q,hand_off,storm/at once,cas: gone, was 1"});
}

/// The discipline hand_off whose every release takes one look more: what a change that costs a step looks like.
struct looks_twice : surewake::hand_off {
  template <surewake::platform P> class counter : public surewake::hand_off::counter<P> {
   public:
    using surewake::hand_off::counter<P>::counter;
    [[nodiscard]] std::int64_t put(std::int64_t n) noexcept {
      static_cast<void>(this->available());
      return surewake::hand_off::counter<P>::put(n);
    }
  };
};

TEST_CASE("one load more in a release is seen, and nothing else") {
  using plain = surewake::basic_semaphore<surewake::mutex_deque, counting_platform>;
  using slower = surewake::basic_semaphore<surewake::mutex_deque, counting_platform, looks_twice>;
  operation_steps const a = counting::free_permit_by_await<plain>();
  operation_steps const b = counting::free_permit_by_await<slower>();
  step_counts more;
  more.of[static_cast<std::size_t>(step::load)] = b.operations;
  CHECK(b.steps - a.steps == more);
}

}  // namespace counts_test
