// surewake/bench/measure/strategies.hpp: the strategies that are measured: all of queues/strategies.hpp, with or
// without liburing. (uring_futex waits on threads without a ring, but in `tree` and `uring`.)
#pragma once

#include <surewake/bench/measure/workload.hpp>
#include <surewake/core/semaphore/barging.hpp>
#include <surewake/core/semaphore/hand_off.hpp>
#include <surewake/core/semaphore/seat_synchronizer.hpp>
#include <surewake/core/semaphore/semaphore.hpp>
#include <surewake/queues/strategies.hpp>
#ifdef SUREWAKE_BENCH_URING
#include <surewake/queues/uring_futex.hpp>
#endif

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace surewake::bench {

/// A semaphore type under its name: what for_each_semaphore hands out.
template <class Semaphore>
struct measured {
  using semaphore = Semaphore;
  static constexpr withdrawal_cost cost = Semaphore::queue_type::withdrawal;
  std::string name;
};

/// A strategy's queue under its name: what for_each_queue hands out.
template <class Queue>
struct queue_of {
  std::string name;
};

/// Calls f(queue_of<…>{}) for every strategy.
template <class F>
void for_each_queue(F&& f) {
  strategies::for_each([&]<class S>(S) {
    if constexpr (included<S>) f(queue_of<typename S::native>{S::native::name});
  });
}

/// Calls f(measured<…>{}) for every strategy under either discipline that it fits.
template <class F>
void for_each_semaphore(F&& f) {
  auto const one = [&]<class Semaphore>(std::type_identity<Semaphore>) {
    f(measured<Semaphore>{std::string(Semaphore::queue_type::name) + "/" + Semaphore::discipline_type::name});
  };
  strategies::for_each([&]<template <class> class Queue>(strategy<Queue>) {
    if constexpr (included<strategy<Queue>>) {
      one(std::type_identity<basic_semaphore<Queue>>());
      if constexpr (surewake::detail::fits<Queue<std_platform>, barging>) {
        one(std::type_identity<basic_semaphore<Queue, std_platform, barging>>());
      }
    }
  });
}

/// The points between hand_off and barging that the contended workloads measure: bounded_barging of the default
/// strategy, with these k.
inline constexpr std::array<std::int64_t, 7> dial{0, 1, 4, 16, 64, 256, 1024};
using bounded_semaphore = basic_semaphore<intrusive_list, std_platform, bounded_barging<>>;
[[nodiscard]] inline std::string name_on_dial(std::int64_t k) {
  return std::string(intrusive_list<std_platform>::name) + "/bounded_barging_" + std::to_string(k);
}

}  // namespace surewake::bench
