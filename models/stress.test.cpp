// Every model on real threads: what the checker searches step by step happens here by chance, on the machine's own
// memory model, under a sanitizer if the build has one. A broken law ends the program (std_platform::broken), a lost
// wakeup hangs it.
//
// Left out, because real threads cannot run them:
//   progress_free, progress_open, progress_single, progress_many, progress_closing: a checker counts the steps of each
//     call and makes threads stall
//   reclaim_thread_ends: its threads end in each round, and the threads here serve all rounds
//   reclaim_chain, reclaim_two_domains: their laws hold where every retire scans, as under a checker
//   uring_…: each thread needs an event loop; those that a real kernel can run are in uring_stress.test.cpp, and
//     uring_goes, uring_linked, uring_refused and uring_table_moves are about kernels that behave in a certain way
#include <surewake/core/semaphore/barging.hpp>
#include <surewake/core/platform/futex_lock.hpp>
#include <surewake/models/counting/arriving_hide.hpp>
#include <surewake/models/closing/close_against_acquire.hpp>
#include <surewake/models/closing/close_against_giving_up.hpp>
#include <surewake/models/closing/close_against_grants.hpp>
#include <surewake/models/closing/close_against_release.hpp>
#include <surewake/models/closing/close_against_share.hpp>
#include <surewake/models/closing/close_against_withdrawal.hpp>
#include <surewake/models/closing/close_twice.hpp>
#include <surewake/models/order/first_come.hpp>
#include <surewake/models/waking/goes_home.hpp>
#include <surewake/models/waking/grant_before_registration.hpp>
#include <surewake/models/waking/grants_at_once.hpp>
#include <surewake/models/waking/line_reopens.hpp>
#include <surewake/models/waking/mutual_exclusion.hpp>
#include <surewake/models/order/neighbours_withdraw.hpp>
#include <surewake/models/fixture/on_real_threads.test.hpp>
#include <surewake/models/order/order_after_withdrawal.hpp>
#include <surewake/models/reclaim/reclaim_domain_ends.hpp>
#include <surewake/models/reclaim/reclaim_protect.hpp>
#include <surewake/models/reclaim/reclaim_slot_passes.hpp>
#include <surewake/models/reclaim/reclaim_stack.hpp>
#include <surewake/models/counting/reduce_against_waiter.hpp>
#include <surewake/models/closing/reentrant_close.hpp>
#include <surewake/models/waking/reentrant_release.hpp>
#include <surewake/models/giving_up/reentrant_withdraw.hpp>
#include <surewake/models/waking/release_in_window.hpp>
#include <surewake/models/waking/release_of_several.hpp>
#include <surewake/models/counting/resize_against_acquire.hpp>
#include <surewake/models/counting/resize_against_several.hpp>
#include <surewake/models/segments/segment_goes.hpp>
#include <surewake/models/segments/segments_churn.hpp>
#include <surewake/models/lifetime/semaphore_destroyed_after_giving_up.hpp>
#include <surewake/models/lifetime/semaphore_destroyed_after_release.hpp>
#include <surewake/models/lifetime/semaphore_destroyed_by_closed.hpp>
#include <surewake/models/lifetime/semaphore_destroyed_by_last.hpp>
#include <surewake/models/giving_up/several_against_single.hpp>
#include <surewake/models/giving_up/several_and_one_leaves.hpp>
#include <surewake/models/giving_up/several_withdrawn.hpp>
#include <surewake/models/giving_up/stop_against_grant.hpp>
#include <surewake/models/giving_up/stop_ends_wait.hpp>
#include <surewake/models/waking/try_acquire_against_waiter.hpp>
#include <surewake/models/waking/turns_under_lock.hpp>
#include <surewake/models/waking/two_big_requests.hpp>
#include <surewake/models/waking/two_releases_two_waiters_same_queue.hpp>
#include <surewake/models/waking/two_waiters_two_releases.hpp>
#include <surewake/models/lifetime/waiter_destroyed_after_grant.hpp>
#include <surewake/models/giving_up/withdraw_after_paid.hpp>
#include <surewake/models/giving_up/withdraw_against_grant.hpp>
#include <surewake/models/giving_up/withdraw_and_next.hpp>
#include <surewake/models/waking/work_of_all_holders.hpp>
#include <surewake/queues/intrusive_list.hpp>
#include <surewake/queues/mutex_deque.hpp>
#include <surewake/queues/segmented_queue.hpp>
#include <surewake/queues/waker_hybrid.hpp>

#include <doctest/doctest.h>

namespace {

using namespace surewake;
using namespace std::chrono_literals;

template <class Model> void run() { CHECK(testing::run<Model>(100ms) >= 20); }

/// Runs a model over every strategy.
template <template <platform, template <class> class, class> class Model> void in_order() {
  run<Model<std_platform, intrusive_list, hand_off>>();
  run<Model<std_platform, mutex_deque, hand_off>>();
  run<Model<std_platform, waker_hybrid, hand_off>>();
  run<Model<std_platform, segmented_queue, hand_off>>();
}
template <template <platform, template <class> class, class> class Model> void run_all() {
  in_order<Model>();
  run<Model<std_platform, intrusive_list, barging>>();
  run<Model<std_platform, mutex_deque, barging>>();
  run<Model<std_platform, waker_hybrid, barging>>();
  run<Model<std_platform, segmented_queue, barging>>();
}
/// Runs it over one of each kind: both synchronizers, a lock and none, both disciplines.
template <template <platform, template <class> class, class> class Model> void run_some() {
  run<Model<std_platform, intrusive_list, hand_off>>();
  run<Model<std_platform, segmented_queue, hand_off>>();
  run<Model<std_platform, waker_hybrid, barging>>();
}
/// Runs the models of a bare queue.
template <template <platform, template <class> class> class Model> void run_queues() {
  run<Model<std_platform, intrusive_list>>();
  run<Model<std_platform, mutex_deque>>();
  run<Model<std_platform, waker_hybrid>>();
  run<Model<std_platform, segmented_queue>>();
}
template <platform P, template <class> class Queue, class Discipline>
using stop_ends_wait = models::stop_ends_wait<P, Queue, Discipline>;
using single_cells = segmented_by<{.cells = 1}>;
template <class P> using mutex_of = typename P::mutex;

TEST_CASE("mutual_exclusion on real threads") { run_all<models::mutual_exclusion>(); }
TEST_CASE("release_in_window on real threads") { run_all<models::release_in_window>(); }
TEST_CASE("two_waiters_two_releases on real threads") { run_all<models::two_waiters_two_releases>(); }
TEST_CASE("withdraw_against_grant on real threads") { run_all<models::withdraw_against_grant>(); }
TEST_CASE("withdraw_and_next on real threads") { run_all<models::withdraw_and_next>(); }
TEST_CASE("withdraw_after_paid on real threads") { run_all<models::withdraw_after_paid>(); }
TEST_CASE("close_against_acquire on real threads") { run_all<models::close_against_acquire>(); }
TEST_CASE("close_against_release on real threads") { run_all<models::close_against_release>(); }
TEST_CASE("several_against_single on real threads") { run_all<models::several_against_single>(); }
TEST_CASE("waiter_destroyed_after_grant on real threads") { run_all<models::waiter_destroyed_after_grant>(); }
TEST_CASE("semaphore_destroyed_after_release on real threads") { run_all<models::semaphore_destroyed_after_release>(); }
TEST_CASE("reentrant_release on real threads") { run_all<models::reentrant_release>(); }
TEST_CASE("two_releases_two_waiters_same_queue on real threads") {
  run_all<models::two_releases_two_waiters_same_queue>();
}
TEST_CASE("try_acquire_against_waiter on real threads") { run_all<models::try_acquire_against_waiter>(); }
TEST_CASE("resize_against_acquire on real threads") { run_all<models::resize_against_acquire>(); }
TEST_CASE("stop_against_grant on real threads") { run_all<models::stop_against_grant>(); }

TEST_CASE("close_against_giving_up on real threads") { run_some<models::close_against_giving_up>(); }
TEST_CASE("close_against_grants on real threads") { run_some<models::close_against_grants>(); }
TEST_CASE("close_against_share on real threads") { run_some<models::close_against_share>(); }
TEST_CASE("close_against_withdrawal on real threads") { run_some<models::close_against_withdrawal>(); }
TEST_CASE("close_twice on real threads") { run_some<models::close_twice>(); }
TEST_CASE("neighbours_withdraw on real threads") { run_some<models::neighbours_withdraw>(); }
TEST_CASE("reduce_against_waiter on real threads") { run_some<models::reduce_against_waiter>(); }
TEST_CASE("reentrant_close on real threads") { run_some<models::reentrant_close>(); }
TEST_CASE("reentrant_withdraw and reentrant_drop on real threads") {
  run_some<models::reentrant_withdraw>();
  run<models::reentrant_drop<std_platform, intrusive_list>>();
  run<models::reentrant_drop<std_platform, waker_hybrid>>();
}
TEST_CASE("release_of_several on real threads") { run_some<models::release_of_several>(); }
TEST_CASE("resize_against_several on real threads") { run_some<models::resize_against_several>(); }
TEST_CASE("semaphore_destroyed_after_giving_up on real threads") {
  run_some<models::semaphore_destroyed_after_giving_up>();
}
TEST_CASE("semaphore_destroyed_by_closed on real threads") { run_some<models::semaphore_destroyed_by_closed>(); }
TEST_CASE("semaphore_destroyed_by_last on real threads") { run_some<models::semaphore_destroyed_by_last>(); }
TEST_CASE("several_and_one_leaves on real threads") { run_some<models::several_and_one_leaves>(); }
TEST_CASE("several_withdrawn on real threads") { run_some<models::several_withdrawn>(); }
TEST_CASE("stop_ends_wait on real threads") { run_some<stop_ends_wait>(); }
TEST_CASE("two_big_requests on real threads") { run_some<models::two_big_requests>(); }
TEST_CASE("work_of_all_holders on real threads") { run_some<models::work_of_all_holders>(); }

TEST_CASE("arriving_hide on real threads") { in_order<models::arriving_hide>(); }
TEST_CASE("line_reopens on real threads") { in_order<models::line_reopens>(); }
TEST_CASE("first_come on real threads") {
  run<models::first_come<std_platform, intrusive_list>>();
  run<models::first_come<std_platform, mutex_deque>>();
  run<models::first_come<std_platform, waker_hybrid>>();
}
TEST_CASE("order_after_withdrawal on real threads") {
  run<models::order_after_withdrawal<std_platform, intrusive_list>>();
  run<models::order_after_withdrawal<std_platform, segmented_queue>>();
}
TEST_CASE("grant_before_registration on real threads") { run_queues<models::grant_before_registration>(); }
TEST_CASE("grants_at_once on real threads") { run_queues<models::grants_at_once>(); }
TEST_CASE("segment_goes and segments_churn on real threads") {
  run<models::segment_goes<std_platform, single_cells::queue>>();
  run<models::segments_churn<std_platform, single_cells::queue>>();
  run<models::segments_churn<std_platform, segmented_queue>>();
}
TEST_CASE("goes_home, home_ends and executor_drops on real threads") {
  run<models::goes_home<std_platform, intrusive_list>>();
  run<models::goes_home<std_platform, waker_hybrid, barging>>();
  run<models::home_ends<std_platform, intrusive_list>>();
  run<models::executor_drops<std_platform, intrusive_list>>();
  run<models::executor_drops<std_platform, mutex_deque, barging>>();
}
TEST_CASE("turns_under_lock on real threads") {
  run<models::turns_under_lock<std_platform, futex_lock>>();
  run<models::turns_under_lock<std_platform, spin_lock>>();
  run<models::turns_under_lock<std_platform, mutex_of>>();
}
TEST_CASE("the models of reclamation on real threads") {
  using hazard = hazard_reclaimer<std_platform>;
  run<models::reclaim_protect<hazard, 3, 20, 20>>();
  run<models::reclaim_protect<leaking_reclaimer<std_platform>, 3, 20, 20>>();
  run<models::reclaim_slot_passes<hazard>>();
  run<models::reclaim_stack<hazard>>();
  run<models::reclaim_domain_ends<hazard, true>>();
}

}  // namespace
