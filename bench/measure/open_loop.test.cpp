#include <surewake/bench/measure/coroutine.hpp>
#include <surewake/bench/measure/open_loop.hpp>
#include <surewake/core/semaphore/semaphore.hpp>
#include <surewake/queues/intrusive_list.hpp>

#include <doctest/doctest.h>

namespace open_loop_test {

using namespace surewake;
using namespace surewake::bench;

/// A clock that goes on when it is waited for, and stalls once.
struct simulated_time {
  double time = 0;
  double stall_at = 0;
  double stall_for = 0;

  [[nodiscard]] double now() const { return time; }
  double wait_until(double t) {
    if (stall_for != 0 && t >= stall_at) {
      time = stall_at + stall_for;
      stall_for = 0;
    }
    return time = std::max(time, t);
  }
};

using loop = open_loop<simulated_time>;

probe served(frame_arena&, basic_semaphore<intrusive_list>& s, loop& l, std::size_t i) {
  {
    auto const permit = co_await s.acquire();
    co_await l.held(i);
  }
  l.ended(i);
}

/// Runs jobs one at a time: one every `distance` ns that takes `hold` ns; and calls check(loop) at the end.
template <class Check>
void run(simulated_time& time, std::size_t n, double distance, double hold, Check check) {
  std::vector<job> jobs(n);
  for (std::size_t i = 0; i < n; ++i) jobs[i] = {.at = static_cast<double>(i) * distance, .hold = hold};
  frame_arena arena(n * 768);
  basic_semaphore<intrusive_list> s(1);
  std::vector<probe> all;
  loop l(time, jobs);
  l.run([&](std::size_t i) {
    all.push_back(served(arena, s, l, i));
    all.back().start();
  });
  CHECK(s.available_permits() == 1);
  CHECK(l.response().count() == n);
  check(l);
}

constexpr double us = 1'000;
constexpr double ms = 1'000 * us;

TEST_CASE("without a stall a job takes what it holds") {
  simulated_time time;
  run(time, 20'000, 10 * us, 2 * us, [](loop const& l) {
    CHECK(l.response().percentile(0.999) == doctest::Approx(2 * us).epsilon(0.006));
    CHECK(l.service().percentile(0.999) == doctest::Approx(2 * us).epsilon(0.006));
  });
}

TEST_CASE("a stall of 100 ms moves the open loop's p99.9 by what arithmetic says") {
  // A job that is due x after the stall began waits for its rest, 100 ms - x, and for the jobs that were due before it:
  // x/10 µs of them, of 2 µs each. So its response is 100 ms - 0.8 x. One in a thousand of 100,000 jobs is 100 jobs,
  // those due in the stall's first millisecond: p99.9 = 100 ms - 0.8 ms.
  simulated_time time{.stall_at = 300 * ms, .stall_for = 100 * ms};
  run(time, 100'000, 10 * us, 2 * us, [](loop const& l) {
    CHECK(l.response().percentile(0.999) == doctest::Approx(99.2 * ms).epsilon(0.006));
    // A tenth of the jobs is 10,000, those due while the stall lasted.
    CHECK(l.response().percentile(0.9) == doctest::Approx(20 * ms).epsilon(0.006));
    CHECK(l.response().percentile(0.5) == doctest::Approx(2 * us).epsilon(0.006));
  });
}

TEST_CASE("in a burst each job waits for those before it") {
  simulated_time time;
  std::vector<job> jobs(100, {.at = 5 * us, .hold = 1 * us});
  frame_arena arena(100 * 768);
  basic_semaphore<intrusive_list> s(1);
  std::vector<probe> all;
  loop l(time, jobs);
  l.run([&](std::size_t i) {
    all.push_back(served(arena, s, l, i));
    all.back().start();
  });
  CHECK(time.now() == 105 * us);
  CHECK(l.response().percentile(0.9) == doctest::Approx(90 * us).epsilon(0.006));
  CHECK(l.response().largest() == 100 * us);
}

TEST_CASE("a schedule of bursts has the load that was asked for, and is the same for a seed") {
  for (double const load : {0.5, 0.99}) {
    load_shape const shape{.load = load};
    std::vector<job> const jobs = poisson_bursts(shape, 200'000, 3);
    double held = 0;
    for (job const& j : jobs) held += j.hold * j.size;
    CHECK(held / (jobs.back().at * shape.permits) == doctest::Approx(load).epsilon(0.03));
    CHECK(poisson_bursts(shape, 200'000, 3).back().at == jobs.back().at);
  }
}

}  // namespace open_loop_test
