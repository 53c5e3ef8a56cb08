// The kernel as it is: what the rings of uring_futex must not take for granted (models/uring/kernel.hpp, A1 to A5). For
// each assumption a ring that makes it passes in a kernel where it holds, and is caught here (models/bugs/).
#include <surewake/models/uring/uring_give_up.hpp>
#include <surewake/models/uring/uring_goes.hpp>
#include <surewake/models/uring/uring_leaves.hpp>
#include <surewake/models/uring/uring_linked.hpp>
#include <surewake/models/uring/uring_poll.hpp>
#include <surewake/models/uring/uring_table_moves.hpp>
#include <surewake/verify/cases/strategies.hpp>

namespace cases_of_uring_kernel {

using namespace surewake;
using namespace surewake::verify;
using models::cancels_find_all;
using models::links_are_cut;
using models::newcomer;
using models::no_table_needed;
using models::one_enter_brings_all;
using models::per_ring;
using models::per_waiter;
using models::ring_rules;
using models::waits_go_at_once;
using P = checked_platform;

/// The models, by layout and kernel.
template <class Layout, ring_rules Kernel = ring_rules{}> struct on {
  using uring = models::modelled_uring<Layout, Kernel>;
  using ring = typename uring::template ring<P>;
  template <newcomer Who> using moves = models::uring_table_moves<P, uring::template queue, hand_off, ring, Who>;
  using poll = models::uring_poll<P, uring::template queue, hand_off, ring>;
  using stopped = models::uring_give_up<P, uring::template queue, hand_off, ring, models::giving_up::stopped>;
  using leaves = models::uring_leaves<P, uring::template queue, hand_off, ring>;
};

labels in_ring(std::string variant) {
  return {.queue = "uring_per_ring", .discipline = "hand_off", .variant = std::move(variant)};
}
labels in_waiter(std::string variant) {
  return {.queue = "uring_per_waiter", .discipline = "hand_off", .variant = std::move(variant)};
}
suite const tables =
    suite("uring_table_moves")
        .add<on<per_ring>::moves<newcomer::thread>>(in_ring("thread"), preemptions(2))
        .add<on<per_waiter>::moves<newcomer::thread>>(in_waiter("thread"), preemptions(2))
        .add<on<per_waiter>::moves<newcomer::worker>>(in_waiter("worker"), preemptions(2))
        .add<on<per_ring>::moves<newcomer::fork>>(in_ring("fork"), preemptions(2))
        .add<on<per_ring, no_table_needed>::moves<newcomer::thread>>(in_ring("thread_without_tables"), preemptions(2));

suite const polls =
    suite("uring_poll")
        .add<on<per_ring>::poll>(in_ring(""), preemptions(2))
        .add<on<per_waiter>::poll>(in_waiter(""), preemptions(2))
        .add<on<per_waiter, one_enter_brings_all>::poll>(in_waiter("one_enter_brings_all"), preemptions(2));

// That a ring sends its cancellations again is in every case of uring_give_up and uring_leaves.
suite const misses =
    suite("uring_cancels_miss", "A cancellation finds nothing: does the request's end come nevertheless?")
        .add<on<per_waiter, cancels_find_all>::stopped>(in_waiter("all_are_found"), preemptions(2));

template <ring_rules Kernel = ring_rules{}> using goes = models::uring_goes<P, models::kernel_ring<P, Kernel>>;
suite const going = suite("uring_goes")
                        .add<goes<>>({}, preemptions(2))
                        .add<goes<waits_go_at_once>>({.variant = "waits_go_at_once"}, preemptions(2));

template <bool Believes, ring_rules Kernel = ring_rules{}>
using linked = models::uring_linked<P, models::kernel_ring<P, Kernel>, Believes>;
suite const links = suite("uring_linked")
                        .add<linked<false>>({}, preemptions(2))
                        .add<linked<true, links_are_cut>>({.variant = "links_are_cut"}, preemptions(2));

}  // namespace cases_of_uring_kernel
