#include <surewake/queues/intrusive_list.hpp>

#include <surewake/semaphore.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace intrusive_list_test {

using namespace surewake;

TEST_CASE("an acquire takes at most 56 bytes of its coroutine's frame, the waiter included") {
  CHECK(sizeof(waiter<std_platform>) <= 40);
  CHECK(sizeof(decltype(std::declval<semaphore&>().acquire())) <= 56);
  CHECK(sizeof(waiter_list<std_platform>) <= 2 * sizeof(void*));
}

TEST_CASE("the default semaphore is an intrusive_list under hand_off, in at most two cache lines") {
  CHECK(std::is_same_v<semaphore, basic_semaphore<intrusive_list, std_platform, hand_off>>);
  CHECK(std::is_same_v<permit, semaphore::permit>);
  CHECK(sizeof(semaphore) <= 128);
}

TEST_CASE("a waiter leaves a long list from anywhere in the same time") {
  // Not measured here (bench/ does): 100,000 waiters leave in random order, which a search from the front would make
  // 2,500,000,000 steps.
  constexpr std::size_t n = 100'000;
  intrusive_list<std_platform> q;
  std::vector<waiter<std_platform>> waiters(n);
  std::vector<std::size_t> order(n);
  for (std::size_t i = 0; i < n; ++i) {
    waiters[i].missing(1);
    REQUIRE(q.enqueue(waiters[i]) == enqueued::waiting);
    order[i] = i;
  }
  std::shuffle(order.begin(), order.end(), std::mt19937(1));
  for (std::size_t const i : order) REQUIRE(q.withdraw(waiters[i], [](std::uint32_t) { return std::int64_t{0}; }));
  CHECK(q.size() == 0);
}

}  // namespace intrusive_list_test
