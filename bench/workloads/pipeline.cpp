// surewake/bench/workloads/pipeline.cpp: what does a limit cost beside the work that it limits?
//
// One operation = one round of a task on a pool of two threads: acquire, work inside, release, work outside. The grid
// is that of the CQS paper (Koval, Khalanskiy, Alistarh, PLDI 2023), with tasks where it has threads: permits × tasks ×
// work inside and outside, in steps of about a nanosecond, of geometric lengths. A peer's tasks do the same work on
// tokio's runtime.
#include <surewake/bench/measure/pool_tasks.hpp>
#include <surewake/bench/peers/peers.hpp>

#include <fmt/format.h>

namespace surewake::bench {
namespace {

struct load {
  std::uint64_t inside;
  std::uint64_t outside;
};

}  // namespace

void add_pipeline(scenarios& all, effort const& e) {
  std::uint64_t const operations = e.smoke ? 200 : 5'000;
  std::vector<pool_contestant> const contestants = pool_contestants();
  for (std::uint64_t const permits : {1U, 2U, 8U}) {
    for (std::uint64_t const tasks : {16U, 1'000U}) {
      for (load const work : {load{100, 100}, load{100, 1'000}, load{1'000, 100}}) {
        if (e.smoke && (tasks > 16 || permits == 2)) continue;
        pool_shape const shape{.threads = 2,
                               .tasks = tasks,
                               .permits = permits,
                               .rounds = operations / tasks,
                               .work_inside = work.inside,
                               .work_outside = work.outside};
        scenario add{.workload = "pipeline",
                     .name = fmt::format("{} permit{}, {} tasks, work {} / {}", permits, permits == 1 ? "" : "s", tasks,
                                         work.inside, work.outside),
                     .threads = 2,
                     .permits = permits,
                     .waiters = tasks,
                     .operations = shape.tasks * shape.rounds,
                     .weight = 0.5,
                     .max_repeats = 20};
        auto const arena = std::make_shared<frame_arena>(frames_of(tasks));
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
}

}  // namespace surewake::bench
