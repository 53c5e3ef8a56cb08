// surewake/bench/measure/strategies.hpp: the strategies that are measured. A new one is one include and one line in
// `strategies`.
#pragma once

#include <surewake/bench/measure/workload.hpp>
#include <surewake/core/semaphore/barging.hpp>
#include <surewake/core/semaphore/hand_off.hpp>
#include <surewake/core/semaphore/semaphore.hpp>
#include <surewake/queues/intrusive_list.hpp>
#include <surewake/queues/mutex_deque.hpp>
#include <surewake/queues/segmented_queue.hpp>
#include <surewake/queues/waker_hybrid.hpp>
#ifdef SUREWAKE_BENCH_URING
#include <surewake/queues/uring_futex.hpp>
#endif

#include <cstddef>

namespace surewake::bench {

/// A name as a template argument.
template <std::size_t N>
struct fixed_string {
  consteval fixed_string(char const (&text)[N]) {
    for (std::size_t i = 0; i < N; ++i) chars[i] = text[i];
  }
  char chars[N]{};
};

/// What a withdrawal costs by design: decides up to which n it is measured.
enum class withdrawal { constant, linear };

template <template <class> class Queue, fixed_string Name, withdrawal Cost>
struct strategy {
  static constexpr char const* name = Name.chars;
  static constexpr withdrawal cost = Cost;
  template <class Discipline>
  using semaphore = basic_semaphore<Queue, std_platform, Discipline>;
};

template <class... Strategies>
struct strategy_list {};

using strategies = strategy_list<                                      //
    strategy<intrusive_list, "intrusive_list", withdrawal::constant>,  //
    strategy<mutex_deque, "mutex_deque", withdrawal::linear>,          //
    strategy<segmented_queue, "segmented_queue", withdrawal::constant>,  //
#ifdef SUREWAKE_BENCH_URING  // on threads without a ring, but in `tree` and `uring`
    strategy<uring_futex, "uring_futex", withdrawal::constant>,  //
    strategy<uring_futex_per_waiter, "uring_futex_per_waiter", withdrawal::constant>,  //
#endif
    strategy<waker_hybrid, "waker_hybrid", withdrawal::constant>>;

/// A semaphore type under its name: what for_each_semaphore hands out.
template <class Semaphore, class Strategy>
struct measured {
  using semaphore = Semaphore;
  static constexpr withdrawal cost = Strategy::cost;
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
  auto const one = [&]<class S>(S) { f(queue_of<typename S::template semaphore<hand_off>::queue_type>{S::name}); };
  [&]<class... S>(strategy_list<S...>) { (one(S{}), ...); }(strategies{});
}

/// Calls f(measured<…>{}) for every strategy under either discipline.
template <class F>
void for_each_semaphore(F&& f) {
  auto const both = [&]<class S>(S) {
    f(measured<typename S::template semaphore<hand_off>, S>{std::string(S::name) + "/hand_off"});
    f(measured<typename S::template semaphore<barging>, S>{std::string(S::name) + "/barging"});
  };
  [&]<class... S>(strategy_list<S...>) { (both(S{}), ...); }(strategies{});
}

}  // namespace surewake::bench
