// A forked child: of the threads only the one that forked is there. A program of its own, as a fork copies everything.
#include <surewake/core/coroutine/deadline_source.hpp>
#include <surewake/core/platform/child.test.hpp>
#include <surewake/core/platform/emulator.test.hpp>
#include <surewake/core/platform/others_sleep.test.hpp>
#include <surewake/core/platform/sanitizers.test.hpp>
#include <surewake/core/semaphore/scripted_queue.test.hpp>
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/core/coroutine/sync_wait.hpp>
#include <surewake/core/coroutine/thread_pool.hpp>

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <optional>
#include <thread>

namespace fork_test {

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;

// ThreadSanitizer ends a child whose thread gets the stack, and so the id, of one of its parent's ("dup thread with
// used id"), and qemu-user 7.2 ends each that starts one: under them the children of a process with threads start none.
constexpr bool children_start_threads = !tsan && !emulated;

namespace {

template <class F> int in_child(F f) {
  wait_until_others_sleep();
  return status_of(std::move(f));
}

int times_out(scripted& s) {
  auto const f = [](scripted& x) -> task<bool> {
    auto const p = co_await x.acquire_for(2ms);
    co_return p.has_value();
  };
  return sync_wait(f(s)) ? 1 : 0;
}

/// The same in the child of a process with threads.
int child_times_out(scripted& s) { return children_start_threads ? times_out(s) : 0; }

}  // namespace

// Nothing has started the shared pool yet.
TEST_CASE("a child of a process without threads has timers, and blocks and wakes as any process") {
  CHECK(in_child([] {
          scripted s(0);
          if (auto const p = s.try_acquire_for(1ms)) return 1;
          return times_out(s) + (thread_pool::shared().threads() != 0 ? 0 : 2);
        }) == 0);
}

TEST_CASE("a timed wait ends in a child although the shared pool was started before; and in the child's child") {
  scripted s(0);
  CHECK(times_out(s) == 0);
  for (int i = 0; i < 3; ++i) {
    CHECK(in_child([&] {
            int const mine = child_times_out(s);
            return mine + in_child([&] { return child_times_out(s); });
          }) == 0);
  }
  CHECK(times_out(s) == 0);
}

TEST_CASE("a child that forks while the parent's threads use the pool finds it whole") {
  scripted s(0);
  std::atomic<bool> over = false;
  std::thread busy([&] {
    thread_pool& pool = thread_pool::shared();
    struct idle_timer : detail::timer {
      idle_timer() : timer([](detail::timer&) noexcept {}) {}
    } t;
    while (!over) {
      pool.arm(t, detail::timer::time_point::max());
      pool.disarm(t);
    }
  });
  for (int i = 0; i < 20; ++i) CHECK(in_child([&] { return child_times_out(s); }) == 0);
  over = true;
  busy.join();
}

TEST_CASE("a wait that was limited in the parent can be dropped in the child, which does not resume it") {
  scripted s(0);
  visit end = visit::waiting;
  scripted::permit p;
  // On the heap: of an optional, an optimising g++ 12 believes that it may be destroyed uninitialised.
  auto f = std::make_unique<fiber>(keep([&] { return s.acquire_for(1h); }, end, p));
  CHECK(in_child([&] {
          f.reset();
          return child_times_out(s) + (s.waiters() == 0 ? 0 : 2) + (end == visit::waiting ? 0 : 4);
        }) == 0);
}

TEST_CASE("a pool of the parent can be destroyed in a child, and says what is wrong when it is used there") {
  std::optional<thread_pool> pool(std::in_place, 2U);
  CHECK(in_child([&] {
          pool.reset();
          if (!children_start_threads) return 0;
          thread_pool mine(1);
          sync_wait(mine.sleep_for(1ms));
          return 0;
        }) == 0);
  CHECK(in_child([&] {
          std::signal(SIGABRT, SIG_DFL);  // the test's own handler would report it
          sync_wait(pool->schedule());
          return 0;
        }) == -SIGABRT);
  sync_wait(pool->schedule());
}

TEST_CASE("a worker whose coroutine forks runs nothing of the parent's in the child, and says why") {
  thread_pool pool(1);
  std::atomic<int> ran = 0;
  auto const other = [&]() -> task<> {
    co_await pool.schedule();
    ++ran;
  };
  auto const forks = [&]() -> task<int> {
    co_await pool.schedule();
    start_detached(other());
    pid_t const child = ::fork();
    if (child == 0) {
      std::signal(SIGABRT, SIG_DFL);
      ::alarm(20);
      co_await std::suspend_always();
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    co_return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  };
  CHECK(sync_wait(forks()) == SIGABRT);
  sync_wait(pool.schedule());
  CHECK(ran == 1);
}

}  // namespace fork_test
