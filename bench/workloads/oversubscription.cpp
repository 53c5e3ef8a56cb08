// surewake/bench/workloads/oversubscription.cpp: what does a permit cost when there are many more tasks than threads?
//
// One operation = one acquire that waits, and one release. M tasks on a thread_pool share as many permits as there are
// threads, so that every thread has work and no more than one task each runs. `plain`: a task releases at once.
// `yields`: it goes to the end of the pool's queue while it holds the permit, as a task does that awaits something. A
// peer's tasks run on tokio's runtime of as many threads.
#include <surewake/bench/measure/pool_tasks.hpp>
#include <surewake/bench/peers/peers.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace surewake::bench {
namespace {

struct place {
  unsigned threads;
  std::uint64_t tasks;
};

std::vector<place> places(effort const& e) {
  if (e.smoke) return {{1, 8}, {2, 100}};
  std::vector<place> all;
  for (unsigned const threads : {1U, 2U, 4U, 8U}) {
    for (std::uint64_t const tasks : {8U, 1'000U}) all.push_back({threads, tasks});
  }
  for (std::uint64_t const tasks : {2U, 100U, 10'000U}) all.push_back({2, tasks});
  if (e.large) all.push_back({2, 100'000});
  return all;
}

}  // namespace

void add_oversubscription(scenarios& all, effort const& e) {
  std::uint64_t const operations = e.smoke ? 200 : 100'000;
  std::vector<pool_contestant> const contestants = pool_contestants();
  for (bool const yields : {false, true}) {
    for (place const at : places(e)) {
      pool_shape const shape{.threads = at.threads,
                             .tasks = at.tasks,
                             .permits = at.threads,
                             .rounds = std::max<std::uint64_t>(1, operations / at.tasks),
                             .yields = yields};
      scenario add{.workload = "oversubscription",
                   .name = fmt::format("{}, M = {}, {} thread{}", yields ? "yields" : "plain", at.tasks, at.threads,
                                       at.threads == 1 ? "" : "s"),
                   .threads = at.threads,
                   .permits = shape.permits,
                   .waiters = at.tasks,
                   .operations = shape.tasks * shape.rounds,
                   .weight = 0.5,
                   .max_repeats = at.tasks > 10'000 ? 8U : 20U};
      auto const arena = std::make_shared<frame_arena>(frames_of(at.tasks));
      for (pool_contestant const& c : contestants) {
        add.contestants.push_back({c.name, c.what, [=, run = c.run](std::uint64_t) { return run(*arena, shape); }});
      }
      for (peer const& p : peers()) {
        if (p.pool == nullptr) continue;
        add.contestants.push_back(
            {p.name, kind::peer, [=, pool = p.pool](std::uint64_t) { return run_on(*pool, shape); }});
      }
      all.push_back(std::move(add));
    }
  }
}

}  // namespace surewake::bench
