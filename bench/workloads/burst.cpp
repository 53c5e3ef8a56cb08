// surewake/bench/workloads/burst.cpp: how long do jobs take from when they are due, as the load grows to what there is?
//
// One operation = one job: acquire of 1, 2, 4 or 8 permits of 64, hold, release. Jobs come in bursts at the times of a
// Poisson process, in an open loop (measure/open_loop.hpp); the load is the share of the permits that they hold on
// average. The time of an operation is what the thread worked for it: the waiting for events is taken off. Percentiles
// of response and service are stamped for each job, which takes 80 µs and more. Under barging a release wakes all
// waiters while one of them wants several permits (barging.hpp, I3): once a backlog is there, jobs cost a step for
// each waiter, and the thread that does all of it stays behind. So there are no more jobs in a sample than it can
// bear. Of the peers only those take part that take several permits at once.
#include <surewake/bench/measure/coroutine.hpp>
#include <surewake/bench/measure/open_loop.hpp>
#include <surewake/bench/measure/strategies.hpp>
#include <surewake/bench/peers/peers.hpp>

#include <fmt/format.h>

#include <memory>

namespace surewake::bench {
namespace {

using jobs_loop = open_loop<real_time>;

template <class Semaphore>
probe limited(frame_arena&, Semaphore& s, jobs_loop& loop, std::size_t i, std::uint32_t size, std::uint64_t& granted) {
  {
    auto const permit = co_await s.acquire(static_cast<std::ptrdiff_t>(size));
    ++granted;
    co_await loop.held(i);
  }
  loop.ended(i);
}

probe unlimited(frame_arena&, jobs_loop& loop, std::size_t i) {
  co_await loop.held(i);
  loop.ended(i);
}

/// What all samples of one contestant share.
struct history {
  latency_histogram response;
  latency_histogram service;
};

/// Lets `begin(loop, i)` begin each job when it is due.
template <class Begin> sample timed_jobs(std::vector<job> const& jobs, history& so_far, Begin begin) {
  stopwatch watch;
  watch.start();
  real_time time;
  jobs_loop loop(time, jobs);
  loop.run([&](std::size_t i) { begin(loop, i); });
  watch.stop(static_cast<double>(jobs.size()));
  expect(loop.response().count() == jobs.size(), "every job ends");
  sample o = watch.total();
  o.elapsed_ns -= time.idle();
  o.used.reset();  // the processor spins between events
  so_far.response.add(loop.response());
  so_far.service.add(loop.service());
  set_percentiles(o.metrics, "response", loop.response(), so_far.response);
  set_percentiles(o.metrics, "service", loop.service(), so_far.service);
  return o;
}

/// The same with a coroutine for each job.
template <class Make> sample timed_coroutines(std::vector<job> const& jobs, history& so_far, Make make) {
  std::vector<probe> coroutines;
  coroutines.reserve(jobs.size());
  return timed_jobs(jobs, so_far, [&](jobs_loop& loop, std::size_t i) {
    coroutines.push_back(make(loop, i));
    coroutines.back().start();
  });
}

template <class Semaphore>
sample timed_limited(frame_arena& arena, std::vector<job> const& jobs, history& so_far, std::ptrdiff_t permits) {
  Semaphore s(permits);
  std::uint64_t granted = 0;
  sample o = timed_coroutines(jobs, so_far, [&](jobs_loop& loop, std::size_t i) {
    return limited(arena, s, loop, i, jobs[i].size, granted);
  });
  expect(granted == jobs.size(), "every job got its permits once");
  expect(s.available_permits() == permits && s.waiters() == 0, "every permit is back, and nobody waits");
  arena.reset();
  return o;
}

/// A peer's jobs, each a task that tells the loop when it has its permits.
sample timed_peer(peer_jobs const& p, std::vector<job> const& jobs, history& so_far, std::ptrdiff_t permits) {
  struct session {
    peer_jobs const& peer;
    void* const work;
    jobs_loop* loop = nullptr;
  } its{p, p.make(static_cast<std::size_t>(permits), jobs.size())};
  job_events const events{
      .loop = &its,
      .held =
          [](void* s, std::size_t i) {
            auto const& of = *static_cast<session*>(s);
            of.loop->hold(i, of.peer.go_on, of.work);
          },
      .ended = [](void* s, std::size_t i) { static_cast<session*>(s)->loop->ended(i); }};
  sample o = timed_jobs(jobs, so_far, [&](jobs_loop& loop, std::size_t i) {
    its.loop = &loop;
    p.begin(its.work, &events, jobs[i].size);
  });
  expect(p.finish(its.work), "every job ended, and every permit is back");
  return o;
}

}  // namespace

void add_burst(scenarios& all, effort const& e) {
  std::size_t const n = e.smoke ? 200 : 2'000;
  auto const arena = std::make_shared<frame_arena>(n * 768);
  for (double const load : {0.5, 0.9, 0.99}) {
    if (e.smoke && load != 0.5 && load != 0.99) continue;
    load_shape const shape{.load = load};
    auto const jobs = std::make_shared<std::vector<job> const>(poisson_bursts(shape, n, e.seed));
    auto const permits = static_cast<std::ptrdiff_t>(shape.permits);
    scenario add{.workload = "burst",
                 .name = fmt::format("load {:.2f}", load),
                 .permits = static_cast<std::uint64_t>(permits),
                 .operations = n,
                 .max_repeats = 20};
    auto const enter = [&](std::string name, kind what, auto run) {
      auto const so_far = std::make_shared<history>();
      add.contestants.push_back(
          {.name = std::move(name),
           .what = what,
           .run = [=](std::uint64_t) { return run(*arena, *jobs, *so_far, permits); },
           .latencies =
               [=] { return std::vector{so_far->response.bins("response"), so_far->service.bins("service")}; }});
    };
    enter("no limit", kind::floor, [](frame_arena& frames, std::vector<job> const& all_jobs, history& so_far, auto) {
      auto const make = [&](jobs_loop& loop, std::size_t i) { return unlimited(frames, loop, i); };
      sample o = timed_coroutines(all_jobs, so_far, make);
      frames.reset();
      return o;
    });
    for_each_semaphore([&]<class M>(M const& m) {
      using semaphore = typename M::semaphore;
      if constexpr (!std::string_view(semaphore::queue_type::name).starts_with("uring")) {
        enter(m.name, kind::strategy, &timed_limited<semaphore>);
      }
    });
    for (peer const& p : peers()) {
      if (p.jobs == nullptr) continue;
      enter(p.name, kind::peer,
            [&p](frame_arena&, std::vector<job> const& all_jobs, history& so_far, std::ptrdiff_t all_permits) {
              return timed_peer(*p.jobs, all_jobs, so_far, all_permits);
            });
    }
    all.push_back(std::move(add));
  }
}

}  // namespace surewake::bench
