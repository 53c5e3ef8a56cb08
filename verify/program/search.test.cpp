#include <surewake/verify/program/search.hpp>

#include <doctest/doctest.h>

using namespace surewake::verify;

TEST_CASE("a guess has two digits") {
  CHECK(about(0) == "about 0");
  CHECK(about(7) == "about 7");
  CHECK(about(3'449'999) == "about 3'400'000");
  CHECK(about(996) == "about 1'000");
  CHECK(about(2.26e17) == "about 2.3e+17");
}

TEST_CASE("progress: the share, executions a second of this sitting, guesses of all executions and of the time left") {
  CHECK(progress_text({}, {}, 0) == "0 % of the tree, 0 executions");
  CHECK(progress_text({.executions = 3'000, .share = 0.3}, {.executions = 1'000, .share = 0.1}, 10) ==
        "30.0 % of the tree, 3'000 executions, 200/s; a guess: about 10'000 in all, 0:35 left");
  CHECK(progress_text({.executions = 3'000, .share = 0.3}, {.executions = 1'000, .share = 0.3}, 10) ==
        "30.0 % of the tree, 3'000 executions, 200/s; a guess: about 10'000 in all");  // nothing to guess the time from
  CHECK(progress_text({.executions = 100, .share = 0.02}, {}, 100) ==
        "2 % of the tree, 100 executions, 1/s; a guess: about 5'000 in all, 1:21 hours left");
}
