// The front end against a queue in which the test steps between any two steps. Its calls and errors are tested over
// every strategy in queues/conformance/semaphore.test.cpp.
#include <surewake/core/semaphore/scripted_queue.test.hpp>

#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/core/coroutine/start_detached.hpp>

#include <doctest/doctest.h>

namespace semaphore_test {

using namespace surewake;
using namespace surewake::testing;

TEST_CASE("a snapshot in the middle of anything is not negative") {
  scripted s(1);
  visit end = visit::waiting;
  scripted::permit p;
  auto const check = [&] {
    CHECK(s.available_permits() >= 0);
    CHECK(s.in_use() >= 0);
    CHECK(s.max_permits() >= 0);
  };
  at_point const a(&script::before_enqueue, check), b(&script::after_enqueue, check), c(&script::before_grant, check);
  auto const f = keep([&] { return s.acquire(4); }, end, p);
  s.add_permits(3);
  CHECK(end == visit::holding);
  CHECK(s.in_use() == 4);
  p.forget();
  check();
}

// What core/semaphore/permit.hpp warns of: the price of resuming in the destructor, and how not to pay it.
TEST_CASE("a waiter resumed by a permit that dies during unwinding sees that exception, on an executor it does not") {
  scripted s(1);
  manual_executor ex;
  for (bool const on_executor : {false, true}) {
    int seen = -1;
    auto const waits = [&]() -> task<> {
      if (on_executor) {
        auto const p = co_await s.acquire_on(ex);
        seen = std::uncaught_exceptions();
      } else {
        auto const p = co_await s.acquire();
        seen = std::uncaught_exceptions();
      }
    };
    try {
      auto const p = s.acquire_blocking();
      start_detached(waits());
      throw std::runtime_error("the holder fails");
    } catch (std::runtime_error const&) {
    }
    ex.run();
    CHECK(seen == (on_executor ? 0 : 1));
    CHECK(s.available_permits() == 1);
  }
}

TEST_CASE("an owned permit outlives every other owner of its semaphore, on threads and in coroutines") {
  auto s = std::make_shared<scripted>(2);
  std::weak_ptr<scripted> const seen = s;
  scripted::owned_permit kept;
  start_detached([](std::shared_ptr<scripted> mine, scripted::owned_permit& to) -> task<> {
    to = scripted::owned_permit(mine, co_await mine->acquire());
  }(s, kept));
  scripted::owned_permit other(s, s->acquire_blocking());
  s.reset();
  CHECK(kept.semaphore()->in_use() == 2);
  kept.release();
  CHECK(other.semaphore()->available_permits() == 1);
  other = {};
  CHECK(seen.expired());
}

}  // namespace semaphore_test
