// surewake/queues/strategies.hpp: every strategy: the one list of them, which the conformance tests, models,
// benchmarks and the README's table go through.
//
// A strategy is a class template over the platform, and says of itself
//   name                      as `backend()`, traces, cases and results spell it
//   first_come_first_served   whether it serves in the order of registration; one that does not has no barging
//   withdrawal                what giving up a wait costs, in the number of waiters
//   a_wait_allocates          what a wait allocates
//   progress                  what enqueue, grant, withdraw and close promise, in the grammar of
//                             verify/engine/progress.hpp
// A new one is its header, a line here and a word in queues/CMakeLists.txt: queues/README.md.
#pragma once

#include <surewake/queues/intrusive_list.hpp>
#include <surewake/queues/mutex_deque.hpp>
#include <surewake/queues/segmented_queue.hpp>
#include <surewake/queues/waker_hybrid.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// A strategy as a value, to go through a list of them. Its template is deduced, by `template <class> class Queue` and
/// a parameter strategy<Queue>; as a member it would be an alias, which to clang is another template.
template <template <class> class Queue> struct strategy {
  using native = Queue<std_platform>;
};

/// Whether the strategy's header was included.
template <class Strategy>
concept included = requires { sizeof(typename Strategy::native); };

template <class... Strategies> struct strategy_list {
  /// Calls f(strategy<…>{}) for each.
  template <class F> static constexpr void for_each(F&& f) { (f(Strategies{}), ...); }
};

// Their headers, uring_futex.hpp and iocp_port.hpp, are of one system each; a program that does not include one, or
// is of another system, passes them over.
template <platform P> class uring_futex;
template <platform P> class uring_futex_per_waiter;
template <platform P> class iocp_port;

using strategies = strategy_list<strategy<intrusive_list>, strategy<mutex_deque>, strategy<segmented_queue>,
                                 strategy<waker_hybrid>, strategy<uring_futex>, strategy<uring_futex_per_waiter>,
                                 strategy<iocp_port>>;

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
