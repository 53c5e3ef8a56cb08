// Several waiters of one ring, and several rings of one thread: order within a ring, and rings that go.
#include <surewake/models/uring/uring_leaves_inside.hpp>
#include <surewake/models/uring/uring_leaves_neighbour.hpp>
#include <surewake/models/uring/uring_order.hpp>
#include <surewake/models/uring/uring_second_ring.hpp>
#include <surewake/models/uring/uring_slot_again.hpp>
#include <surewake/models/uring/uring_stopped_alone.hpp>
#include <surewake/verify/cases/strategies.hpp>

namespace cases_of_uring_rings {

using namespace surewake;
using namespace surewake::verify;
using models::completes_in_order;
using models::giving_up;
using models::granted_by;
using models::its_ring;
using models::per_ring;
using models::per_waiter;
using P = checked_platform;

template <class Layout, models::ring_rules Kernel = models::ring_rules{}> struct on {
  using uring = models::modelled_uring<Layout, Kernel>;
  using ring = typename uring::template ring<P>;
  template <granted_by Who> using order = models::uring_order<P, uring::template queue, hand_off, ring, Who>;
  template <giving_up How>
  using neighbour = models::uring_leaves_neighbour<P, uring::template queue, hand_off, ring, How>;
  using inside = models::uring_leaves_inside<P, uring::template queue, ring>;
  template <its_ring Then>
  using alone = models::uring_stopped_alone<P, uring::template queue, hand_off, ring, Then>;
  using again = models::uring_slot_again<P, uring::template queue, hand_off, ring>;
  using second = models::uring_second_ring<P, uring::template queue, hand_off, ring>;
};

labels in_ring(char const* variant = "") {
  return {.queue = "uring_per_ring", .discipline = "hand_off", .variant = variant};
}
labels in_waiter(char const* variant = "") {
  return {.queue = "uring_per_waiter", .discipline = "hand_off", .variant = variant};
}

suite const orders =
    suite("uring_order")
        .add<on<per_ring>::order<granted_by::others>>(in_ring("others"), preemptions(2))
        .add<on<per_ring>::order<granted_by::own_last>>(in_ring("own_last"), preemptions(2))
        .add<on<per_waiter, completes_in_order>::order<granted_by::others>>(in_waiter("others"), preemptions(2))
        .add<on<per_waiter, completes_in_order>::order<granted_by::own_last>>(in_waiter("own_last"), preemptions(2));

suite const neighbours =
    suite("uring_leaves_neighbour")
        .add<on<per_ring>::neighbour<giving_up::stopped>>(in_ring("stopped"), preemptions(2))
        .add<on<per_ring>::neighbour<giving_up::destroyed>>(in_ring("destroyed"), preemptions(2))
        .add<on<per_waiter>::neighbour<giving_up::stopped>>(in_waiter("stopped"), preemptions(2))
        .add<on<per_waiter, completes_in_order>::neighbour<giving_up::destroyed>>(in_waiter("destroyed"),
                                                                                  preemptions(2));

suite const insides =
    suite("uring_leaves_inside")
        .add<on<per_ring>::inside>({.queue = "uring_per_ring"}, preemptions(2))
        .add<on<per_waiter>::inside>({.queue = "uring_per_waiter"}, preemptions(2));

suite const seconds =
    suite("uring_second_ring")
        .add<on<per_ring>::second>(in_ring(), preemptions(2))
        .add<on<per_waiter>::second>(in_waiter(), preemptions(2));

suite const slots =
    suite("uring_slot_again")
        .add<on<per_ring>::again>(in_ring(), preemptions(2))
        .add<on<per_waiter>::again>(in_waiter(), preemptions(2));

suite const stopped =
    suite("uring_stopped_alone")
        .add<on<per_ring>::alone<its_ring::runs>>(in_ring("runs"), preemptions(3))
        .add<on<per_waiter>::alone<its_ring::runs>>(in_waiter("runs"), preemptions(3))
        .add<on<per_ring>::alone<its_ring::goes>>(in_ring("goes"), preemptions(3))
        .add<on<per_waiter>::alone<its_ring::goes>>(in_waiter("goes"), preemptions(3));

}  // namespace cases_of_uring_rings
