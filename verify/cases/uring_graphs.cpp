// The layouts of uring_futex on execution graphs, over rings that wait for a word rather than for a wake
// (models/uring/waiting_ring.hpp): what the orders of the layouts are for.
#include <surewake/models/uring/uring_give_up.hpp>
#include <surewake/models/uring/uring_grant_across.hpp>
#include <surewake/models/uring/uring_leaves.hpp>
#include <surewake/models/uring/uring_queues.hpp>
#include <surewake/models/uring/uring_second_ring.hpp>
#include <surewake/models/uring/uring_slot_again.hpp>
#include <surewake/models/uring/uring_stopped_alone.hpp>
#include <surewake/models/uring/uring_stopped_elsewhere.hpp>
#include <surewake/models/uring/waiting_ring.hpp>
#include <surewake/verify/cases/bounds.hpp>

namespace cases_of_uring_graphs {

using namespace surewake;
using namespace surewake::verify;
using models::giving_up;
using models::waiting_ring;
using P = checked_platform;

template <class M> void search(suite& s, labels const& what) {
  s.add<M>(what, {.search = scheduler::graph, .schedules = 1'000'000'000, .seconds = tree_seconds / 2});
}

/// Adds the model, which Pick names, over both layouts.
template <template <template <class> class> class Pick> suite over(suite s, std::string variant) {
  search<Pick<models::waiting_uring<models::per_ring>::queue>>(
      s, {.queue = "uring_per_ring", .discipline = hand_off::name, .variant = variant});
  search<Pick<models::waiting_uring<models::per_waiter>::queue>>(
      s, {.queue = "uring_per_waiter", .discipline = hand_off::name, .variant = variant});
  return s;
}

using ring = waiting_ring<P>;
template <template <class> class Q> using across = models::uring_grant_across<P, Q, hand_off, ring, false>;
template <template <class> class Q> using leaves = models::uring_leaves<P, Q, hand_off, ring>;
template <template <class> class Q> using stopped = models::uring_give_up<P, Q, hand_off, ring, giving_up::stopped>;
template <template <class> class Q> using destroyed = models::uring_give_up<P, Q, hand_off, ring, giving_up::destroyed>;
template <template <class> class Q> using elsewhere = models::uring_stopped_elsewhere<P, Q, hand_off, ring>;
template <template <class> class Q, models::its_ring Then>
using alone = models::uring_stopped_alone<P, Q, hand_off, ring, Then>;
template <template <class> class Q> using alone_runs = alone<Q, models::its_ring::runs>;
template <template <class> class Q> using alone_goes = alone<Q, models::its_ring::goes>;
template <template <class> class Q> using again = models::uring_slot_again<P, Q, hand_off, ring>;
template <template <class> class Q> using second = models::uring_second_ring<P, Q, hand_off, ring>;

suite const grants = over<across>(suite("uring_grant_across"), "waiting_ring");
suite const leave = over<leaves>(suite("uring_leaves"), "waiting_ring");
suite const gives_up = over<destroyed>(over<stopped>(suite("uring_give_up"), "stopped_waiting_ring"),
                                       "destroyed_waiting_ring");
suite const stops = over<elsewhere>(suite("uring_stopped_elsewhere"), "waiting_ring");
suite const seconds = over<second>(suite("uring_second_ring"), "waiting_ring");
suite const slots = over<again>(suite("uring_slot_again"), "waiting_ring");
suite const lone = over<alone_goes>(over<alone_runs>(suite("uring_stopped_alone"), "waiting_ring"),
                                    "goes_waiting_ring");

}  // namespace cases_of_uring_graphs
