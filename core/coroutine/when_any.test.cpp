#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/core/coroutine/schedule.hpp>
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/core/coroutine/sync_wait.hpp>
#include <surewake/core/coroutine/thread_pool.hpp>
#include <surewake/core/coroutine/when_any.hpp>
#include <surewake/core/semaphore/scripted_queue.test.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace when_any_test {

using namespace surewake;
using surewake::testing::scripted;

TEST_CASE("when_any says which ended first, and what became of each; the others are told to stop") {
  scripted s(0), other(0);
  std::size_t first = 9;
  bool none = false;
  scripted::permit got;
  start_detached([](scripted& a, scripted& b, std::size_t& i, bool& empty, scripted::permit& p) -> task<> {
    auto r = co_await when_any([&](std::stop_token stop) { return a.acquire(stop); },
                               [&](std::stop_token stop) { return b.acquire(stop, 2); });
    i = r.first;
    auto mine = std::get<1>(r.results).take();
    if (mine) p = std::move(*mine);
    auto const theirs = std::get<0>(r.results).take();
    empty = !theirs;
  }(s, other, first, none, got));
  CHECK(s.waiters() + other.waiters() == 2);
  other.add_permits(2);
  CHECK(first == 1);
  CHECK(none);
  CHECK(got.count() == 2);
  CHECK(s.waiters() == 0);
}

TEST_CASE("when_any starts all, also where the first ends at once, and drops no result of one that came nevertheless") {
  scripted s(2);
  auto r = sync_wait(when_any([&](std::stop_token stop) { return s.acquire(stop); },
                              [&](std::stop_token stop) { return s.acquire(stop); }));
  CHECK(r.first == 0);
  auto const a = std::get<0>(r.results).take();
  auto const b = std::get<1>(r.results).take();
  CHECK(a);
  CHECK(b);
  CHECK(s.available_permits() == 0);
}

TEST_CASE("when_any: an exception is an end; void and references work; what does not stop is waited for") {
  manual_executor ex;
  int x = 0;
  bool over = false;
  auto const owned = std::make_shared<int>(4);
  start_detached([](manual_executor& on, int& to, bool& done, std::shared_ptr<int> kept) -> task<> {
    // It has a name, because g++ 12 would destroy a temporary's captures twice (README, Mind g++ 12.2).
    auto later = [&on, &to, kept](std::stop_token stop) -> task<int&> {
      co_await schedule(on);
      to = *kept + (stop.stop_requested() ? 1 : 0);
      co_return to;
    };
    auto r = co_await when_any([](std::stop_token) -> task<> { throw std::runtime_error("no"); co_return; }, later);
    CHECK(r.first == 0);
    CHECK_FALSE(std::get<0>(r.results).has_value());
    CHECK(std::get<0>(r.results).error() != nullptr);
    CHECK(std::get<1>(r.results).error() == nullptr);
    CHECK(&std::get<1>(r.results).take() == &to);
    CHECK_THROWS_WITH_AS(std::get<0>(r.results).take(), "no", std::runtime_error);
    done = true;
  }(ex, x, over, owned));
  CHECK_FALSE(over);
  ex.run();
  CHECK(over);
  CHECK(x == 5);
}

TEST_CASE("when_any on threads: the first of many ends the others") {
  using namespace std::chrono_literals;
  scripted never(0);
  thread_pool pool(2);
  auto const waits = [&](std::stop_token stop) -> task<bool> {
    co_await pool.schedule();
    co_return stop.stop_requested();
  };
  for (int i = 0; i != 200; ++i) {
    auto r = sync_wait(when_any(waits, waits, waits));
    CHECK(r.first < 3);
    CHECK(std::get<0>(r.results).has_value());
  }
}

TEST_CASE("when_all_settled: what became of each, and nothing is thrown") {
  auto const gives = [](int v) -> task<int> { co_return v; };
  auto const fails = [](int v) -> task<int> {
    if (v != 0) throw std::runtime_error(std::to_string(v));
    co_return 0;
  };
  auto const nothing = []() -> task<> { co_return; };
  auto [a, b, c] = sync_wait(when_all_settled(gives(1), fails(2), nothing()));
  CHECK(a.take() == 1);
  CHECK_FALSE(b.has_value());
  CHECK_THROWS_WITH_AS(b.take(), "2", std::runtime_error);
  CHECK(c.has_value());
  c.take();
  std::vector<task<int>> all;
  for (int i = 0; i != 4; ++i) all.push_back(i % 2 == 0 ? gives(i) : fails(i));
  auto many = sync_wait(when_all_settled(std::move(all)));
  REQUIRE(many.size() == 4);
  CHECK(many[2].take() == 2);
  CHECK_THROWS_WITH_AS(many[3].take(), "3", std::runtime_error);
  CHECK(sync_wait(when_all_settled(std::vector<task<>>())).empty());
}

}  // namespace when_any_test
