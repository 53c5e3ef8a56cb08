#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/coroutine/loop_awaiter.hpp>
#include <surewake/core/coroutine/small_loop.test.hpp>
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/core/coroutine/task.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <thread>

namespace loop_awaiter_test {

using namespace surewake;
using namespace surewake::testing;

namespace {

task<> ask(small_loop& loop, std::stop_token stop, std::optional<io_result>& got) {
  got = co_await loop.request(std::move(stop));
}

}  // namespace

TEST_CASE("a coroutine gets what the kernel answers") {
  small_loop loop;
  std::optional<io_result> got;
  start_detached(ask(loop, {}, got));
  REQUIRE(loop.sent.size() == 1);
  CHECK_FALSE(got);
  loop.answer(*loop.sent[0], 9);
  loop.run();
  REQUIRE(got);
  CHECK(got->value() == 9);
}

TEST_CASE("a stop asks the kernel to give the operation up, from this thread and from another one") {
  for (bool const outside : {false, true}) {
    small_loop loop;
    std::stop_source stop;
    std::optional<io_result> got;
    start_detached(ask(loop, stop.get_token(), got));
    if (outside) {
      std::jthread([&] { stop.request_stop(); }).join();
      CHECK(loop.cancels == 0);  // the loop asks, not the other thread
    } else {
      stop.request_stop();
    }
    loop.run();
    CHECK(loop.cancels == 1);
    REQUIRE(got);
    CHECK(got->canceled());
  }
}

TEST_CASE("an answer that came before the stop wins") {
  small_loop loop;
  std::stop_source stop;
  std::optional<io_result> got;
  start_detached(ask(loop, stop.get_token(), got));
  loop.answer(*loop.sent[0], 4);
  stop.request_stop();
  loop.run();
  REQUIRE(got);
  CHECK(got->value() == 4);
}

TEST_CASE("an operation that was stopped before it began never reaches the kernel") {
  small_loop loop;
  std::stop_source stop;
  stop.request_stop();
  std::optional<io_result> got;
  start_detached(ask(loop, stop.get_token(), got));
  REQUIRE(got);
  CHECK(got->canceled());
  CHECK(loop.sent.empty());
}

TEST_CASE("a coroutine that is destroyed while it waits gives its operation up first") {
  small_loop loop;
  {
    plain const waits = [](small_loop& l) -> plain { co_await l.request(); }(loop);
    CHECK(loop.sent.size() == 1);
  }
  CHECK(loop.cancels == 1);
  CHECK(loop.poll() == 0);
}

TEST_CASE("a coroutine that asks on another thread is brought to the loop's") {
  small_loop loop;
  std::thread::id ran;
  std::jthread([&] {
    start_detached([](small_loop& l, std::thread::id& r) -> task<> {
      co_await l.request();
      r = std::this_thread::get_id();
    }(loop, ran));
  }).join();
  CHECK(loop.sent.empty());
  loop.poll();
  REQUIRE(loop.sent.size() == 1);
  loop.answer(*loop.sent[0], 0);
  loop.run();
  CHECK(ran == std::this_thread::get_id());
}

}  // namespace loop_awaiter_test
