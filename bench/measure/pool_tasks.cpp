// surewake/bench/measure/pool_tasks.cpp: tasks on a pool, over every strategy; compiled once for all workloads of them.
#include <surewake/bench/measure/pool_tasks.hpp>
#include <surewake/bench/measure/strategies.hpp>
#include <surewake/core/coroutine/thread_pool.hpp>

#include <cmath>
#include <random>

namespace surewake::bench {

void work_for(std::uint64_t steps) noexcept {
  std::uint64_t x = steps | 1;
  for (std::uint64_t i = 0; i < steps; ++i) {
    x = x * 6364136223846793005U + 1442695040888963407U;
    keep(x);
  }
}

std::vector<std::uint32_t> work_lengths(std::uint64_t mean, std::size_t how_many, std::uint64_t seed) {
  std::vector<std::uint32_t> lengths(how_many);
  std::mt19937_64 random(seed);
  for (std::uint32_t& n : lengths) {
    double const uniform = (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53;
    n = static_cast<std::uint32_t>(-std::log(uniform) * static_cast<double>(mean));
  }
  return lengths;
}

namespace {

constexpr std::size_t table = 256;  // lengths of work are taken from it in turn

/// What the tasks of one run share.
struct party {
  explicit party(pool_shape const& s)
      : shape(s),
        pool(s.threads),
        inside(work_lengths(s.work_inside, table, 1)),
        outside(work_lengths(s.work_outside, table, 2)),
        rounds(s.tasks),
        left(s.tasks) {}

  void end_one() {
    if (left.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    ended.test_and_set();
    ended.notify_all();
  }
  /// Stops the watch on this thread, once it has woken: a peer's runtime is timed in the same way.
  void wait_for_all() {
    ended.wait(false);
    watch.stop(static_cast<double>(shape.tasks * shape.rounds));
  }

  pool_shape shape;
  thread_pool pool;
  std::vector<std::uint32_t> inside;
  std::vector<std::uint32_t> outside;
  std::vector<std::uint64_t> rounds;  // that a task has done; written by it alone
  std::atomic<std::uint64_t> left;    // tasks that have not ended
  std::atomic_flag ended{};
  stopwatch watch{};
};

template <class Semaphore> probe limited(frame_arena&, Semaphore& s, party& p, std::uint64_t me) {
  co_await p.pool.schedule();
  for (std::uint64_t i = 0; i < p.shape.rounds; ++i) {
    {
      auto const permit = co_await s.acquire();
      ++p.rounds[me];
      work_for(p.inside[(me + i) % table]);
      if (p.shape.yields) co_await p.pool.schedule();
    }
    work_for(p.outside[(me + i) % table]);
  }
  p.end_one();
}

/// A task that goes to the end of the pool's queue where the others wait for a permit.
probe unlimited(frame_arena&, party& p, std::uint64_t me) {
  for (std::uint64_t i = 0; i < p.shape.rounds; ++i) {
    co_await p.pool.schedule();
    ++p.rounds[me];
    work_for(p.inside[(me + i) % table]);
    if (p.shape.yields) co_await p.pool.schedule();
    work_for(p.outside[(me + i) % table]);
  }
  p.end_one();
}

void check_rounds(party const& p) {
  for (std::uint64_t const n : p.rounds) expect(n == p.shape.rounds, "every task had its rounds");
}

template <class Semaphore> sample run_limited(frame_arena& arena, pool_shape const& shape) {
  auto const permits = static_cast<std::ptrdiff_t>(shape.permits);
  Semaphore s(permits);
  auto all = s.try_acquire(permits);
  std::vector<probe> tasks;
  tasks.reserve(shape.tasks);
  sample o;
  {
    party p(shape);
    for (std::uint64_t i = 0; i < shape.tasks; ++i) tasks.push_back(limited(arena, s, p, i));
    for (probe& t : tasks) t.start();
    while (s.waiters() != shape.tasks) std::this_thread::sleep_for(std::chrono::microseconds{50});
    p.watch.start();
    all->release();
    p.wait_for_all();
    check_rounds(p);
    o = p.watch.total();
  }  // with the pool's threads the last task has left its frame
  expect(s.available_permits() == permits && s.waiters() == 0, "every permit is back, and nobody waits");
  tasks.clear();
  arena.reset();
  return o;
}

sample run_unlimited(frame_arena& arena, pool_shape const& shape) {
  std::vector<probe> tasks;
  tasks.reserve(shape.tasks);
  sample o;
  {
    party p(shape);
    for (std::uint64_t i = 0; i < shape.tasks; ++i) tasks.push_back(unlimited(arena, p, i));
    p.watch.start();
    for (probe& t : tasks) t.start();
    p.wait_for_all();
    check_rounds(p);
    o = p.watch.total();
  }
  tasks.clear();
  arena.reset();
  return o;
}

}  // namespace

sample run_on(peer_pool const& peer, pool_shape const& shape) {
  std::vector<std::uint32_t> const inside = work_lengths(shape.work_inside, table, 1);
  std::vector<std::uint32_t> const outside = work_lengths(shape.work_outside, table, 2);
  void* const pool = peer.make(shape.threads);
  void* const tasks = peer.prepare(pool, {.tasks = shape.tasks,
                                          .rounds = shape.rounds,
                                          .permits = shape.permits,
                                          .yields_inside = shape.yields,
                                          .lengths = table,
                                          .inside = inside.data(),
                                          .outside = outside.data(),
                                          .work = [](std::uint64_t steps) { work_for(steps); }});
  stopwatch watch;
  watch.start();
  peer.run(tasks);
  watch.stop(static_cast<double>(shape.tasks * shape.rounds));
  bool const good = peer.finish(tasks);
  peer.destroy(pool);
  expect(good, "every task had its rounds, and every permit is back");
  return watch.total();
}

std::vector<pool_contestant> pool_contestants() {
  std::vector<pool_contestant> all{{"executor hop", kind::floor, &run_unlimited}};
  for_each_semaphore([&]<class M>(M const& m) {
    using semaphore = typename M::semaphore;
    if constexpr (!std::string_view(semaphore::queue_type::name).starts_with("uring")) {
      all.push_back({m.name, kind::strategy, &run_limited<semaphore>});
    }
  });
  return all;
}

}  // namespace surewake::bench
