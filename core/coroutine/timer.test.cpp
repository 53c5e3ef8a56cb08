#include <surewake/core/coroutine/timer.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <set>
#include <vector>

namespace timer_test {

using namespace surewake;
using time_point = detail::timer::time_point;

namespace {

struct silent : detail::timer {
  silent() : timer([](detail::timer&) noexcept {}) {}
};
time_point at(long n) { return time_point{} + std::chrono::nanoseconds{n}; }

}  // namespace

static_assert(sizeof(detail::timer) == 48);

TEST_CASE("timers leave the heap in the order of their deadlines, whatever the order they came in") {
  std::mt19937 random(7);
  for (int order = 0; order < 3; ++order) {
    std::deque<silent> timers(1000);
    std::vector<long> deadlines(timers.size());
    for (std::size_t i = 0; i < deadlines.size(); ++i) deadlines[i] = static_cast<long>(order == 1 ? 1000 - i : i);
    if (order == 2) std::shuffle(deadlines.begin(), deadlines.end(), random);
    detail::timer_heap heap;
    CHECK(heap.empty());
    for (std::size_t i = 0; i < timers.size(); ++i) heap.push(timers[i], at(deadlines[i]));
    time_point last = time_point::min();
    int n = 0;
    while (detail::timer* const t = heap.top()) {
      CHECK(last <= t->deadline());
      last = t->deadline();
      CHECK(t->armed());
      heap.erase(*t);
      CHECK_FALSE(t->armed());
      ++n;
    }
    CHECK(n == 1000);
  }
}

TEST_CASE("after any pushes and erasures the heap agrees with a sorted set") {
  std::mt19937 random(11);
  std::deque<silent> timers(200);
  detail::timer_heap heap;
  std::multiset<time_point> model;
  for (int step = 0; step < 50'000; ++step) {
    silent& t = timers[random() % timers.size()];
    if (t.armed()) {
      model.erase(model.find(t.deadline()));
      heap.erase(t);
    } else {
      time_point const when = at(static_cast<long>(random() % 500));  // equal ones too
      model.insert(when);
      heap.push(t, when);
    }
    REQUIRE(heap.empty() == model.empty());
    if (!heap.empty()) REQUIRE(heap.top()->deadline() == *model.begin());
  }
  while (detail::timer* const t = heap.top()) heap.erase(*t);
}

TEST_CASE("the ends of time are ordinary deadlines") {
  silent first;
  silent last;
  silent middle;
  detail::timer_heap heap;
  heap.push(last, time_point::max());
  heap.push(first, time_point::min());
  heap.push(middle, at(0));
  for (silent* const t : {&first, &middle, &last}) {
    CHECK(heap.top() == t);
    heap.erase(*t);
  }
}

TEST_CASE("a million timers take bounded stack and about n log n time") {
  std::deque<silent> timers(1'000'000);
  detail::timer_heap heap;
  // A star: all below the first.
  for (std::size_t i = 0; i < timers.size(); ++i) heap.push(timers[i], at(static_cast<long>(i)));
  heap.erase(*heap.top());
  std::size_t left = timers.size() - 1;
  for (std::size_t i = timers.size() / 2; i < timers.size(); ++i, --left) heap.erase(timers[i]);
  while (detail::timer* const t = heap.top()) {
    heap.erase(*t);
    --left;
  }
  CHECK(left == 0);
}

}  // namespace timer_test
