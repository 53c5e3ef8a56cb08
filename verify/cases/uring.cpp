// uring_futex over the modelled kernel: threads that sleep in their rings, and what is special about waking them.
#include <surewake/models/published/compio_ring.hpp>
#include <surewake/models/uring/uring_give_up.hpp>
#include <surewake/models/uring/uring_grant_across.hpp>
#include <surewake/models/uring/uring_leaves.hpp>
#include <surewake/models/uring/uring_refused.hpp>
#include <surewake/models/uring/uring_stopped_elsewhere.hpp>
#include <surewake/models/uring/uring_two_granters.hpp>
#include <surewake/models/uring/uring_wake_before_block.hpp>
#include <surewake/verify/cases/strategies.hpp>

namespace cases_of_uring {

using namespace surewake;
using namespace surewake::verify;
using models::no_futex_operations;
using models::modelled_uring;
using models::per_ring;
using models::per_waiter;
using P = checked_platform;

/// The models, by layout, discipline and rules alone.
template <class Uring, class Discipline> struct on {
  using ring = typename Uring::template ring<P>;
  using across = models::uring_grant_across<P, Uring::template queue, Discipline, ring, false>;
  using across_rings = models::uring_grant_across<P, Uring::template queue, Discipline, ring, true>;
  using two = models::uring_two_granters<P, Uring::template queue, Discipline, ring>;
  using block = models::uring_wake_before_block<P, Uring::template queue, Discipline, ring>;
  using stopped = models::uring_give_up<P, Uring::template queue, Discipline, ring, models::giving_up::stopped>;
  using destroyed = models::uring_give_up<P, Uring::template queue, Discipline, ring, models::giving_up::destroyed>;
  using elsewhere = models::uring_stopped_elsewhere<P, Uring::template queue, Discipline, ring>;
  using refused = models::uring_refused<P, Uring::template queue, Discipline, ring>;
  using leaves = models::uring_leaves<P, Uring::template queue, Discipline, ring>;
};

template <class Layout, models::ring_rules Kernel = models::ring_rules{}>
using fifo = on<modelled_uring<Layout, Kernel>, hand_off>;
template <class Layout> using free_for_all = on<modelled_uring<Layout>, barging>;

constexpr char const* ring_name = "uring_per_ring";
constexpr char const* waiter_name = "uring_per_waiter";

/// Over both layouts and disciplines; Pick names the model.
template <template <class> class Pick> suite over(suite s, unsigned bound, std::string variant = {}) {
  labels what{.variant = std::move(variant)};
  for (unsigned const most : {0U, bound}) {
    auto const add = [&]<class Fifo, class Barging>(char const* queue) {
      what.queue = queue;
      what.discipline = "hand_off";
      s.add<Pick<Fifo>>(what, most == 0 ? bounds{} : preemptions(most));
      what.discipline = "barging";  // many more schedules
      s.add<Pick<Barging>>(what, most == 0 ? bounds{} : preemptions(most - 1));
    };
    add.template operator()<fifo<per_ring>, free_for_all<per_ring>>(ring_name);
    add.template operator()<fifo<per_waiter>, free_for_all<per_waiter>>(waiter_name);
  }
  return s;
}

template <class X> using across = typename X::across;
template <class X> using across_rings = typename X::across_rings;
template <class X> using two = typename X::two;
template <class X> using block = typename X::block;
template <class X> using stopped = typename X::stopped;
template <class X> using destroyed = typename X::destroyed;
template <class X> using elsewhere = typename X::elsewhere;
template <class X> using leaves = typename X::leaves;

suite const grants =
    over<across_rings>(
        over<across>(suite("uring_grant_across"),
                     3, "no_ring"),
        3, "rings");

suite const refusals =
    suite("uring_refused")
        .add<fifo<per_ring, no_futex_operations>::refused>(hand_off_of(ring_name))
        .add<fifo<per_waiter, no_futex_operations>::refused>(hand_off_of(waiter_name))
        .add<fifo<per_ring, no_futex_operations>::refused>(hand_off_of(ring_name), preemptions(4))
        .add<fifo<per_waiter, no_futex_operations>::refused>(hand_off_of(waiter_name), preemptions(4));

suite const meetings =
    over<two>(suite("uring_two_granters"), 2);

suite const blocks =
    over<block>(suite("uring_wake_before_block"), 3);

suite const gives_up =
    over<destroyed>(
        over<stopped>(
            suite("uring_give_up"),
            2, "stopped"),
        3, "destroyed");

suite const stops = over<elsewhere>(
    suite("uring_stopped_elsewhere"),
    2);

suite const leave =
    over<leaves>(suite("uring_leaves"), 3)
        .add<fifo<per_ring, no_futex_operations>::leaves>(
            {.queue = ring_name, .discipline = "hand_off", .variant = "no_futex_operations"})
        .add<fifo<per_waiter, no_futex_operations>::leaves>(
            {.queue = waiter_name, .discipline = "hand_off", .variant = "no_futex_operations"});

suite const wake_all =
    suite("published/compio_ring", "All that sleep on a word are woken by the system call: are they all?")
        .add<models::published::compio_ring<P, models::published::form::as_published>>(
            {.bug = "as_published", .expect = verdict::deadlock})
        .add<models::published::compio_ring<P, models::published::form::repaired>>({.variant = "repaired"})
        .add<models::published::compio_ring<P, models::published::form::repaired>>({.variant = "repaired"},
                                                                                   preemptions(2));

}  // namespace cases_of_uring
