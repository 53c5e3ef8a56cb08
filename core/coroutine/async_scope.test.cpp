#include <surewake/core/coroutine/async_scope.hpp>
#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/core/coroutine/schedule.hpp>
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/core/coroutine/sync_wait.hpp>
#include <surewake/core/coroutine/thread_pool.hpp>
#include <surewake/core/platform/child.test.hpp>
#include <surewake/core/semaphore/scripted_queue.test.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <stdexcept>

namespace async_scope_test {

using namespace surewake;
using surewake::testing::scripted;

namespace {

task<> ends(int& n) {
  ++n;
  co_return;
}
task<> later(manual_executor& ex, int& n) {
  co_await schedule(ex);
  ++n;
}
task<> joins(async_scope& scope, bool& over) {
  co_await scope.joined();
  over = true;
}

}  // namespace

TEST_CASE("a scope runs its tasks at once, and joined() waits for the last of them") {
  async_scope scope;
  manual_executor ex;
  int n = 0;
  bool over = false;
  CHECK(scope.spawn(ends(n)));
  CHECK(n == 1);
  CHECK(scope.spawn(later(ex, n)));
  CHECK(scope.spawn(later(ex, n)));
  start_detached(joins(scope, over));
  CHECK_FALSE(over);
  ex.run();
  CHECK(n == 3);
  CHECK(over);
}

TEST_CASE("a scope without tasks is joined at once, or needs not be") {
  async_scope scope, unused;
  sync_wait(scope.joined());
}

TEST_CASE("request_stop reaches the tasks by their token, and no task is started afterwards") {
  async_scope scope;
  scripted s(0);
  int given_up = 0, n = 0;
  auto mine = std::make_shared<int>(1);
  for (int i = 0; i != 3; ++i) {
    CHECK(scope.spawn([&, mine](std::stop_token stop) -> task<> {
      auto const p = co_await s.acquire(stop);
      if (!p) given_up += *mine;
    }));
  }
  CHECK(mine.use_count() == 4);
  CHECK(s.waiters() == 3);
  CHECK(scope.request_stop());
  CHECK_FALSE(scope.request_stop());
  CHECK(given_up == 3);
  CHECK(mine.use_count() == 1);
  CHECK_FALSE(scope.spawn(ends(n)));
  CHECK_FALSE(scope.spawn([&](std::stop_token) { return ends(n); }));
  CHECK(n == 0);
  sync_wait(scope.joined());
}

TEST_CASE("a task that fails stops the others, and joined() throws what it threw") {
  async_scope scope;
  scripted s(0);
  bool given_up = false;
  scope.spawn([&](std::stop_token stop) -> task<> {
    auto const p = co_await s.acquire(stop);
    given_up = !p;
    throw std::runtime_error("second");
  });
  scope.spawn([](std::stop_token) -> task<> { throw std::runtime_error("first"); co_return; });
  CHECK(given_up);
  CHECK(scope.token().stop_requested());
  CHECK_THROWS_WITH_AS(sync_wait(scope.joined()), "first", std::runtime_error);
}

TEST_CASE("a task of the scope may spawn more, also while it is joined") {
  async_scope scope;
  manual_executor ex;
  int n = 0;
  bool over = false;
  struct chain {
    static task<> link(async_scope& in, manual_executor& on, int& count, int left) {
      co_await schedule(on);
      ++count;
      if (left != 0) in.spawn(link(in, on, count, left - 1));
    }
  };
  scope.spawn(chain::link(scope, ex, n, 1000));
  start_detached(joins(scope, over));
  while (ex.run() != 0) {
  }
  CHECK(n == 1001);
  CHECK(over);
}

TEST_CASE("many tasks on threads are counted out once each, and what they did is seen") {
  for (int round = 0; round != 50; ++round) {
    thread_pool pool(2);
    auto scope = std::make_unique<async_scope>();
    std::vector<int> done(64);
    for (int& d : done) {
      scope->spawn([&](std::stop_token) -> task<> {
        co_await pool.schedule();
        d = 1;
      });
    }
    sync_wait(scope->joined());
    scope.reset();
    for (int const d : done) CHECK(d == 1);
  }
}

TEST_CASE("a million tasks that end at once take bounded stack") {
  async_scope scope;
  int n = 0;
  for (int i = 0; i != 1'000'000; ++i) scope.spawn(ends(n));
  CHECK(n == 1'000'000);
  sync_wait(scope.joined());
}

}  // namespace async_scope_test
