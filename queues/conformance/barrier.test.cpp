// Barriers over every strategy.
#include <surewake/barrier.hpp>
#include <surewake/queues/conformance/all_primitives.test.hpp>

#include <optional>
#include <stop_token>

namespace barrier_conformance {

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;

struct count_phases {
  int* phases;
  void operator()() const noexcept { ++*phases; }
};
struct barriers {
  template <template <class> class Queue> using of = basic_barrier<Queue, std_platform, count_phases>;
  using discipline = detail::phases;
};
using all_barriers = family<barriers>;
#define EVERY_BARRIER(name) SUREWAKE_TEST_OVER("every barrier: " name, all_barriers, DOCTEST_ANONYMOUS(SUREWAKE_TEST_))

EVERY_BARRIER("the last arrival completes the phase, then releases all that wait, again and again") {
  int phases = 0;
  S b(4, {&phases});
  manual_executor ex;
  std::stop_source never;
  for (int phase = 0; phase < 3; ++phase) {
    std::deque<listener> w(3);
    for (auto& one : w) one.on_end = [&] { CHECK(phases == phase + 1); };
    w[0].start([&] { return b.arrive_and_wait(); });
    w[1].start([&] { return b.arrive_and_wait(never.get_token()); });
    w[2].start([&] { return b.arrive_and_wait_on(ex); });
    CHECK(b.pending() == 1);
    CHECK(b.waiters() == 3);
    CHECK(heard_by(w) == 0);
    b.arrive_and_wait_blocking();
    ex.run();
    CHECK(heard_by(w) == 3);
    CHECK(phases == phase + 1);
    CHECK(b.pending() == 4);
  }
}

EVERY_BARRIER("a token is for its own phase") {
  int phases = 0;
  S b(2, {&phases});
  auto const first = b.arrive();
  CHECK_FALSE(b.try_wait(first));
  auto const also_first = b.arrive();
  CHECK(first == also_first);
  CHECK(b.try_wait(first));
  auto const second = b.arrive();
  CHECK_FALSE(second == first);
  listener late, early;
  late.start([&] { return b.wait(second); });
  early.start([&] { return b.wait(first); });
  CHECK(early.heard);
  CHECK(late.waits());
  CHECK_FALSE(b.try_wait_for(1ms, second));
  static_cast<void>(b.arrive());
  CHECK(late.heard);
  b.wait_blocking(second);
}

EVERY_BARRIER("a thread that comes round at once is not released with the others") {
  int phases = 0;
  S b(2, {&phases});
  std::deque<listener> w(2), next(1);
  w[0].on_end = [&] { next[0].start([&] { return b.arrive_and_wait(); }); };
  w[0].start([&] { return b.arrive_and_wait(); });
  w[1].start([&] { return b.arrive_and_wait(); });
  CHECK(heard_by(w) == 2);
  CHECK(next[0].waits());
  CHECK(b.waiters() == 1);
  static_cast<void>(b.arrive());
  CHECK(next[0].heard);
  CHECK(phases == 2);
}

EVERY_BARRIER("several arrive in one call") {
  int phases = 0;
  S b(5, {&phases});
  static_cast<void>(b.arrive(2));
  CHECK(b.pending() == 3);
  static_cast<void>(b.arrive(3));
  CHECK(phases == 1);
  CHECK(b.pending() == 5);
}

EVERY_BARRIER("what is dropped is not expected any more") {
  int phases = 0;
  S b(3, {&phases});
  static_cast<void>(b.arrive_and_drop());
  CHECK(b.pending() == 2);
  static_cast<void>(b.arrive(2));
  CHECK(b.pending() == 2);
  static_cast<void>(b.arrive_and_drop());
  static_cast<void>(b.arrive_and_drop());
  CHECK(phases == 2);
  CHECK(b.pending() == 0);
  CHECK_THROWS_AS(static_cast<void>(b.arrive()), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(b.arrive_and_drop()), std::invalid_argument);
}

EVERY_BARRIER("a wait that is given up takes its arrival not back") {
  int phases = 0;
  S b(3, {&phases});
  std::stop_source stop;
  std::deque<listener> w(2);
  w[0].start([&] { return b.arrive_and_wait(stop.get_token()); });
  w[1].start([&] { return b.arrive_and_wait(); });
  stop.request_stop();
  CHECK(w[0].given_up);
  CHECK(b.pending() == 1);
  w[1].destroy();
  CHECK(b.waiters() == 0);
  b.arrive_and_wait_blocking();
  CHECK(phases == 1);
}

EVERY_BARRIER("what is out of range is refused, and changes nothing") {
  int phases = 0;
  CHECK(message_of<std::invalid_argument>([&] { S b(-1, {&phases}); }) == "surewake: barrier(-1): 0 or more");
  S b(2, {&phases});
  CHECK(message_of<std::invalid_argument>([&] { static_cast<void>(b.arrive(3)); }) ==
        "surewake: arrive(3) at a barrier where 2 are pending: 1 to 2");
  CHECK(message_of<std::invalid_argument>([&] { static_cast<void>(b.arrive(0)); }) ==
        "surewake: arrive(0) at a barrier where 2 are pending: 1 to 2");
  CHECK(b.pending() == 2);
  CHECK(phases == 0);
}

EVERY_BARRIER("threads meet in each phase, and see what all did before") {
  constexpr std::size_t many = 3;
  constexpr int rounds = 500;
  int phases = 0;
  S b(many, {&phases});
  std::array<int, many> work{};
  {
    std::vector<std::jthread> crew;
    for (std::size_t i = 0; i < many; ++i) {
      crew.emplace_back([&, i] {
        for (int round = 1; round <= rounds; ++round) {
          work[i] = round;
          b.arrive_and_wait_blocking();
          for (int const w : work) CHECK(w == round);
          CHECK(phases == 2 * round - 1);
          auto const read = b.arrive();
          while (!b.try_wait_for(20us, read)) {
          }
        }
      });
    }
  }
  CHECK(phases == 2 * rounds);
  CHECK(b.waiters() == 0);
}

EVERY_BARRIER("coroutines and threads that leave one by one") {
  int phases = 0;
  S b(4, {&phases});
  std::atomic<int> left{4};
  {
    std::vector<std::jthread> crew;
    for (int i = 0; i < 4; ++i) {
      crew.emplace_back([&, i] {
        auto const meet = [&]() -> task<> {
          for (int round = 0; round < 50 * (i + 1); ++round) co_await b.arrive_and_wait();
        };
        if (i % 2 == 0) sync_wait(meet());
        else for (int round = 0; round < 50 * (i + 1); ++round) b.arrive_and_wait_blocking();
        static_cast<void>(b.arrive_and_drop());
        --left;
      });
    }
  }
  CHECK(left == 0);
  CHECK(phases == 201);
  CHECK(b.pending() == 0);
}

EVERY_BARRIER("of many releases all, on bounded stack") {
  constexpr int many = 100'000;
  int phases = 0, heard = 0;
  S b(many + 1, {&phases});
  auto const wait = [&]() -> task<> {
    co_await b.arrive_and_wait();
    ++heard;
  };
  for (int i = 0; i < many; ++i) start_detached(wait());
  static_cast<void>(b.arrive());
  CHECK(heard == many);
}

}  // namespace barrier_conformance
