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
  if (facts.preemptions != 0) s.add<M>(what, preemptions(facts.preemptions));
  if (what.discipline != barging::name && among(facts.complete, what.queue)) s.add<M>(what, everything());
}

}  // namespace detail

/// Returns the cases of a model over strategies and disciplines.
template <template <platform, template <class> class, class> class Model> suite cases_of(std::string name) {
  using models::over_what;
  constexpr over_what over = Model<relacy_platform, intrusive_list, hand_off>::facts.over;
  static_assert(over == over_what::strategies || over == over_what::ordered_strategies);
  constexpr bool ordered = over == over_what::ordered_strategies;
  suite s(std::move(name));
  detail::for_each_queue<models::ring_rules{.unordered = !ordered}>([&]<template <class> class Queue>(
                                                                        char const* queue) {
    using strategy = Queue<relacy_platform>;
    static_assert(requires { strategy::first_come_first_served; }, "a strategy says whether it serves in order");
    if constexpr (!ordered || strategy::first_come_first_served) {
      detail::search<detail::equipped_t<Model<relacy_platform, Queue, hand_off>, strategy>>(
          s, {.queue = queue, .discipline = hand_off::name});
    }
    if constexpr (!ordered) {
      detail::search<detail::equipped_t<Model<relacy_platform, Queue, barging>, strategy>>(
          s, {.queue = queue, .discipline = barging::name});
    }
  });
  return s;
}

/// Returns the cases of a model over bare strategies, or over locks.
template <template <platform, template <class> class> class Model>
  requires(Model<relacy_platform, intrusive_list>::facts.over == models::over_what::queues ||
           Model<relacy_platform, intrusive_list>::facts.over == models::over_what::locks)
suite cases_of(std::string name) {
  suite s(std::move(name));
  if constexpr (Model<relacy_platform, intrusive_list>::facts.over == models::over_what::locks) {
    detail::search<Model<relacy_platform, futex_lock>>(s, {.queue = "futex_lock"});
    detail::search<Model<relacy_platform, spin_lock>>(s, {.queue = "spin_lock"});
  } else {
    detail::for_each_queue([&]<template <class> class Queue>(char const* queue) {
      detail::search<detail::equipped_t<Model<relacy_platform, Queue>, Queue<relacy_platform>>>(s, {.queue = queue});
    });
  }
  return s;
}

}  // namespace surewake::verify

/// Registers the cases of models::name; verify/CMakeLists.txt writes one for each model of models/models.cmake.
#define SUREWAKE_MODEL(name)                                                     \
  namespace name##_cases {                                                       \
  surewake::verify::suite const by_facts =                                       \
      surewake::verify::cases_of<surewake::models::name>(#name);                 \
  }
