// segmented_queue beyond the contract: its memory, its counters, requests over many segments.
#include <surewake/queues/conformance/guest.test.hpp>
#include <surewake/queues/segmented_queue.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

namespace segmented_queue_test {

namespace {

using namespace surewake;
using testing::guest;
using testing::no_refund;
using P = std_platform;

constexpr auto refuse_one = [](std::uint32_t) -> std::int64_t { return 1; };

template <class Q> void come_and_go(Q& q, std::uint32_t n = 1) {
  guest g;
  REQUIRE(q.enqueue(g.wants(n)) == enqueued::waiting);
  REQUIRE(q.withdraw(g, no_refund));
}

using small = segmented_by<4>::queue<P>;
static_assert(waiter_queue<basic_segmented_queue<P, 128, leaking_reclaimer<P>>, P>);

}  // namespace

TEST_CASE("waiters that come and go use bounded memory, though nobody is ever granted") {
  segmented_queue<P> q;
  std::size_t most = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    come_and_go(q);
    if (i % 1'000 == 0) most = std::max(most, q.segments());
  }
  CHECK(most <= 2);
  CHECK(q.size() == 0);
}

TEST_CASE("…also behind a thousand that stay, and the first grant is still the first one's") {
  small q;
  std::vector<guest> stay(1'000);
  for (auto& g : stay) REQUIRE(q.enqueue(g.wants(1)) == enqueued::waiting);
  std::size_t const in_use = q.segments();
  std::size_t most = 0;
  for (int i = 0; i < 100'000; ++i) {
    come_and_go(q, i % 5 == 0 ? 3 : 1);
    most = std::max(most, i % 100 == 0 ? q.segments() : 0);
  }
  CHECK(most <= 2 * in_use + 8);  // segment_list.hpp, I5
  CHECK(q.size() == 1'000);
  q.grant(1);
  CHECK(stay[0].handed == 1);
  q.grant(999);
  CHECK(std::all_of(stay.begin(), stay.end(), [](guest const& g) { return g.handed == 1; }));
  CHECK(q.segments() <= 2 * 2 + 8);
}

TEST_CASE("segments of waiters that leave in random order are swept out") {
  small q;
  std::vector<guest> all(20'000);
  for (auto& g : all) REQUIRE(q.enqueue(g.wants(1)) == enqueued::waiting);
  std::vector<guest*> order;
  for (auto& g : all) order.push_back(&g);
  std::ranges::shuffle(order, std::mt19937_64(1));
  while (order.size() > 10) {
    REQUIRE(q.withdraw(*order.back(), no_refund));
    order.pop_back();
  }
  CHECK(q.size() == 10);
  CHECK(q.segments() <= 2 * (10 + 2) + 8);
  q.grant(10);
  for (guest* const g : order) CHECK(g->handed == 1);
  CHECK(q.size() == 0);
}

TEST_CASE("a grant passes over a million dead cells at once") {
  segmented_queue<P> q;
  for (int i = 0; i < 1'000'000; ++i) come_and_go(q);
  guest g;
  REQUIRE(q.enqueue(g.wants(1)) == enqueued::waiting);
  q.grant(1);
  CHECK(g.handed == 1);
  CHECK(q.size() == 0);
}

TEST_CASE("a request over many segments gets its grants in portions, before it and after it") {
  small q;
  for (std::uint32_t const early : {0U, 1U, 9U, 49U}) {
    guest a, b;
    q.grant(early);
    REQUIRE(q.enqueue(a.wants(50)) == enqueued::waiting);
    REQUIRE(q.enqueue(b.wants(1)) == enqueued::waiting);
    CHECK(q.size() == 2);
    q.grant(49 - early);
    CHECK(a.handed == 0);
    CHECK(q.size() == 2);
    q.grant(1);
    CHECK(a.handed == 1);
    CHECK(b.handed == 0);
    q.grant(1);
    CHECK(b.handed == 1);
    CHECK(q.size() == 0);
  }
  q.grant(50);
  guest all;
  CHECK(q.enqueue(all.wants(50)) == enqueued::granted);
  CHECK(q.size() == 0);
  CHECK(q.no_segment_forgotten());
}

TEST_CASE("a request that leaves with part of its grants says how many it lacks, and what it refuses is dropped") {
  small q;
  guest a, b;
  REQUIRE(q.enqueue(a.wants(20)) == enqueued::waiting);
  REQUIRE(q.enqueue(b.wants(1)) == enqueued::waiting);
  q.grant(7);
  CHECK(q.withdraw(a, [](std::uint32_t missing) -> std::int64_t {
    CHECK(missing == 13);
    return 2;
  }));
  CHECK(q.size() == 1);
  q.grant(2);
  CHECK(b.handed == 0);
  q.grant(1);
  CHECK(b.handed == 1);
  CHECK(q.size() == 0);
  CHECK(q.no_segment_forgotten());
}

TEST_CASE("size counts who waits, whatever has left, been refused, or is partly granted") {
  small q;
  std::vector<guest> g(6);
  for (auto& x : g) REQUIRE(q.enqueue(x.wants(2)) == enqueued::waiting);
  CHECK(q.size() == 6);
  CHECK(q.withdraw(g[1], refuse_one));
  CHECK(q.size() == 5);
  q.grant(1);
  CHECK(q.size() == 5);
  q.grant(1);
  CHECK(q.size() == 4);
  q.grant(1);  // the refused one
  CHECK(q.size() == 4);
  q.grant(1);
  CHECK(q.withdraw(g[2], no_refund));
  CHECK(q.size() == 3);
  q.close();
  CHECK(q.size() == 0);
  CHECK(g[5].closed());
}

TEST_CASE("the largest request waits and is granted") {
  auto const q = std::make_unique<segmented_queue<P>>();
  guest g;
  auto const n = static_cast<std::uint32_t>(segmented_queue<P>::max_request);
  REQUIRE(q->enqueue(g.wants(n)) == enqueued::waiting);
  CHECK(q->size() == 1);
  q->grant(n - 1);
  CHECK(g.handed == 0);
  q->grant(1);
  CHECK(g.handed == 1);
  CHECK(q->segments() <= 2 * 2 + 8);
}

}  // namespace segmented_queue_test
