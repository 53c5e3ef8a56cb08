// How often a waiter is overtaken, under each discipline with a bound, over every strategy; and every model over one
// strategy under one of them: what a strategy owes to a discipline is the same for all.
#include <surewake/core/semaphore/seat_synchronizer.hpp>
#include <surewake/models/order/overtaken_at_most.hpp>
#include <surewake/models/order/overtaker_sees.hpp>
#include <surewake/verify/cases/progress.hpp>
#include <surewake/verify/cases/strategies.hpp>

#undef SUREWAKE_MODEL
#define SUREWAKE_MODEL(name) &&check_model<models::name, Queue, bounded_barging<1>>(#name)
#include "every_model.hpp"

namespace cases_of_bounded_barging {

using namespace surewake;
using namespace surewake::verify;
using models::overtaking;
using P = checked_platform;

template <template <class> class Queue, class Discipline, overtaking Shape = overtaking{}>
using overtaken = verify::detail::equipped_t<models::overtaken_at_most<P, Queue, Discipline, Shape>, Queue<P>>;

template <template <class> class Queue, class Discipline> void add_bound(suite& some, suite& all, char const* queue) {
  labels const what{.queue = queue, .discipline = Discipline::name};
  some.add<overtaken<Queue, Discipline>>(what, interleavings(4));
  // The player runs no ring.
  if (std::string_view(queue).starts_with("uring")) return;
  all.add<verify::detail::equipped_t<models::overtakings_of_all<P, Queue, Discipline>, Queue<P>>>(what, everything());
}

template <overtaking Shape, template <class> class Queue, class Discipline>
void add_shape(suite& s, char const* variant, bounds limits) {
  s.add<overtaken<Queue, Discipline, Shape>>(
      {.queue = Queue<P>::name, .discipline = Discipline::name, .variant = variant}, limits);
}

template <template <class> class Queue, class Discipline> void add_shapes(suite& s) {
  add_shape<overtaking{.wanted = 2}, Queue, Discipline>(s, "several", interleavings(3));
  add_shape<overtaking{.second = true}, Queue, Discipline>(s, "second", interleavings(3));
  add_shape<overtaking{.second = true, .second_leaves = true}, Queue, Discipline>(s, "second_leaves", interleavings(3));
  add_shape<overtaking{.closes = true}, Queue, Discipline>(s, "closes", interleavings(3));
}

/// Three threads.
template <template <class> class Queue, class Discipline>
struct of_three : overtaken<Queue, Discipline, overtaking{.waiters = 2}> {
  static constexpr char const* interleavings_only = "a registration that was seen is not ordered with what follows";
};
template <template <class> class Queue, class Discipline> void add_three(suite& s, char const* queue) {
  s.add<of_three<Queue, Discipline>>({.queue = queue, .discipline = Discipline::name, .variant = "three"},
                                     interleavings(2));
}

suite of_bounds() {
  suite some("overtaken_at_most"), all("overtakings_of_all"), sees("overtaker_sees");
  verify::detail::for_each_queue([&]<template <class> class Queue>(char const* queue) {
    add_bound<Queue, hand_off>(some, all, queue);
    add_bound<Queue, bounded_barging<0>>(some, all, queue);
    add_bound<Queue, bounded_barging<1>>(some, all, queue);
    add_bound<Queue, bounded_barging<2>>(some, all, queue);
    add_three<Queue, bounded_barging<0>>(some, queue);
    add_three<Queue, bounded_barging<1>>(some, queue);
    add_three<Queue, bounded_barging<2>>(some, queue);
    sees.add<verify::detail::equipped_t<models::overtaker_sees<P, Queue, bounded_barging<1>>, Queue<P>>>(
        {.queue = queue, .discipline = bounded_barging<1>::name}, interleavings(4));
  });
  add_shapes<intrusive_list, bounded_barging<1>>(some);
  add_shapes<segmented_queue, bounded_barging<1>>(some);
  add_shapes<intrusive_list, bounded_barging<2>>(some);
  return some;
}

suite const bounds_of_all = of_bounds();
template <template <class> class Queue> bool every_model() {
  return check_progress<Queue, bounded_barging<1>>() SUREWAKE_EVERY_MODEL;
}
bool const of_one_strategy = every_model<intrusive_list>() && check_progress<segmented_queue, bounded_barging<1>>();

/// k = 0: the order of hand_off.
template <template <class> class... Queue> bool in_order() {
  return (check_model<models::first_come, Queue, bounded_barging<0>>("first_come") && ...) &&
         (check_model<models::order_after_withdrawal, Queue, bounded_barging<0>>("order_after_withdrawal") && ...);
}
bool const ordered = in_order<intrusive_list, mutex_deque, segmented_queue, waker_hybrid>();

}  // namespace cases_of_bounded_barging
