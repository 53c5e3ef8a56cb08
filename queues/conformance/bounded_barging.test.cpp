// bounded_barging over every strategy: the count of overtakings, taken from outside. The waiters are coroutines on an
// executor that runs when it is told to, so that a waiter which was woken is as slow as can be.
#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/core/semaphore/seat_synchronizer.hpp>
#include <surewake/queues/conformance/all_semaphores.test.hpp>

#include <thread>

namespace bounded_barging_conformance {

using namespace surewake;
using namespace surewake::testing;

using bounded_semaphores = decltype(types_of(semaphores_over<bounded_barging<>>(tested_strategies())));
#define BOUNDED_SEMAPHORE(name) \
  SUREWAKE_TEST_OVER("every bounded semaphore: " name, bounded_semaphores, DOCTEST_ANONYMOUS(SUREWAKE_TEST_))

/// Whether a permit can be taken, which is given back.
template <class S> bool overtakes(S& s) {
  auto const p = s.try_acquire();
  return p.has_value();
}
/// How often that succeeds before the permits are set aside.
template <class S> int overtakings(S& s) {
  int n = 0;
  while (overtakes(s)) ++n;
  return n;
}

BOUNDED_SEMAPHORE("each first waiter in turn is overtaken k times exactly, and then has the next permit") {
  for (std::int64_t const k : {0, 1, 2, 64, 2047}) {
    S s(1, {.k = k});
    manual_executor ex;
    auto held = s.acquire_blocking();
    std::deque<visitor<S>> v(4);
    for (auto& one : v) one.start([&] { return s.acquire_on(ex); });
    CHECK(s.waiters() == 4);
    for (auto& one : v) {
      held.release();
      CHECK(overtakings(s) == k);
      CHECK(s.available_permits() == 0);
      ex.run();
      REQUIRE(one.state == visit::holding);
      held = std::move(one.held);
    }
    held.release();
    CHECK(look(s) == snapshot{1, 1, 0, 0, false});
  }
}

BOUNDED_SEMAPHORE("a waiter that leaves changes nothing for the first one, and its own leaving passes the place on") {
  S s(1, {.k = 3});
  manual_executor ex;
  auto held = s.acquire_blocking();
  std::stop_source first_stops, last_stops;
  std::deque<visitor<S>> v(3);
  v[0].acquire(s, first_stops.get_token(), 1);
  v[1].start([&] { return s.acquire_on(ex); });
  v[2].acquire(s, last_stops.get_token());
  first_stops.request_stop();
  CHECK(v[0].state == visit::given_up);
  held.release();
  for (int i = 0; i < 2; ++i) CHECK(overtakes(s));
  last_stops.request_stop();
  CHECK(v[2].state == visit::given_up);
  CHECK(overtakings(s) == 1);
  ex.run();
  CHECK(v[1].state == visit::holding);
}

BOUNDED_SEMAPHORE("permits are set aside until the first waiter has all that it wants") {
  S s(3, {.k = 2});
  manual_executor ex;
  auto held = s.acquire_blocking(3);
  visitor<S> big, small;
  big.start([&] { return s.acquire_on(ex, 3); });
  small.start([&] { return s.acquire_on(ex); });
  held.split(1).release();
  CHECK(overtakings(s) == 2);
  held.split(1).release();
  CHECK_FALSE(overtakes(s));
  CHECK(s.reduce_permits(1) == 0);
  held.release();
  ex.run();
  CHECK(big.state == visit::holding);
  CHECK(small.state == visit::waiting);
  big.held.release();
  ex.run();
  CHECK(small.state == visit::holding);
}

BOUNDED_SEMAPHORE("close() ends the wait in the seat, in the queue, and on the way") {
  for (int const on_its_way : {0, 1}) {
    S s(1, {.k = 1});
    manual_executor ex;
    auto held = s.acquire_blocking();
    std::deque<visitor<S>> v(3);
    for (auto& one : v) one.start([&] { return s.acquire_on(ex); });
    if (on_its_way != 0) held.release();
    s.close();
    ex.run();
    for (auto& one : v) CHECK(one.state == visit::closed);
    held.release();
    CHECK(look(s) == snapshot{1, 1, 0, 0, true});
  }
}

BOUNDED_SEMAPHORE("a release of many wakes all, on bounded stack") {
  constexpr int many = 100'000;
  S s(0, {.k = 1});
  std::ptrdiff_t served = 0;
  auto const wait = [&]() -> task<> {
    auto p = co_await s.acquire();
    p.forget();
    ++served;
  };
  for (int i = 0; i < many; ++i) start_detached(wait());
  s.add_permits(many);
  CHECK(served == many);
}

BOUNDED_SEMAPHORE("threads pass permits on") {
  S s(2, {.k = 4});
  std::atomic<int> inside{0}, most{0};
  {
    std::vector<std::jthread> crew;
    for (int i = 0; i < 4; ++i) {
      crew.emplace_back([&] {
        for (int j = 0; j < 2'000; ++j) {
          auto const p = s.acquire_blocking();
          int const now = ++inside;
          if (now > most) most = now;
          --inside;
        }
      });
    }
  }
  CHECK(most <= 2);
  CHECK(look(s) == snapshot{2, 2, 0, 0, false});
}

BOUNDED_SEMAPHORE("what a discipline cannot do is refused by name") {
  CHECK(message_of<std::invalid_argument>([] { S s(1, {.k = 2048}); }) ==
        "surewake: bounded_barging: k = 2048: 0 to 2047");
  CHECK(S::max() == 16'777'215);
  CHECK_THROWS_AS(S(S::max() + 1), std::invalid_argument);
}

}  // namespace bounded_barging_conformance
