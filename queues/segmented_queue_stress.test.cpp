// segmented_queue on real threads: waiters that leave while they are granted, and while the baton passes by them. What
// keeps a grant from being lost there, and a segment from being forgotten, is a pair of fences (Q9; segment_list.hpp,
// S2), which sanitizers and checkers see as full ones only.
#include <surewake/queues/conformance/guest.test.hpp>
#include <surewake/queues/segmented_queue.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace segmented_queue_stress_test {

namespace {

using namespace surewake;
using namespace std::chrono_literals;
using P = std_platform;

constexpr auto how_long = 250ms;
constexpr int visits = 2'000;
constexpr std::int64_t grants = visits;  // half as many as there are visits: many leave before one comes

struct visitor : placed_waiter<P> {
  visitor() : placed_waiter<P>(&note) { missing(1); }
  static void note(work<P>& w) noexcept {
    static_cast<visitor&>(w).granted.store(true, std::memory_order_release);  // the visitor may end now
  }
  std::atomic<bool> granted{false};
};

/// Comes, and leaves at once if it can. Whether a grant came first.
template <class Queue> bool visit(Queue& q) {
  visitor v;
  if (q.enqueue(v) == enqueued::granted) return true;
  if (q.withdraw(v, testing::no_refund)) return false;
  while (!v.granted.load(std::memory_order_acquire)) std::this_thread::yield();
  return true;
}

template <class Queue> void two_visit_one_grants() {
  Queue q;
  std::atomic<std::int64_t> taken{0};
  std::atomic<int> ready{0};
  auto const together = [&] {
    ready.fetch_add(1);
    while (ready.load() != 3) std::this_thread::yield();
  };
  auto const visitors = [&] {
    together();
    for (int i = 0; i < visits; ++i) taken.fetch_add(visit(q) ? 1 : 0);
  };
  {
    std::jthread const one(visitors);
    std::jthread const another(visitors);
    together();
    for (std::int64_t i = 0; i < grants; ++i) q.grant(1);
  }
  REQUIRE(q.no_segment_forgotten());
  for (std::int64_t left = grants - taken.load(); left > 0; --left) REQUIRE(visit(q));
  REQUIRE(taken.load() <= grants);
  REQUIRE(!visit(q));
  REQUIRE(q.size() == 0);
}

}  // namespace

TEST_CASE_TEMPLATE("no grant is lost to one who leaves, and no segment forgotten", Queue, segmented_queue<P>,
                   segmented_by<4>::queue<P>) {
  auto const end = std::chrono::steady_clock::now() + how_long;
  do {
    two_visit_one_grants<Queue>();
  } while (std::chrono::steady_clock::now() < end);
}

}  // namespace segmented_queue_stress_test
