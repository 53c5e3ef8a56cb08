// surewake/queues/conformance/all_mutexes.test.hpp: mutexes and condition variables of every strategy, for tests.
// Not installed.
#pragma once

#include <surewake/condition_variable.hpp>
#include <surewake/queues/conformance/all_semaphores.test.hpp>

#include <thread>

namespace surewake::testing {

/// The primitives beside a semaphore: over its strategy, on its platform, under its discipline.
template <class Semaphore> struct beside;
template <template <class> class Queue, class P, class Discipline>
struct beside<basic_semaphore<Queue, P, Discipline>> {
  using mutex = basic_mutex<Queue, P, Discipline>;
  using condition = basic_condition_variable<Queue, P>;
  template <class Q> using mutex_on = basic_mutex<Queue, Q, Discipline>;
  template <class Q> using condition_on = basic_condition_variable<Queue, Q>;
};
template <class S> using mutex_of = typename beside<S>::mutex;
template <class S> using condition_of = typename beside<S>::condition;

/// Waits until `condition`; false when 20 s have passed without it.
template <class F> bool soon(F condition) {
  for (auto const end = std_platform::now() + std::chrono::seconds(20); !condition(); std::this_thread::yield()) {
    if (std_platform::now() > end) return false;
  }
  return true;
}

}  // namespace surewake::testing

#define EVERY_PRIMITIVE(name) \
  SUREWAKE_TEST_OVER("every primitive: " name, ::surewake::testing::all_semaphores, DOCTEST_ANONYMOUS(SUREWAKE_TEST_))
