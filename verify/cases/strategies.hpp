// surewake/verify/cases/strategies.hpp: the cases that follow from a model's facts (models/fixture/facts.hpp), over
// every strategy and discipline that it is about.
#pragma once

#include <surewake/core/platform/futex_lock.hpp>
#include <surewake/core/platform/spin_lock.hpp>
#include <surewake/core/semaphore/barging.hpp>
#include <surewake/core/semaphore/hand_off.hpp>
#include <surewake/models/fixture/facts.hpp>
#include <surewake/models/uring/uring_queues.hpp>
#include <surewake/queues/strategies.hpp>
#include <surewake/verify/cases/bounds.hpp>

namespace surewake::verify {

[[nodiscard]] inline labels hand_off_of(std::string queue) {
  return {.queue = std::move(queue), .discipline = hand_off::name};
}

namespace detail {

/// What a checker runs in place of a strategy: the strategy itself; for those that wait in rings, their layout over the
/// modelled kernel.
template <template <class> class Queue, models::ring_rules> struct checked {
  template <class F> static void call(F&& f) {
    f.template operator()<Queue>(Queue<std_platform>::name);
  }
};
template <models::ring_rules Kernel> struct checked<uring_futex, Kernel> {
  template <class F> static void call(F&& f) {
    using over_model = models::modelled_uring<models::per_ring, Kernel>;
    f.template operator()<over_model::template queue>("uring_per_ring");
  }
};
template <models::ring_rules Kernel> struct checked<uring_futex_per_waiter, Kernel> {
  template <class F> static void call(F&& f) {
    using over_model = models::modelled_uring<models::per_waiter, Kernel>;
    f.template operator()<over_model::template queue>("uring_per_waiter");
  }
};

// The layout of iocp_port is uring_futex's *per ring*; its kernel has no model.
template <models::ring_rules Kernel> struct checked<iocp_port, Kernel> {
  template <class F> static void call(F&&) {}
};

/// Calls f.operator()<Queue>(name) for each strategy.
template <models::ring_rules Kernel, class F> void for_each_queue(F&& f) {
  strategies::for_each([&]<template <class> class Queue>(strategy<Queue>) { checked<Queue, Kernel>::call(f); });
}
template <class F> void for_each_queue(F&& f) { for_each_queue<models::ring_rules{}>(f); }

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

/// Whether each of the words, between blanks, names a strategy.
[[nodiscard]] constexpr bool are_strategies(std::string_view words) {
  while (!words.empty()) {
    std::string_view const word = words.substr(0, words.find(' '));
    bool found = word == "all";
    strategies::for_each([&]<class Strategy>(Strategy) {
      if constexpr (included<Strategy>) found = found || word == Strategy::native::name;
    });
    if (!found) return false;
    words.remove_prefix(std::min(word.size() + 1, words.size()));
  }
  return true;
}
[[nodiscard]] inline bool among(std::string_view words, std::string_view word) {
  return words == "all" || (' ' + std::string(words) + ' ').find(' ' + std::string(word) + ' ') != std::string::npos;
}

/// Adds the searches that M's facts ask for.
template <class M> void search(suite& s, labels const& what) {
  constexpr models::model_facts facts = M::facts;
  static_assert(are_strategies(facts.complete), "`complete` names strategies");
  if (facts.samples != 0) s.add<M>(what, sampled(facts.samples));
  if (facts.preemptions != 0) s.add<M>(what, interleavings(facts.preemptions));
  if (what.discipline != barging::name && among(facts.complete, what.queue)) s.add<M>(what, everything());
}

/// Adds the cases of a model over one strategy and one discipline, if it is about them and they fit.
template <template <platform, template <class> class, class> class Model, template <class> class Queue,
          class Discipline>
void over(suite& s, std::string const& queue) {
  using strategy = Queue<checked_platform>;
  static_assert(requires { strategy::first_come_first_served; }, "a strategy says whether it serves in order");
  constexpr bool ordered =
      Model<checked_platform, intrusive_list, hand_off>::facts.over == models::over_what::ordered_strategies;
  constexpr bool concerned =
      !ordered || (strategy::first_come_first_served && surewake::detail::in_order_of_registration<Discipline>);
  if constexpr (concerned && surewake::detail::fits<strategy, Discipline>) {
    search<equipped_t<Model<checked_platform, Queue, Discipline>, strategy>>(
        s, {.queue = queue, .discipline = Discipline::name});
  }
}

// (A template whose third parameter has a default is taken for one with two.)
template <template <platform, template <class> class> class Model>
inline constexpr bool about_queues = Model<checked_platform, intrusive_list>::facts.over == models::over_what::queues ||
                                     Model<checked_platform, intrusive_list>::facts.over ==
                                         models::over_what::queues_in_order;
template <template <platform, template <class> class> class Model>
inline constexpr bool about_locks = Model<checked_platform, intrusive_list>::facts.over == models::over_what::locks;

/// Adds the cases of a model about queues over one strategy, if it fits.
template <template <platform, template <class> class> class Model, template <class> class Queue>
void over_alone(suite& s, std::string const& queue) {
  if constexpr (Model<checked_platform, intrusive_list>::facts.over == models::over_what::queues ||
                surewake::detail::grants_in_order<Queue<checked_platform>>) {
    search<equipped_t<Model<checked_platform, Queue>, Queue<checked_platform>>>(s, {.queue = queue});
  }
}

}  // namespace detail

/// Returns the cases of a model over strategies and disciplines.
template <template <platform, template <class> class, class> class Model> suite cases_of(std::string name) {
  using models::over_what;
  constexpr over_what is_over = Model<checked_platform, intrusive_list, hand_off>::facts.over;
  static_assert(is_over == over_what::strategies || is_over == over_what::ordered_strategies);
  constexpr models::ring_rules kernel{.unordered = is_over != over_what::ordered_strategies};
  suite s(std::move(name));
  detail::for_each_queue<kernel>([&]<template <class> class Queue>(char const* queue) {
    detail::over<Model, Queue, hand_off>(s, queue);
    detail::over<Model, Queue, barging>(s, queue);
  });
  return s;
}

/// Returns the cases of a model over bare strategies, or over locks.
template <template <platform, template <class> class> class Model>
  requires(detail::about_queues<Model> || detail::about_locks<Model>)
suite cases_of(std::string name) {
  suite s(std::move(name));
  if constexpr (detail::about_locks<Model>) {
    detail::search<Model<checked_platform, futex_lock>>(s, {.queue = "futex_lock"});
    detail::search<Model<checked_platform, spin_lock>>(s, {.queue = "spin_lock"});
  } else {
    detail::for_each_queue(
        [&]<template <class> class Queue>(char const* queue) { detail::over_alone<Model, Queue>(s, queue); });
  }
  return s;
}

/// Registers the cases of one model, as its facts have them, over one strategy: under the disciplines that are named,
/// or under hand_off and barging. `model` and `strategy` are what the cases are called. Returns true.
template <template <platform, template <class> class, class> class Model, template <class> class Queue,
          class... Disciplines>
bool check_model(std::string model, std::string const& strategy = Queue<std_platform>::name) {
  suite s(std::move(model));
  if constexpr (sizeof...(Disciplines) == 0) {
    detail::over<Model, Queue, hand_off>(s, strategy);
    detail::over<Model, Queue, barging>(s, strategy);
  } else {
    (detail::over<Model, Queue, Disciplines>(s, strategy), ...);
  }
  return true;
}

/// Does the same for a model that is about a strategy alone, which has no cases where disciplines are named. Nor has
/// one about locks.
template <template <platform, template <class> class> class Model, template <class> class Queue, class... Disciplines>
  requires(detail::about_queues<Model> || detail::about_locks<Model>)
bool check_model(std::string model, std::string const& strategy = Queue<std_platform>::name) {
  suite s(std::move(model));
  if constexpr (sizeof...(Disciplines) == 0 && detail::about_queues<Model>) {
    detail::over_alone<Model, Queue>(s, strategy);
  }
  return true;
}

}  // namespace surewake::verify

/// Registers the cases of models::name; verify/CMakeLists.txt writes one for each model of models/models.cmake.
#define SUREWAKE_MODEL(name)                                                     \
  namespace name##_cases {                                                       \
  surewake::verify::suite const by_facts =                                       \
      surewake::verify::cases_of<surewake::models::name>(#name);                 \
  }
