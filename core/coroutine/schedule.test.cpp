#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/coroutine/inline_executor.hpp>
#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/core/coroutine/schedule.hpp>
#include <surewake/core/coroutine/sync_wait.hpp>
#include <surewake/core/coroutine/thread_pool.hpp>

#include <doctest/doctest.h>

namespace schedule_test {

using namespace surewake;

namespace {

using testing::plain;

template <class E> plain hop(E& e, int& steps) {
  ++steps;
  co_await schedule(e);
  ++steps;
}

}  // namespace

TEST_CASE("schedule suspends the coroutine until the executor runs it") {
  manual_executor e;
  int steps = 0;
  plain const p = hop(e, steps);
  CHECK(steps == 1);
  CHECK(e.run() == 1);
  CHECK(steps == 2);
}

TEST_CASE("schedule on inline_executor goes on at once, or after the running coroutine") {
  inline_executor e;
  int steps = 0;
  plain const p = hop(e, steps);
  CHECK(steps == 2);
}

TEST_CASE("a coroutine that is destroyed while it is posted is withdrawn: any executor") {
  int steps = 0;
  manual_executor m;
  { plain const p = hop(m, steps); }
  CHECK(m.run() == 0);
  inline_executor i;
  // No coroutine, so the suspending one cannot transfer to itself through the ready list.
  work<std_platform> ahead([](work<std_platform>&) noexcept {});
  {
    trampoline<std_platform>::scope const here;
    i.post(ahead);
    { plain const p = hop(i, steps); }
  }
  CHECK(steps == 2);
}

TEST_CASE("a coroutine that is destroyed while a pool has it queued is withdrawn") {
  std_platform::atomic<std::uint32_t> hold{1};
  struct blocker : work<std_platform> {
    explicit blocker(std_platform::atomic<std::uint32_t>& h) : work<std_platform>(&block), held(h) {}
    static void block(work<std_platform>& w) noexcept { static_cast<blocker&>(w).held.wait(1); }
    std_platform::atomic<std::uint32_t>& held;
  } busy(hold);
  thread_pool pool(1);  // last: it runs what is queued before the others go
  pool.post(busy);
  int steps = 0;
  { plain const p = hop(pool, steps); }
  CHECK(steps == 1);
  hold.store(0);
  hold.notify_all();
}

TEST_CASE("schedule moves the coroutine to a thread of the pool") {
  thread_pool pool(1);
  auto const f = [](thread_pool& p) -> task<std::thread::id> {
    co_await schedule(p);
    auto const first = std::this_thread::get_id();
    co_await p.schedule();
    CHECK(std::this_thread::get_id() == first);
    co_return first;
  };
  CHECK(sync_wait(f(pool)) != std::this_thread::get_id());
}

}  // namespace schedule_test
