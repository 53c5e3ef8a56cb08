#include <surewake/core/coroutine/event_loop.hpp>
#include <surewake/core/coroutine/small_loop.test.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace event_loop_test {

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;

static_assert(executor<small_loop, std_platform>);

namespace {

struct counting_work : work<std_platform> {
  counting_work() : work<std_platform>([](work<std_platform>& w) noexcept { ++static_cast<counting_work&>(w).runs; }) {}
  int runs = 0;
};

}  // namespace

TEST_CASE("a thread has one loop, which it alone runs") {
  CHECK(small_loop::current() == nullptr);
  {
    small_loop loop;
    CHECK(small_loop::current() == &loop);
    CHECK_THROWS_WITH_AS(small_loop second, "surewake: this thread has a small_loop", std::logic_error);
    std::jthread([&] {
      CHECK_FALSE(loop.on_own_thread());
      CHECK_THROWS_AS(loop.run(), std::logic_error);
    }).join();
  }
  CHECK(small_loop::current() == nullptr);
}

TEST_CASE("run returns when nothing is left, and does not wait for the background") {
  counted_operation background, op;  // the loop's end touches what is still in flight
  small_loop loop;
  loop.start_background(background);
  loop.run();
  loop.start(op);
  std::jthread kernel([&] {
    std::this_thread::sleep_for(5ms);
    loop.answer(op, 0);
  });
  loop.run();
  CHECK(op.runs == 1);
  CHECK(background.runs == 0);
}

TEST_CASE("a post ends the loop's sleep, and so does stop") {
  counted_operation stays;
  small_loop loop;
  loop.start(stays);
  counting_work item;
  std::jthread poster([&] {
    std::this_thread::sleep_for(5ms);
    loop.post(item);
    std::this_thread::sleep_for(5ms);
    loop.stop();
  });
  loop.run();
  CHECK(item.runs == 1);
  CHECK(stays.runs == 0);
  poster.join();
  CHECK_FALSE(loop.withdraw(item));
  loop.post(item);
  CHECK(loop.withdraw(item));
  loop.poll();
  CHECK(item.runs == 1);
}

TEST_CASE("a hook runs before the loop sleeps, and what it starts is not forgotten") {
  struct starts : work<std_platform> {
    starts() : work<std_platform>(&begin) {}
    static void begin(work<std_platform>& w) noexcept {
      auto& self = static_cast<starts&>(w);
      if (!std::exchange(self.begun, true)) small_loop::current()->start_completed(self.op, 0);
    }
    counted_operation op;
    bool begun = false;
  } hook;
  small_loop loop;
  detail::timer soon{[](detail::timer&) noexcept {}};
  loop.before_sleep(hook);
  loop.arm(soon, std_platform::now() + 3ms);
  loop.run();
  loop.remove_hook(hook);
  CHECK(hook.op.runs == 1);
}

TEST_CASE("what is attached is made once, and ends with the loop") {
  struct counted {
    explicit counted(small_loop&) {}
    counted(counted const&) = delete;
    counted& operator=(counted const&) = delete;
    ~counted() {
      if (ends != nullptr) ++*ends;
    }
    int* ends = nullptr;
  };
  int ends = 0;
  {
    small_loop loop;
    loop.attached<counted>().ends = &ends;
    CHECK(loop.attached<counted>().ends == &ends);
    CHECK(ends == 0);
  }
  CHECK(ends == 1);
}

TEST_CASE("a loop that ends cancels what is in flight, and calls its action") {
  counted_operation op;
  {
    small_loop loop;
    loop.start(op);
  }
  CHECK(op.runs == 1);
  CHECK(op.result() == -detail::canceled_error);
}

}  // namespace event_loop_test
