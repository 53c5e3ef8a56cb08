// surewake/verify/strategies.hpp: the strategies and disciplines that models are checked over: the one list of them.
#pragma once

#include <surewake/core/barging.hpp>
#include <surewake/core/hand_off.hpp>
#include <surewake/queues/intrusive_list.hpp>
#include <surewake/queues/mutex_deque.hpp>
#include <surewake/queues/waker_hybrid.hpp>
#include <surewake/verify/case.hpp>

namespace surewake::verify {

namespace detail {

/// Calls f.operator()<Queue>(name) for each strategy.
template <class F> void for_each_queue(F&& f) {
  f.template operator()<intrusive_list>("intrusive_list");
  f.template operator()<mutex_deque>("mutex_deque");
  f.template operator()<waker_hybrid>("waker_hybrid");
}

}  // namespace detail

template <template <platform, template <class> class, class> class Model>
suite& suite::over_strategies(labels what, bounds limits) {
  detail::for_each_queue([&]<template <class> class Queue>(char const* queue) {
    what.queue = queue;
    what.discipline = "hand_off";
    add<Model<relacy_platform, Queue, hand_off>>(what, limits);
    what.discipline = "barging";
    add<Model<relacy_platform, Queue, barging>>(what, limits);
  });
  return *this;
}

template <template <platform, template <class> class> class Model>
suite& suite::over_queues(labels what, bounds limits) {
  detail::for_each_queue([&]<template <class> class Queue>(char const* queue) {
    what.queue = queue;
    add<Model<relacy_platform, Queue>>(what, limits);
  });
  return *this;
}

}  // namespace surewake::verify
