#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/core/coroutine/schedule.hpp>
#include <surewake/core/coroutine/sync_wait.hpp>

#include <doctest/doctest.h>

#include <string>
#include <thread>

namespace sync_wait_test {

using namespace surewake;
using P = std_platform;

namespace {

/// Resumed by a thread of its own.
struct on_new_thread {
  std::thread& thread;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) const {
    std::thread& t = thread;  // once it runs, the awaiter may be gone
    t = std::thread([h] { h.resume(); });
  }
  void await_resume() const noexcept {}
};

/// Made ready on this thread while it waits, by trampoline.
struct via_ready_list : work<P> {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) noexcept {
    set_handle(h);
    trampoline<P>::resume(*this);
  }
  void await_resume() const noexcept {}
};

}  // namespace

TEST_CASE("sync_wait returns what the awaitable yields") {
  auto const value = []() -> task<std::string> { co_return "done"; };
  CHECK(sync_wait(value()) == "done");
  int x = 0;
  auto const reference = [](int& r) -> task<int&> { co_return r; };
  CHECK(&sync_wait(reference(x)) == &x);
  auto const nothing = []() -> task<> { co_return; };
  sync_wait(nothing());
  sync_wait(std::suspend_never{});
}

TEST_CASE("sync_wait rethrows") {
  auto const fails = []() -> task<int> {
    throw std::runtime_error("no");
    co_return 1;
  };
  CHECK_THROWS_WITH_AS(sync_wait(fails()), "no", std::runtime_error);
}

TEST_CASE("sync_wait blocks until another thread has finished the awaitable, and sees what it wrote") {
  for (int i = 0; i < 200; ++i) {
    std::thread other;
    int written = 0;
    auto const f = [](std::thread& t, int& w) -> task<std::thread::id> {
      co_await on_new_thread{t};
      w = 42;
      co_return std::this_thread::get_id();
    };
    std::thread::id const ran_on = sync_wait(f(other, written));
    CHECK(written == 42);
    CHECK(ran_on == other.get_id());
    other.join();
  }
}

TEST_CASE("sync_wait sleeps, rather than spins, while the other thread takes its time") {
  std::thread other;
  auto const f = [](std::thread& t) -> task<> {
    co_await on_new_thread{t};
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  };
  auto const seconds_used = [] {
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
  };
  double const before = seconds_used();
  sync_wait(f(other));
  CHECK(seconds_used() - before < 0.05);
  other.join();
}

TEST_CASE("sync_wait runs what becomes ready on its own thread before it blocks") { sync_wait(via_ready_list{}); }

TEST_CASE("sync_wait inside a coroutine runs what is ready on the thread, whichever thread made it so") {
  auto const inner = []() -> task<int> {
    co_await via_ready_list{};
    co_return 1;
  };
  auto const outer = [&inner]() -> task<int> { co_return sync_wait(inner()) + sync_wait(inner()); };
  CHECK(sync_wait(outer()) == 2);
}

}  // namespace sync_wait_test
