#include <surewake/core/semaphore/scripted_queue.test.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

namespace blocking_wait_test {

using namespace surewake;
using namespace surewake::detail;
using namespace surewake::testing;
using namespace std::chrono_literals;

namespace {

/// The machine, noting how often a thread slept or woke another one.
struct noting_platform : std_platform {
  static inline std::atomic<int> sleeps{0}, wakes{0};
  static inline std::chrono::nanoseconds spun{-1};
  static void futex_wait(atomic<std::uint32_t> const& w, std::uint32_t v) noexcept {
    ++sleeps;
    std_platform::futex_wait(w, v);
  }
  static bool futex_wait_until(atomic<std::uint32_t> const& w, std::uint32_t v, clock::time_point t) noexcept {
    ++sleeps;
    return std_platform::futex_wait_until(w, v, t);
  }
  static void futex_wake(atomic<std::uint32_t> const* w, int n) noexcept {
    ++wakes;
    std_platform::futex_wake(w, n);
  }
  template <class A, class F> static bool spin(A const& w, F pred, order o, std::chrono::nanoseconds d) noexcept {
    spun = d;
    return std_platform::spin(w, pred, o, d);
  }
};
using noting = basic_semaphore<scripted_queue, noting_platform>;

/// Has another thread call f once the waiter is registered, after a while; joins it at its end.
class later {
 public:
  explicit later(std::function<void()> f, std::chrono::nanoseconds after = 0ns)
      : point_(&script::after_enqueue, [this, f = std::move(f), after] {
          thread_ = std::thread([f, after] {
            std::this_thread::sleep_for(after);
            f();
          });
        }) {}
  ~later() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::thread thread_;
  at_point point_;
};

}  // namespace

#define EITHER(name) TEST_CASE_TEMPLATE(name, S, scripted, scripted_barging)

TEST_CASE("a hand-over that comes while the thread spins costs no system call on either side") {
  noting s(0);
  noting_platform::sleeps = noting_platform::wakes = 0;
  {
    later const grants([&] { s.add_permits(1); });
    auto const p = s.acquire_blocking(1, {.spin = 20s});
    CHECK(p.count() == 1);
  }
  CHECK(noting_platform::sleeps == 0);
  CHECK(noting_platform::wakes == 0);
}

TEST_CASE("a thread that sleeps is woken by its hand-over, once") {
  noting s(0);
  noting_platform::sleeps = noting_platform::wakes = 0;
  {
    later const grants([&] {
      while (noting_platform::sleeps == 0) std::this_thread::yield();
      s.add_permits(1);
    });
    auto const p = s.acquire_blocking(1, {.spin = 0ns});
    CHECK(p.count() == 1);
  }
  CHECK(noting_platform::sleeps >= 1);
  CHECK(noting_platform::wakes == 1);
}

TEST_CASE("the spin is part of the time that may be waited") {
  noting s(0);
  auto const start = std_platform::now();
  CHECK_FALSE(s.try_acquire_for(3ms, 1, {.spin = 1h}));
  CHECK(std_platform::now() - start >= 3ms);
  CHECK(noting_platform::spun <= 3ms);
  CHECK_FALSE(s.try_acquire_for(3ms, 1, {.spin = 1us}));
  CHECK(noting_platform::spun <= 1us);
  CHECK(s.waiters() == 0);
}

EITHER("a thread whose time is over waits for the hand-over that is on its way") {
  S s(0);
  std::atomic<int> step{0};
  std::thread granter;
  at_point const takes_out(&script::before_withdraw, [&] {
    granter = std::thread([&] { s.add_permits(1); });
    while (step == 0) std::this_thread::yield();
  });
  at_point const on_its_way(&script::before_hand_over, [&] {
    step = 1;
    std::this_thread::sleep_for(3ms);
    step = 2;
  });
  auto const p = s.try_acquire_for(1us, 1, {.spin = 0ns});
  CHECK(step == 2);
  CHECK(p);
  granter.join();
}

EITHER("a thread that will block first runs what is ready on it, which may hold the permit") {
  S s(1);
  auto held = s.try_acquire();
  struct gives_back : work<std_platform> {
    explicit gives_back(decltype(held)& p)
        : work<std_platform>([](work<std_platform>& w) noexcept { static_cast<gives_back&>(w).permit.reset(); }),
          permit(p) {}
    decltype(held)& permit;
  } node(held);
  trampoline<std_platform>::scope const here;
  trampoline<std_platform>::resume(node);
  CHECK(s.acquire_blocking().count() == 1);
}

EITHER("a blocking acquire whose time is over while its grant comes takes it") {
  S s(0);
  at_point const window(&script::before_withdraw, [&] { s.add_permits(1); });
  auto const p = s.try_acquire_for(std::chrono::nanoseconds(1), 1, {.spin = std::chrono::nanoseconds(0)});
  CHECK(window.passed());
  CHECK(p);
  CHECK(s.available_permits() == 0);
}

EITHER("a blocking acquire whose time is over while the semaphore closes hears of it") {
  S s(0);
  at_point const window(&script::before_withdraw, [&] { s.close(); });
  CHECK_THROWS_AS(static_cast<void>(s.try_acquire_for(std::chrono::nanoseconds(1))), closed_error);
  CHECK(s.waiters() == 0);
}

TEST_CASE("barging: a wake that finds nothing left when the time is over gives up and swallows nothing") {
  scripted_barging s(0);
  scripted_barging::permit thief;
  at_point const steal(&script::before_grant, [&] { thief = std::move(*s.try_acquire()); });
  at_point const window(&script::before_withdraw, [&] { s.add_permits(1); });
  CHECK_FALSE(s.try_acquire_for(std::chrono::nanoseconds(1)));
  CHECK(s.waiters() == 0);
  thief.release();
  CHECK(s.try_acquire());
}

EITHER("a blocked thread is stopped while it sleeps or spins, and before it registers") {
  S s(0);
  for (auto const spin : {0ns, std::chrono::nanoseconds(20s)}) {
    std::stop_source stop;
    later const stops([&] { stop.request_stop(); }, 2ms);
    CHECK_FALSE(s.acquire_blocking(stop.get_token(), 1, {.spin = spin}));
    CHECK(s.waiters() == 0);
  }
  std::stop_source stop;
  at_point const before(&script::before_enqueue, [&] { stop.request_stop(); });
  CHECK_FALSE(s.acquire_blocking(stop.get_token(), 2));
  CHECK(before.passed());
  CHECK_FALSE(s.acquire_blocking(stop.get_token()));  // long stopped
  s.add_permits(2);
  auto const all = s.acquire_blocking(stop.get_token(), 2);  // nothing is lost; of what is free a stop takes nothing
  CHECK(all);
}

EITHER("a blocked thread that may be stopped is granted, for several permits, and closed") {
  S s(0);
  std::stop_source stop;
  {
    later const grants([&] { s.add_permits(3); }, 2ms);
    auto const p = s.acquire_blocking(stop.get_token(), 3, {.spin = 0ns});
    REQUIRE(p);
    CHECK(p->count() == 3);
    CHECK(s.available_permits() == 0);
  }
  s.reduce_permits(3);
  {
    later const closes([&] { s.close(); }, 2ms);
    CHECK_THROWS_AS(static_cast<void>(s.acquire_blocking(stop.get_token(), 1)), closed_error);
  }
  CHECK_THROWS_AS(static_cast<void>(s.acquire_blocking(stop.get_token())), closed_error);
  CHECK_THROWS_AS(static_cast<void>(s.acquire_blocking(stop.get_token(), 0)), std::invalid_argument);
}

EITHER("a blocked thread with a stop and a limit goes by what comes first, and takes a grant that comes before") {
  S s(0);
  std::stop_source stop;
  auto const start = std_platform::now();
  CHECK_FALSE(s.acquire_blocking(stop.get_token(), 3ms));
  CHECK(std_platform::now() - start >= 3ms);
  CHECK_FALSE(s.acquire_blocking(stop.get_token(), std::chrono::system_clock::now() + 1ms, 2));
  {
    at_point const window(&script::before_withdraw, [&] { s.add_permits(1); });
    auto const p = s.acquire_blocking(stop.get_token(), 1ns, 1, {.spin = 0ns});
    CHECK(window.passed());
    CHECK(p);
  }
  s.reduce_permits(1);
  {
    at_point const window(&script::before_withdraw, [&] { stop.request_stop(); });  // inside the limit's own stop
    CHECK_FALSE(s.acquire_blocking(stop.get_token(), 1ns, 1, {.spin = 0ns}));
    CHECK(window.passed());
  }
  CHECK(s.waiters() == 0);
  std::stop_source other;
  later const stops([&] { other.request_stop(); }, 1ms);
  CHECK_FALSE(s.acquire_blocking(other.get_token(), 1h));
  CHECK(s.waiters() == 0);
}

// The hand-over is not put off until the coroutine that released suspends: blocking_operation.hpp, I1.
TEST_CASE("a thread that may be stopped is woken inside of the release, also where a coroutine releases") {
  scripted s(0);
  std::atomic<bool> waits{false}, has{false};
  std::stop_source stop;
  at_point const registered(&script::after_enqueue, [&] { waits = true; });
  std::thread thread([&] {
    auto const p = s.acquire_blocking(stop.get_token(), 1, {.spin = 0ns});
    has = true;
  });
  while (!waits) std::this_thread::yield();
  std::this_thread::sleep_for(2ms);  // armed
  {
    trampoline<std_platform>::scope const inside_a_coroutine;
    s.add_permits(1);
    while (!has) std::this_thread::yield();
  }
  thread.join();
}

}  // namespace blocking_wait_test
