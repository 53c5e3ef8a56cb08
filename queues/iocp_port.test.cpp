#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/core/semaphore/barging.hpp>
#include <surewake/core/semaphore/semaphore.hpp>
#include <surewake/queues/iocp_port.hpp>
#include <surewake/queues/mutex_deque.hpp>

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <latch>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

namespace iocp_port_test {

using namespace surewake;
using namespace std::chrono_literals;

namespace {

using hands_off = basic_semaphore<iocp_port>;
using barges = basic_semaphore<iocp_port, std_platform, barging>;
using loop_type = iocp_loop;
#define ON_A_LOOP(name) TEST_CASE_TEMPLATE("at a port: " name, S, hands_off, barges)

/// A process that is given no port.
struct no_ports {
  static constexpr char const* name = "completion port";
  [[nodiscard]] static bool usable() { return false; }
  [[nodiscard]] static std::string why() { return "no port today"; }
};
template <platform P>
struct without_ports : detail::strategy_or<mutex_deque, detail::waits_at_port, no_ports>::queue<P> {
  static constexpr char const* name = "without_ports";
  static constexpr withdrawal_cost withdrawal = withdrawal_cost::linear;
};

}  // namespace

#include <surewake/queues/conformance/on_a_loop.test.hpp>

TEST_CASE("a semaphore says that it waits at ports, or why not, and then the other strategy works") {
  CHECK(hands_off::backend() == "completion port (per ring)");
  using other = basic_semaphore<without_ports>;
  CHECK(other::backend() == "mutex_deque: no port today");
  iocp_loop loop;
  other s(1);
  auto held = s.try_acquire();
  std::thread::id where{};
  other::permit kept;
  start_detached(visit(s, where, kept));
  std::jthread granter([&] {
    std::this_thread::sleep_for(5ms);
    held.reset();
  });
  loop.run();
  CHECK(where == std::this_thread::get_id());
}

ON_A_LOOP("a grant that comes when its loop has gone is run by the granter, whatever loop comes next") {
  S s(1);
  auto held = s.try_acquire();
  std::thread::id where{};
  typename S::permit kept;
  {
    iocp_loop loop;
    start_detached(visit(s, where, kept));
    loop.poll();
  }
  iocp_loop next;  // has the inlet of the last one
  std::jthread([&] {
    held.reset();
    CHECK(where == std::this_thread::get_id());
  }).join();
  CHECK(kept);
  next.poll();
  kept.release();
  CHECK(s.available_permits() == 1);
}

ON_A_LOOP("loops that come and go while others release lose no permit") {
  S s(2);
  std::atomic<bool> over{false};
  std::vector<std::jthread> releasers;
  for (int i = 0; i < 2; ++i) {
    releasers.emplace_back([&] {
      while (!over) {
        auto const p = s.acquire_blocking();
        std::this_thread::yield();
      }
    });
  }
  std::atomic<std::int64_t> done{0};  // a coroutine whose loop has gone is run by its granter
  for (int round = 0; round < 40; ++round) {
    iocp_loop loop;
    for (int i = 0; i < 4; ++i) {
      start_detached([](S& sem, std::atomic<std::int64_t>& d) -> task<> {
        auto const p = co_await sem.acquire();
        ++d;
      }(s, done));
    }
    if (round % 2 == 0) loop.run();
  }
  for (auto const end = std_platform::now() + 20s; done != 160 && std_platform::now() < end;) std::this_thread::yield();
  over = true;
  releasers.clear();
  CHECK(done == 160);
  CHECK(s.available_permits() == 2);
  CHECK(s.waiters() == 0);
}

}  // namespace iocp_port_test
