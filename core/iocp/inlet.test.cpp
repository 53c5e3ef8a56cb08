#include <surewake/core/iocp/inlet.hpp>
#include <surewake/core/platform/std_platform.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace inlet_test {

namespace {

using P = surewake::std_platform;

struct counting_port {
  std::atomic<int>* posts = nullptr;
  std::atomic<bool>* there = nullptr;
  std::atomic<int>* late = nullptr;
  void post() const {
    posts->fetch_add(1);
    if (!there->load()) late->fetch_add(1);
  }
};
using inlet = surewake::detail::port_inlet<P, counting_port>;

}  // namespace

TEST_CASE("an inlet posts while it is open, and says so") {
  std::atomic<int> posts{0}, late{0};
  std::atomic<bool> there{true};
  inlet& g = *inlet::take();
  CHECK_FALSE(g.post());
  g.open({&posts, &there, &late});
  CHECK(g.post());
  g.close();
  CHECK_FALSE(g.post());
  CHECK(posts == 1);
  inlet::give_back(g);
}

TEST_CASE("the next loop takes the inlet that the last one gave back") {
  inlet* const first = inlet::take();
  inlet* const second = inlet::take();
  CHECK(first != second);
  inlet::give_back(*first);
  CHECK(inlet::take() == first);
  inlet::give_back(*second);
  inlet::give_back(*first);
}

TEST_CASE("no packet reaches a port whose inlet was closed, and none is missing that an inlet took") {
  inlet& g = *inlet::take();
  std::atomic<int> posts{0}, late{0}, taken{0};
  std::atomic<bool> there{false}, over{false};
  std::vector<std::jthread> posters;
  for (int i = 0; i < 3; ++i) {
    posters.emplace_back([&] {
      while (!over) taken += g.post() ? 1 : 0;
    });
  }
  for (int round = 0; round < 300 || taken < 10; ++round) {
    there = true;
    g.open({&posts, &there, &late});
    std::this_thread::yield();
    g.close();
    there = false;
  }
  over = true;
  posters.clear();
  CHECK(late == 0);
  CHECK(posts == taken);
  inlet::give_back(g);
}

}  // namespace inlet_test
