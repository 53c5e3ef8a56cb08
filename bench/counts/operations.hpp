// surewake/bench/counts/operations.hpp: the operations of a semaphore whose steps are counted, each as the workload of
// that name has it.
//
// Every count is of `many` operations after as many that are not counted, so that what is made once (a queue's first
// block, a segment) is not in it and what recurs (a segment for every 32 waiters) is in it by its share. Each operation
// runs on a thread of its own, which starts with nothing.
#pragma once

#include <surewake/bench/counts/counting_platform.hpp>
#include <surewake/bench/counts/counts.hpp>
#include <surewake/bench/measure/coroutine.hpp>
#include <surewake/bench/measure/workload.hpp>
#include <surewake/core/semaphore/semaphore.hpp>

#include <exception>
#include <thread>
#include <vector>

namespace surewake::bench {

/// The steps of one operation are `steps` / `operations`.
struct operation_steps {
  step_counts steps{};
  std::uint64_t operations = 0;
};

namespace counting {

inline constexpr std::uint64_t many = 1'024;
using P = counting_platform;

/// Counts what `f` does on this thread.
template <class F> step_counts steps_of(F&& f) {
  step_counts const before = P::steps();
  f();
  return P::steps() - before;
}

template <class Semaphore> probe take_and_give(frame_arena&, Semaphore& s, std::uint64_t times) {
  for (std::uint64_t i = 0; i < times; ++i) auto const permit = co_await s.acquire();
}

/// Waits for a permit and holds it until it is destroyed.
template <class Semaphore> probe take_and_keep(frame_arena&, Semaphore& s, std::uint64_t& woken) {
  auto const permit = co_await s.acquire();
  ++woken;
  co_await std::suspend_always{};
}

template <class Semaphore> operation_steps free_permit_by_try() {
  Semaphore s(4);
  auto const once = [&] {
    auto const permit = s.try_acquire();
    expect(permit.has_value(), "a free permit is not refused");
  };
  once();
  return {steps_of([&] { for (std::uint64_t i = 0; i < many; ++i) once(); }), many};
}

template <class Semaphore> operation_steps free_permit_by_await() {
  frame_arena arena(std::size_t{1} << 16);
  Semaphore s(4);
  probe warm_up = take_and_give(arena, s, many);
  warm_up.start();
  probe loop = take_and_give(arena, s, many);
  step_counts const steps = steps_of([&] { loop.start(); });
  expect(loop.done() && s.available_permits() == 4, "a coroutine that finds a permit does not suspend");
  return {steps, many};
}

/// Counts one release of 64 permits that nobody waits for.
template <class Semaphore> operation_steps release_64() {
  Semaphore s(64);
  step_counts steps;
  for (std::uint64_t i = 0; i < many; ++i) {
    auto all = s.try_acquire(64);
    expect(all.has_value(), "all permits are free");
    steps = steps + steps_of([&] { all->release(); });
  }
  return {steps, many};
}

template <class Semaphore> operation_steps hand_off_on_one_thread() {
  frame_arena arena(std::size_t{1} << 16);
  Semaphore s(1);
  step_counts steps;
  for (int round = 0; round < 2; ++round) {
    auto held = s.try_acquire();
    probe one = take_and_give(arena, s, many / 2);
    probe two = take_and_give(arena, s, many / 2);
    one.start();
    two.start();
    expect(s.waiters() == 2, "both wait");
    steps = steps_of([&] { held->release(); });
    expect(one.done() && two.done() && s.available_permits() == 1, "both reach their ends");
  }
  return {steps, many};
}

/// Counts one acquire_blocking that sleeps, and the release that ends it. The releaser waits until the other thread is
/// about to sleep; that one waits until the release has returned, because a late wake would end its next sleep.
template <class Semaphore> operation_steps hand_off_to_a_sleeper() {
  constexpr std::uint64_t rounds = 16;  // and one before them
  Semaphore s(1);
  step_counts releaser;
  step_counts sleeper;
  std::atomic<std::uint64_t> ready{0};
  std::atomic<std::uint64_t> released{0};
  std::atomic<std::uint64_t> taken{0};
  std::uint64_t const begun = P::waits_begun();
  auto const reaches = [](std::atomic<std::uint64_t> const& word, std::uint64_t value) {
    for (std::uint64_t seen = word.load(); seen < value; seen = word.load()) word.wait(seen);
  };
  auto const tell = [](std::atomic<std::uint64_t>& word) { word.fetch_add(1), word.notify_all(); };
  std::jthread const other([&] {
    for (std::uint64_t i = 1; i <= rounds + 1; ++i) {
      reaches(ready, i);
      step_counts const before = P::steps();
      auto permit = s.acquire_blocking(1, {.spin = std::chrono::nanoseconds{0}});
      if (i > 1) sleeper = sleeper + (P::steps() - before);
      reaches(released, i);
      permit.release();
      tell(taken);
    }
  });
  for (std::uint64_t i = 1; i <= rounds + 1; ++i) {
    auto held = s.try_acquire();
    tell(ready);
    while (P::waits_begun() < begun + i) std::this_thread::yield();
    step_counts const steps = steps_of([&] { held->release(); });
    if (i > 1) releaser = releaser + steps;
    tell(released);
    reaches(taken, i);
  }
  return {releaser + sleeper, rounds};
}

enum class counted_part { registration, at_once, one_by_one, first_leaves_first, last_leaves_first };

/// Counts the registration of a waiter, its wake or its withdrawal, of `many` that wait on one semaphore.
template <class Semaphore> class crowd {
 public:
  operation_steps count(counted_part part) {
    for (int round = 0; round < 2; ++round) run(part);
    return {steps_, many};
  }

 private:
  static constexpr auto n = static_cast<std::ptrdiff_t>(many);

  void run(counted_part part) {
    auto all = limit_.try_acquire(n);
    woken_ = 0;
    for (std::uint64_t i = 0; i < many; ++i) waiting_.push_back(take_and_keep(arena_, limit_, woken_));
    step_counts const registration = steps_of([&] { for (probe& p : waiting_) p.start(); });
    expect(limit_.waiters() == many, "all wait");
    steps_ = part == counted_part::registration ? registration : steps_of([&] { finish(part, *all); });
    waiting_.clear();
    if (all) all->release();
    expect(limit_.waiters() == 0 && limit_.available_permits() == n, "nobody waits, and every permit is back");
    arena_.reset();
  }

  void finish(counted_part part, typename Semaphore::permit& all) {
    switch (part) {
      case counted_part::registration: break;
      case counted_part::at_once: all.release(); break;
      case counted_part::one_by_one:
        for (std::uint64_t i = 0; i < many; ++i) auto const one = all.split(1);
        break;
      case counted_part::first_leaves_first:
        for (auto p = waiting_.begin(); p != waiting_.end(); ++p) p->destroy();
        break;
      case counted_part::last_leaves_first:
        for (auto p = waiting_.rbegin(); p != waiting_.rend(); ++p) p->destroy();
        break;
    }
    bool const wakes = part == counted_part::at_once || part == counted_part::one_by_one;
    expect(woken_ == (wakes ? many : 0), "a release wakes each once, and a withdrawal nobody");
  }

  frame_arena arena_{many * 1'024};
  Semaphore limit_{n};
  std::uint64_t woken_ = 0;
  step_counts steps_{};
  std::vector<probe> waiting_{};
};

}  // namespace counting

/// Calls f(name, operation_steps) for every one of counted_operations, in that order.
template <class Semaphore, class F> void for_each_operation(F&& f) {
  auto name = counted_operations.begin();
  auto const on_a_thread = [&](auto operation) {
    operation_steps counted;
    std::exception_ptr failure;
    std::thread([&] {
      try {
        counted = operation();
      } catch (...) {
        failure = std::current_exception();
      }
    }).join();
    if (failure) std::rethrow_exception(failure);
    f(*name++, counted);
  };
  using counting::counted_part;
  auto const of_crowd = [&](counted_part part) {
    on_a_thread([part] { return counting::crowd<Semaphore>().count(part); });
  };
  on_a_thread(&counting::free_permit_by_try<Semaphore>);
  on_a_thread(&counting::free_permit_by_await<Semaphore>);
  on_a_thread(&counting::release_64<Semaphore>);
  on_a_thread(&counting::hand_off_on_one_thread<Semaphore>);
  on_a_thread(&counting::hand_off_to_a_sleeper<Semaphore>);
  of_crowd(counted_part::registration);
  of_crowd(counted_part::at_once);
  of_crowd(counted_part::one_by_one);
  of_crowd(counted_part::first_leaves_first);
  of_crowd(counted_part::last_leaves_first);
}

}  // namespace surewake::bench
