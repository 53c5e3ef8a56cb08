// surewake/verify/cases/strategies.hpp: a suite over every strategy and discipline.
#pragma once

#include <surewake/core/semaphore/barging.hpp>
#include <surewake/core/semaphore/hand_off.hpp>
#include <surewake/models/uring/uring_queues.hpp>
#include <surewake/queues/strategies.hpp>
#include <surewake/verify/engine/case.hpp>

namespace surewake::verify {

namespace detail {

/// What a checker runs in place of a strategy: the strategy itself; for those that wait in rings, their layout over the
/// modelled kernel.
template <class Strategy, models::ring_rules> struct checked {
  template <class F> static void call(F&& f) {
    f.template operator()<Strategy::template queue>(Strategy::native::name);
  }
};
template <models::ring_rules Kernel> struct checked<strategy<uring_futex>, Kernel> {
  template <class F> static void call(F&& f) {
    using over_model = models::modelled_uring<models::per_ring, uring_rules{}, Kernel>;
    f.template operator()<over_model::template queue>("uring_per_ring");
  }
};
template <models::ring_rules Kernel> struct checked<strategy<uring_futex_per_waiter>, Kernel> {
  template <class F> static void call(F&& f) {
    using over_model = models::modelled_uring<models::per_waiter, uring_rules{}, Kernel>;
    f.template operator()<over_model::template queue>("uring_per_waiter");
  }
};

/// Calls f.operator()<Queue>(name) for each strategy.
template <models::ring_rules Kernel = models::ring_rules{}, class F> void for_each_queue(F&& f) {
  strategies::for_each([&]<class Strategy>(Strategy) { checked<Strategy, Kernel>::call(f); });
}

/// The model, with a ring on every thread where the strategy knows of rings.
template <class Model, class Queue> struct equipped {
  using type = Model;
};
template <class Model, class Queue>
  requires requires { typename Queue::ring_type; }
struct equipped<Model, Queue> {
  using type = models::on_rings<Model, typename Queue::ring_type>;
};
template <class Model, class Queue> using equipped_t = typename equipped<Model, Queue>::type;

}  // namespace detail

template <template <platform, template <class> class, class> class Model>
suite& suite::over_strategies(labels what, bounds limits) {
  detail::for_each_queue([&]<template <class> class Queue>(char const* queue) {
    what.queue = queue;
    what.discipline = "hand_off";
    add<detail::equipped_t<Model<relacy_platform, Queue, hand_off>, Queue<relacy_platform>>>(what, limits);
    what.discipline = "barging";
    add<detail::equipped_t<Model<relacy_platform, Queue, barging>, Queue<relacy_platform>>>(what, limits);
  });
  return *this;
}

template <template <platform, template <class> class> class Model>
suite& suite::over_queues(labels what, bounds limits) {
  detail::for_each_queue([&]<template <class> class Queue>(char const* queue) {
    what.queue = queue;
    add<detail::equipped_t<Model<relacy_platform, Queue>, Queue<relacy_platform>>>(what, limits);
  });
  return *this;
}

template <template <platform, template <class> class, class> class Model>
suite& suite::over_ordered(labels what, bounds limits) {
  what.discipline = "hand_off";
  detail::for_each_queue<models::ring_rules{.unordered = false}>([&]<template <class> class Queue>(char const* queue) {
    using strategy = Queue<relacy_platform>;
    static_assert(requires { strategy::first_come_first_served; }, "a strategy says whether it serves in order");
    if constexpr (strategy::first_come_first_served) {
      what.queue = queue;
      add<detail::equipped_t<Model<relacy_platform, Queue, hand_off>, strategy>>(what, limits);
    }
  });
  return *this;
}

}  // namespace surewake::verify
