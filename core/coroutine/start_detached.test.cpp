#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/core/coroutine/schedule.hpp>
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/core/platform/child.test.hpp>

#include <doctest/doctest.h>

#include <exception>
#include <memory>

namespace start_detached_test {

using namespace surewake;

namespace {

using testing::counting_platform;

using counted = task<void, counting_platform>;

}  // namespace

TEST_CASE("a detached task runs until it suspends, and frees itself when it ends") {
  manual_executor e;
  auto const held = std::make_shared<int>(0);
  auto const f = [](manual_executor& x, std::shared_ptr<int> p) -> counted {
    ++*p;
    co_await schedule(x);
    ++*p;
  };
  start_detached(f(e, held));
  CHECK(*held == 1);
  CHECK(counting_platform::frames == 2);
  CHECK(e.run() == 1);
  CHECK(*held == 2);
  CHECK(held.use_count() == 1);
  CHECK(counting_platform::frames == 0);
}

TEST_CASE("what a detached task makes ready runs after it has suspended, before start_detached returns") {
  struct note : work<std_platform> {
    note() : work<std_platform>([](work<std_platform>& w) noexcept { static_cast<note&>(w).ran = true; }) {}
    bool ran = false;
  } granted;
  bool nested = true;
  auto const f = [](note& n, bool& inside) -> task<> {
    trampoline<std_platform>::resume(n);
    inside = n.ran;
    co_return;
  };
  start_detached(f(granted, nested));
  CHECK_FALSE(nested);
  CHECK(granted.ran);
}

TEST_CASE("an exception that leaves a detached task ends the program" * doctest::skip(!testing::can_fork)) {
  CHECK(testing::status_of([] {
          std::set_terminate([] { ::_exit(77); });
          start_detached([]() -> task<> {
            throw 1;
            co_return;
          }());
          return 0;
        }) == 77);
}

}  // namespace start_detached_test
