#include <surewake/queues/conformance/guest.test.hpp>
#include <surewake/queues/waker_hybrid.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

namespace waker_hybrid_test {

namespace {

using namespace surewake;
using testing::no_refund;
using P = std_platform;

struct guest : testing::guest {
  explicit guest(std::uint32_t n = 1) { wants(n); }
};

/// The queue, and what its word says: the rows of the state table.
struct open_hybrid : waker_hybrid<P> {
  [[nodiscard]] bool is_empty() const { return says() == balance(0); }
  [[nodiscard]] bool has_balance(std::int64_t k) const { return says() == balance(k); }
  [[nodiscard]] bool is_claimed_with(std::int64_t k) const { return says() == claimed(k); }
  [[nodiscard]] bool holds(waiter<P>& w) const { return says() == single(w); }
  [[nodiscard]] bool is_many() const { return says() == many; }

 private:
  [[nodiscard]] word says() const { return word_.load(P::relaxed); }
};

constexpr auto nothing_there = []() -> std::int64_t { return -1; };

}  // namespace

TEST_CASE("the hybrid fits a cache line") { CHECK(sizeof(waker_hybrid<P>) <= 64); }

TEST_CASE("the first waiter takes the slot, and its grant empties it again") {
  open_hybrid q;
  guest g;
  CHECK(q.is_empty());
  CHECK(q.enqueue(g) == enqueued::waiting);
  CHECK(q.holds(g));
  CHECK(q.size() == 1);
  q.grant(1);
  CHECK(g.handed == 1);
  CHECK(q.is_empty());
}

TEST_CASE("grants beyond the one in the slot are balance, and taken one by one") {
  open_hybrid q;
  guest g, next, last;
  CHECK(q.enqueue(g) == enqueued::waiting);
  q.grant(2);
  CHECK(g.handed == 1);
  CHECK(q.has_balance(1));
  q.grant(1);
  CHECK(q.has_balance(2));
  CHECK(q.enqueue(next) == enqueued::granted);
  CHECK(q.enqueue(last, nothing_there) == enqueued::granted);
  CHECK(q.is_empty());
}

TEST_CASE("the second waiter takes the first one into the list, and the last one to leave it empties the queue") {
  open_hybrid q;
  std::array<guest, 3> g;
  for (auto& x : g) CHECK(q.enqueue(x) == enqueued::waiting);
  CHECK(q.is_many());
  CHECK(q.size() == 3);
  q.grant(2);
  CHECK(q.is_many());
  CHECK(g[0].handed == 1);
  CHECK(g[1].handed == 1);
  CHECK(q.withdraw(g[2], no_refund));
  CHECK(q.is_empty());
  g[0].missing(1);
  CHECK(q.enqueue(g[0]) == enqueued::waiting);  // and all begins anew
  CHECK_FALSE(q.is_many());
}

TEST_CASE("the way back from the list keeps the balance, grants or refusals") {
  open_hybrid q;
  guest several(3), other, next;
  CHECK(q.enqueue(several) == enqueued::waiting);
  CHECK(q.is_many());
  q.grant(4);
  CHECK(several.handed == 1);
  CHECK(q.has_balance(1));
  CHECK(q.enqueue(next) == enqueued::granted);
  several.missing(2);
  CHECK(q.enqueue(several) == enqueued::waiting);
  CHECK(q.withdraw(several, [](std::uint32_t missing) -> std::int64_t { return missing; }));
  CHECK(q.has_balance(-2));
  next.missing(1);
  CHECK(q.enqueue(next) == enqueued::waiting);
  CHECK(q.is_many());  // a waiter that comes while a grant is to be refused waits in the list
  q.grant(3);
  CHECK(next.handed == 1);
  CHECK(q.is_empty());
}

TEST_CASE("who leaves the slot claims it while its refund runs, and takes over the grants that come meanwhile") {
  open_hybrid q;
  guest g, next;
  CHECK(q.enqueue(g) == enqueued::waiting);
  CHECK(q.withdraw(g, [&](std::uint32_t missing) -> std::int64_t {
    CHECK(missing == 1);
    CHECK(q.is_claimed_with(0));
    q.grant(2);
    CHECK(q.is_claimed_with(2));
    return 1;
  }));
  CHECK(q.has_balance(1));
  CHECK(g.handed == 0);
  CHECK_FALSE(q.withdraw(g, no_refund));
  CHECK(q.enqueue(next) == enqueued::granted);
}

TEST_CASE("who looks claims the slot, and takes the grant that comes meanwhile") {
  open_hybrid q;
  guest g, lucky, next;
  CHECK(q.enqueue(g, [&]() -> std::int64_t {
    CHECK(q.is_claimed_with(0));
    q.grant(2);
    return -1;
  }) == enqueued::granted);
  CHECK(q.has_balance(1));
  CHECK(q.enqueue(next) == enqueued::granted);
  CHECK(q.enqueue(lucky, []() -> std::int64_t { return 1; }) == enqueued::granted);
  CHECK(q.has_balance(-1));
  q.grant(1);
  CHECK(q.is_empty());
  next.missing(1);
  CHECK(q.enqueue(next, nothing_there) == enqueued::waiting);
  CHECK(q.holds(next));
  q.grant(1);
  CHECK(lucky.handed + g.handed == 0);
  CHECK(next.handed == 1);
}

TEST_CASE("a waiter that was in the slot is not taken out for another one") {
  open_hybrid q;
  guest first, second;
  CHECK(q.enqueue(first) == enqueued::waiting);
  q.grant(1);
  CHECK(q.enqueue(second) == enqueued::waiting);
  CHECK_FALSE(q.withdraw(first, no_refund));
  CHECK(q.holds(second));
  q.grant(1);
  CHECK(second.handed == 1);
}

TEST_CASE("a closed hybrid stays under its lock, and refuses what is still to be refused") {
  open_hybrid q;
  guest g, late;
  CHECK(q.enqueue(g) == enqueued::waiting);
  CHECK(q.withdraw(g, [](std::uint32_t) -> std::int64_t { return 1; }));
  q.close();
  CHECK(q.is_many());
  CHECK(q.enqueue(late) == enqueued::closed);
  q.grant(1);  // without it the destructor would wait for ever
  CHECK(q.is_many());
}

TEST_CASE("the destructor waits for a grant that was refused, and is still on its way") {
  for (bool const closed : {false, true}) {
    auto q = std::make_unique<open_hybrid>();
    guest g;
    CHECK(q->enqueue(g) == enqueued::waiting);
    CHECK(q->withdraw(g, [](std::uint32_t) -> std::int64_t { return 1; }));
    if (closed) q->close();
    std::atomic<bool> granting = false;
    std::thread late([&granting, raw = q.get()] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      granting = true;
      raw->grant(1);
    });
    q.reset();
    CHECK(granting);
    late.join();
  }
}

TEST_CASE("a waiter leaves a long list from anywhere in the same time") {
  constexpr std::size_t n = 100'000;
  waker_hybrid<P> q;
  std::vector<guest> guests(n);
  std::vector<std::size_t> order(n);
  for (std::size_t i = 0; i < n; ++i) {
    REQUIRE(q.enqueue(guests[i]) == enqueued::waiting);
    order[i] = i;
  }
  std::shuffle(order.begin(), order.end(), std::mt19937(1));
  for (std::size_t const i : order) REQUIRE(q.withdraw(guests[i], no_refund));
  CHECK(q.size() == 0);
}

}  // namespace waker_hybrid_test
