// surewake/bench/measure/pool_tasks.hpp: tasks on a pool of threads that share a semaphore: what `oversubscription` and
// `pipeline` measure, each on a grid of its own.
//
//   task:  acquire → work inside [→ let the next one run] → release → work outside   … as many rounds as were asked for
//
// All tasks wait before the clock starts, because otherwise the first ones would be done before the last ones came. The
// clock stops when the thread that started them knows that the last one has ended. One operation is one round of one
// task.
#pragma once

#include <surewake/bench/measure/coroutine.hpp>
#include <surewake/bench/measure/workload.hpp>
#include <surewake/bench/peers/peer.hpp>

#include <memory>
#include <vector>

namespace surewake::bench {

struct pool_shape {
  unsigned threads = 1;
  std::uint64_t tasks = 1;
  std::uint64_t permits = 1;
  std::uint64_t rounds = 1;         // of each task
  std::uint64_t work_inside = 0;    // mean number of steps; the lengths are geometric
  std::uint64_t work_outside = 0;
  bool yields = false;              // a task that holds a permit goes to the end of the pool's queue
};

/// Runs them once, and checks that each task had its rounds and every permit is back. Frames come from the arena, which
/// is empty before and afterwards.
using pool_run = sample (*)(frame_arena&, pool_shape const&);

struct pool_contestant {
  std::string name;
  kind what = kind::strategy;
  pool_run run;
};

/// Returns the strategies under either discipline, and as a floor the same tasks that go to the end of the pool's queue
/// instead of waiting for a permit. Left out is uring_futex, which waits as a list does on threads that have no ring.
[[nodiscard]] std::vector<pool_contestant> pool_contestants();

/// Runs the same load on the executor of a peer, of as many threads, and checks the same.
[[nodiscard]] sample run_on(peer_pool const& peer, pool_shape const& shape);

/// Returns the most memory that the frames of `tasks` tasks take.
[[nodiscard]] constexpr std::size_t frames_of(std::uint64_t tasks) noexcept { return (tasks + 16) * 768; }

/// Does `steps` steps of work that no compiler removes: about a nanosecond each.
void work_for(std::uint64_t steps) noexcept;

/// Returns lengths of work, geometric with the mean `mean`, the same for a seed on every machine; 0 gives zeros.
[[nodiscard]] std::vector<std::uint32_t> work_lengths(std::uint64_t mean, std::size_t how_many, std::uint64_t seed);

}  // namespace surewake::bench
