#include <surewake/verify/engine/stall.hpp>

#include <doctest/doctest.h>

#include <array>
#include <stdexcept>

namespace progress_test {

using namespace surewake::verify;

namespace {

std::array<std::string, 2> const scenes{"many", "hand_off"};

std::vector<claim> parsed(std::string_view text, std::vector<std::string> const& operations) {
  return parse_claims(text, scenes, operations);
}

claim const wait_free{.operation = "take", .what = promise::wait_free, .steps = 2};
claim const blocking{.operation = "grant", .what = promise::blocking, .under = {"mutex", "a_lock"}};

}  // namespace

TEST_CASE("claims are read as headers spell them") {
  CHECK(parsed("take wait-free in 2 steps; grant blocking under mutex or a_lock", {"take", "grant"}) ==
        std::vector{wait_free, blocking});
  CHECK(parsed("a, b and c lock-free; d obstruction-free", {"c", "d"}) ==
        std::vector{claim{.operation = "c", .what = promise::lock_free},
                    claim{.operation = "d", .what = promise::obstruction_free}});
  CHECK(to_string(wait_free) == "wait-free in 2 steps");
  CHECK(to_string(blocking) == "blocking under mutex or a_lock");
}

TEST_CASE("a clause is about its scenes, and without any about all") {
  std::string_view const text = "open: take wait-free in 1 step; many: take wait-free in 2 steps; put lock-free";
  CHECK(parsed(text, {"take"}).front() == wait_free);
  CHECK(parsed(text, {"put"}).size() == 1);
  CHECK(parsed("open and barging: a lock-free; single, hand_off: a obstruction-free", {"a"}).front().what ==
        promise::obstruction_free);
}

TEST_CASE("claims that are not understood, missing or double are errors") {
  for (char const* const wrong :
       {"", "a", "a lock-free b", "a lock-free;", "a wait-free", "a wait-free in no steps", "a wait-free in 2",
        "a blocking", "a blocking under", "a, lock-free", "many: lock-free", "b lock-free",
        "a lock-free; a lock-free"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parsed(wrong, {"a"}), std::invalid_argument);
  }
}

TEST_CASE("a place is a mutex, or a header's name without its folder and ending") {
  CHECK(is_under(blocking, "mutex"));
  CHECK(is_under(blocking, "core/a_lock.hpp"));
  CHECK_FALSE(is_under(blocking, "core/a_lock_2.hpp"));
  CHECK_FALSE(is_under(blocking, "a_lock/b.hpp"));
  CHECK_FALSE(is_under(wait_free, ""));
}

TEST_CASE("a thread stalls alone, or all but one do, until the others have ended") {
  std::vector<claim> const claims{wait_free};
  stall s(claims);
  s.begin_schedule(3);
  CHECK(s.may_stop());
  s.stop(1, std::nullopt);
  CHECK(s.on());
  CHECK(s.stands(1));
  CHECK_FALSE(s.stands(0));
  s.parked(1, true);
  s.ends(0);
  CHECK_FALSE(s.all_ended());
  s.ends(2);
  CHECK(s.all_ended());
  std::vector<std::size_t> woken;
  s.go_on([&](std::size_t i) { woken.push_back(i); });
  CHECK(woken == std::vector<std::size_t>{1});
  CHECK_FALSE(s.stands(1));
  CHECK_FALSE(s.may_stop());

  s.begin_schedule(3);
  s.stop(1, 2);
  CHECK(s.one_runs_alone());
  CHECK(s.stands(0));
  CHECK(s.stands(1));
  CHECK_FALSE(s.stands(2));
}

TEST_CASE("steps count for every operation that is under way, and a bound that is broken is named") {
  std::vector<claim> const claims{wait_free, blocking};
  stall s(claims);
  s.begin_schedule(1);
  REQUIRE(s.enter(0, "grant"));
  REQUIRE(s.enter(0, "take"));
  REQUIRE(s.enter(0, "not claimed"));
  CHECK(s.step(0) == nullptr);
  CHECK(s.step(0) == nullptr);
  CHECK(s.step(0) == &claims[0]);
  s.leave(0, "not claimed");
  CHECK(s.name_of_operation(0) == std::string("take"));
  s.leave(0, "take");
  CHECK(s.name_of_operation(0) == std::string("grant"));
  s.leave(0, "grant");
  CHECK(s.name_of_operation(0) == std::string("no operation"));
}

TEST_CASE("claims that promise less than what was seen are named") {
  std::vector<claim> const claims{wait_free, blocking};
  stall s(claims);
  auto const call = [&](char const* operation, int steps) {
    s.begin_schedule(2);
    REQUIRE(s.enter(0, operation));
    for (; steps != 0; --steps) static_cast<void>(s.step(0));
    s.leave(0, operation);
    s.stop(1, std::nullopt);
  };
  CHECK(s.too_weak() == "take was never called");
  call("take", 1);
  CHECK(s.too_weak() == "take is wait-free in 2 steps, and never needed more than 1");
  call("take", 2);
  call("grant", 5);
  CHECK(s.too_weak() == "grant is blocking under mutex or a_lock, and always came to its end");
  s.blocks(1);
  CHECK(s.too_weak().empty());
  CHECK(s.summary() == "3 stalls; always end: take (2 steps); wait for the stalled thread, where claimed: grant");
}

}  // namespace progress_test
