// Latches over every strategy.
#include <surewake/latch.hpp>
#include <surewake/queues/conformance/all_primitives.test.hpp>

#include <stop_token>

namespace latch_conformance {

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;

struct latches {
  template <template <class> class Queue> using of = basic_latch<Queue>;
  using discipline = detail::phases;
};
using all_latches = family<latches>;
#define EVERY_LATCH(name) SUREWAKE_TEST_OVER("every latch: " name, all_latches, DOCTEST_ANONYMOUS(SUREWAKE_TEST_))

EVERY_LATCH("opens at zero, for all kinds of waits, and for good") {
  S l(3);
  manual_executor ex;
  std::stop_source never;
  std::deque<listener> w(4);
  w[0].start([&] { return l.wait(); });
  w[1].start([&] { return l.wait(never.get_token()); });
  w[2].start([&] { return l.wait_for(1h); });
  w[3].start([&] { return l.wait_on(ex); });
  l.count_down();
  CHECK(l.count() == 2);
  CHECK_FALSE(l.try_wait());
  l.count_down(2);
  ex.run();
  CHECK(heard_by(w) == 4);
  CHECK(l.try_wait());
  l.wait_blocking();
  CHECK(l.try_wait_for(0ms));
  l.count_down(0);
  CHECK(l.count() == 0);
  CHECK(l.waiters() == 0);
}

EVERY_LATCH("of zero is open") {
  S l(0);
  CHECK(l.try_wait());
  listener w;
  w.start([&] { return l.wait(); });
  CHECK(w.heard);
}

EVERY_LATCH("what is out of range is refused, and changes nothing") {
  CHECK(message_of<std::invalid_argument>([] { S l(-1); }) == "surewake: latch(-1): 0 or more");
  S l(2);
  CHECK(message_of<std::invalid_argument>([&] { l.count_down(3); }) ==
        "surewake: count_down(3) of a latch at 2: 0 to 2");
  CHECK(message_of<std::invalid_argument>([&] { l.count_down(-1); }) ==
        "surewake: count_down(-1) of a latch at 2: 0 to 2");
  CHECK_THROWS_AS(static_cast<void>(l.arrive_and_wait(3)), std::invalid_argument);
  CHECK(l.count() == 2);
  l.count_down(0);
  CHECK_FALSE(l.try_wait());
}

EVERY_LATCH("a wait that is given up leaves the others") {
  S l(1);
  std::stop_source stop;
  std::deque<listener> w(3);
  w[0].start([&] { return l.wait(stop.get_token()); });
  w[1].start([&] { return l.wait(); });
  w[2].start([&] { return l.wait(); });
  stop.request_stop();
  w[2].destroy();
  CHECK(w[0].given_up);
  CHECK_FALSE(l.try_wait_for(1ms));
  CHECK(l.waiters() == 1);
  l.count_down();
  CHECK(w[1].heard);
}

EVERY_LATCH("arrive_and_wait counts at once") {
  S l(2);
  listener w;
  w.start([&] { return l.arrive_and_wait(); });
  CHECK(l.count() == 1);
  CHECK(w.waits());
  l.arrive_and_wait_blocking();
  CHECK(w.heard);
}

EVERY_LATCH("what all threads did before they counted down is seen after the wait") {
  for (int round = 0; round < 200; ++round) {
    constexpr std::size_t many = 3;
    S l(many), go(1);
    std::array<int, many> work{};
    std::vector<std::jthread> crew;
    for (std::size_t i = 0; i < many; ++i) {
      crew.emplace_back([&, i] {
        go.wait_blocking();
        work[i] = 1;
        l.count_down();
      });
    }
    go.count_down();
    l.wait_blocking();
    for (int const w : work) CHECK(w == 1);
  }
}

EVERY_LATCH("may be destroyed as soon as the wait has ended") {
  for (int round = 0; round < 500; ++round) {
    auto l = std::make_unique<S>(1);
    std::jthread other([&l_ = *l] { l_.count_down(); });
    if (round % 2 == 0) l->wait_blocking();
    else while (!l->try_wait_for(1us)) {}
    l.reset();
  }
}

EVERY_LATCH("a resumed coroutine may destroy the latch") {
  auto l = std::make_unique<S>(1);
  listener w;
  w.on_end = [&] { l.reset(); };
  w.start([&] { return l->wait(); });
  l->count_down();
  CHECK(w.heard);
  CHECK(l == nullptr);
}

}  // namespace latch_conformance
