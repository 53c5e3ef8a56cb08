#include <surewake/core/coroutine/inline_executor.hpp>
#include <surewake/core/coroutine/schedule.hpp>
#include <surewake/core/coroutine/sync_wait.hpp>

#include <doctest/doctest.h>

namespace inline_executor_test {

using namespace surewake;
using P = std_platform;

namespace {

struct counted_work : work<P> {
  counted_work() : work<P>(&count) {}
  static void count(work<P>& w) noexcept { ++static_cast<counted_work&>(w).runs; }
  int runs = 0;
};

}  // namespace

TEST_CASE("outside of surewake inline_executor runs work before post returns") {
  inline_executor e;
  counted_work w;
  e.post(w);
  CHECK(w.runs == 1);
}

TEST_CASE("inside a scope the work waits until the scope is drained, and can be withdrawn until then") {
  inline_executor e;
  counted_work first;
  counted_work second;
  {
    trampoline<P>::scope const here;
    e.post(first);
    e.post(second);
    CHECK(first.runs == 0);
    CHECK(e.withdraw(first));
    trampoline<P>::drain();
    CHECK(second.runs == 1);
  }
  CHECK(first.runs == 0);
  CHECK(second.runs == 1);
}

TEST_CASE("a coroutine that reschedules itself a million times takes bounded stack") {
  auto const f = []() -> task<int> {
    inline_executor e;
    int n = 0;
    for (; n < 1'000'000; ++n) co_await schedule(e);
    co_return n;
  };
  CHECK(sync_wait(f()) == 1'000'000);
}

}  // namespace inline_executor_test
