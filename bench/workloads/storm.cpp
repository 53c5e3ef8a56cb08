// surewake/bench/workloads/storm.cpp: n coroutines wait, then n permits come.
//
// One operation = one waiter. `storm`: timed is the release, and with it the resumption of every waiter; `at once`: one
// permit of n is released; `one by one`: it is split into n, each released alone; `add and forget`: each is added, and
// its waiter forgets it. `enqueue`: timed is the registration, from the resumption of a coroutine to its suspension in
// acquire. Frames are made and destroyed outside the timed part. A peer's tasks run on an executor that is hardly more
// than a queue of those that were woken: after each release, or after the one of n permits.
#include <surewake/bench/measure/coroutine.hpp>
#include <surewake/bench/measure/strategies.hpp>
#include <surewake/bench/peers/peers.hpp>

#include <fmt/format.h>

#include <memory>

namespace surewake::bench {
namespace {

template <class Semaphore>
probe wait_for_permit(frame_arena&, Semaphore& s, std::uint64_t& woken) {
  auto const permit = co_await s.acquire();
  ++woken;
  co_await std::suspend_always{};  // holds the permit until it is destroyed
}

probe wait_for_nothing(frame_arena&, std::uint64_t& woken) {
  co_await std::suspend_always{};
  ++woken;
  co_await std::suspend_always{};
}

template <class Semaphore>
probe wait_and_forget(frame_arena&, Semaphore& s, std::uint64_t& woken) {
  auto permit = co_await s.acquire();
  ++woken;
  permit.forget();
  co_await std::suspend_always{};
}

enum class timed_part { enqueue, wake_at_once, wake_one_by_one, wake_by_adding };

/// Says how n waiters are spread, so that a timed part is long beside a clock read: `groups` semaphores of n each.
struct shape {
  std::uint64_t n;
  std::uint64_t groups;
};

template <class Semaphore>
class storm {
 public:
  storm(frame_arena& arena, shape s) : arena_(arena), shape_(s) {
    gates_.reserve(s.groups);
    permits_.reserve(s.groups);
    probes_.reserve(s.n * s.groups);
  }

  sample run(std::uint64_t operations, timed_part part) {
    stopwatch watch;
    while (watch.operations() < static_cast<double>(operations)) round(watch, part);
    return watch.total();
  }

 private:
  void round(stopwatch& watch, timed_part part) {
    auto const n = static_cast<std::ptrdiff_t>(shape_.n);
    auto const waiters = static_cast<double>(shape_.n * shape_.groups);
    woken_ = 0;
    for (std::uint64_t g = 0; g < shape_.groups; ++g) {
      gates_.push_back(std::make_unique<Semaphore>(n));
      permits_.push_back(*gates_.back()->try_acquire(n));
      for (std::uint64_t i = 0; i < shape_.n; ++i) {
        probes_.push_back(part == timed_part::wake_by_adding ? wait_and_forget(arena_, *gates_.back(), woken_)
                                                             : wait_for_permit(arena_, *gates_.back(), woken_));
      }
      if (part == timed_part::wake_by_adding) permits_.back().forget();
    }

    if (part == timed_part::enqueue) watch.start();
    for (probe& p : probes_) p.start();
    if (part == timed_part::enqueue) watch.stop(waiters);
    for (auto const& g : gates_) expect(g->waiters() == shape_.n, "all wait");

    if (part != timed_part::enqueue) watch.start();
    wake(part);
    if (part != timed_part::enqueue) watch.stop(waiters);
    expect(woken_ == shape_.n * shape_.groups, "every waiter was woken, once");

    probes_.clear();
    std::ptrdiff_t const left = part == timed_part::wake_by_adding ? 0 : n;
    for (auto const& g : gates_) expect(g->available_permits() == left && g->waiters() == 0, "every permit is back");
    permits_.clear();
    gates_.clear();
    arena_.reset();
  }

  void wake(timed_part part) {
    auto const n = static_cast<std::ptrdiff_t>(shape_.n);
    if (part == timed_part::wake_one_by_one) {
      for (auto& all : permits_) {
        for (std::ptrdiff_t i = 0; i < n; ++i) auto const one = all.split(1);
      }
    } else if (part == timed_part::wake_by_adding) {
      for (auto const& g : gates_) {
        for (std::ptrdiff_t i = 0; i < n; ++i) g->add_permits(1);
      }
    } else {
      for (auto& all : permits_) all.release();
    }
  }

  frame_arena& arena_;
  shape shape_;
  std::uint64_t woken_ = 0;
  std::vector<std::unique_ptr<Semaphore>> gates_;
  std::vector<typename Semaphore::permit> permits_;
  std::vector<probe> probes_;
};

sample peer_storm(peer_crowd const& p, shape s, timed_part part, std::uint64_t operations) {
  stopwatch watch;
  std::uint64_t const waiters = s.n * s.groups;
  bool const forgets = part == timed_part::wake_by_adding;
  while (watch.operations() < static_cast<double>(operations)) {
    waiting_crowd const crowd(p, s.n, s.groups, false, forgets ? crowd_ending::forgets : crowd_ending::holds);
    if (part == timed_part::enqueue) watch.start();
    p.enqueue(crowd.object);
    if (part == timed_part::enqueue) watch.stop(static_cast<double>(waiters));
    expect(p.woken(crowd.object) == 0, "all wait");
    if (part != timed_part::enqueue) watch.start();
    (part == timed_part::wake_at_once ? p.wake_at_once : p.wake_one_by_one)(crowd.object);
    if (part != timed_part::enqueue) watch.stop(static_cast<double>(waiters));
    expect(p.woken(crowd.object) == waiters, "every waiter was woken, once");
    expect(p.end(crowd.object) == (forgets ? 0 : waiters), "every permit is back");
  }
  return watch.total();
}

/// Measures what resuming n suspended coroutines costs with nothing after it.
sample bare_resumes(frame_arena& arena, shape s, std::uint64_t operations) {
  stopwatch watch;
  std::vector<probe> probes;
  probes.reserve(s.n * s.groups);
  while (watch.operations() < static_cast<double>(operations)) {
    std::uint64_t woken = 0;
    for (std::uint64_t i = 0; i < s.n * s.groups; ++i) {
      probes.push_back(wait_for_nothing(arena, woken));
      probes.back().start();
    }
    watch.start();
    for (probe& p : probes) p.start();
    watch.stop(static_cast<double>(s.n * s.groups));
    expect(woken == s.n * s.groups, "every one ran");
    probes.clear();
    arena.reset();
  }
  return watch.total();
}

}  // namespace

void add_storm(scenarios& all, effort const& e) {
  std::vector<std::uint64_t> sizes{1, 1'000, 100'000};
  if (e.smoke) sizes = {1, 100};
  if (e.large && !e.smoke) sizes.push_back(1'000'000);
  struct variant {
    char const* workload;
    char const* how;
    timed_part part;
  };
  for (variant const v : {variant{"storm", "at once", timed_part::wake_at_once},
                          variant{"storm", "one by one", timed_part::wake_one_by_one},
                          variant{"storm", "add and forget", timed_part::wake_by_adding},
                          variant{"enqueue", "registration", timed_part::enqueue}}) {
    for (std::uint64_t const n : sizes) {
      shape const s{.n = n, .groups = n >= 1'000 ? 1 : e.smoke ? 1 : 1'000 / n};
      scenario add{.workload = v.workload,
                   .name = fmt::format("{}, n = {}", v.how, n),
                   .permits = n,
                   .waiters = n,
                   .operations = e.smoke ? 1 : std::max<std::uint64_t>(n, 8'000),
                   .weight = n >= 1'000'000 ? 6.0 : 1.0,
                   .max_repeats = n >= 1'000'000 ? 8U : ~0U};
      // Frames are 150–350 bytes. One arena for all contestants, one after the other: they share its warm pages.
      auto const arena = std::make_shared<frame_arena>(std::max<std::size_t>(n, 1'000) * 512);
      if (v.part == timed_part::wake_at_once) {
        add.contestants.push_back({"resume only", kind::floor,
                                   [=](std::uint64_t operations) { return bare_resumes(*arena, s, operations); }});
      }
      for_each_semaphore([&]<class M>(M const& m) {
        using semaphore = typename M::semaphore;
        add.contestants.push_back({m.name, kind::strategy, [=](std::uint64_t operations) {
                                     return storm<semaphore>(*arena, s).run(operations, v.part);
                                   }});
      });
      for (peer const& p : peers()) {
        if (p.crowd == nullptr) continue;
        add.contestants.push_back({p.name, kind::peer, [=, &p](std::uint64_t operations) {
                                     return peer_storm(*p.crowd, s, v.part, operations);
                                   }});
      }
      all.push_back(std::move(add));
    }
  }
}

}  // namespace surewake::bench
