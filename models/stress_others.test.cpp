// Models with parameters of their own on real threads; the others are in stress.test.cpp, and those about rings in
// uring_stress.test.cpp.
#include <surewake/models/counting/limit_lowered.hpp>
#include <surewake/models/fixture/on_real_threads.test.hpp>
#include <surewake/models/giving_up/reentrant_withdraw.hpp>
#include <surewake/models/giving_up/stop_against_operation.hpp>
#include <surewake/models/giving_up/stop_against_thread.hpp>
#include <surewake/models/history/history_of_channel.hpp>
#include <surewake/models/history/history_of_event.hpp>
#include <surewake/models/history/history_of_latch.hpp>
#include <surewake/models/history/history_of_leaving.hpp>
#include <surewake/models/history/history_of_mutex.hpp>
#include <surewake/models/history/history_of_queue.hpp>
#include <surewake/models/history/history_of_shared_mutex.hpp>
#include <surewake/models/history/history_of_signals.hpp>
#include <surewake/models/history/history_of_three.hpp>
#include <surewake/models/history/history_of_waiters.hpp>
#include <surewake/models/lifetime/loop_signalled.hpp>
#include <surewake/models/lifetime/made_by_first.hpp>
#include <surewake/models/lifetime/semaphore_destroyed_after_drain.hpp>
#include <surewake/models/lifetime/semaphore_destroyed_after_giving_up.hpp>
#include <surewake/core/semaphore/seat_synchronizer.hpp>
#include <surewake/models/order/overtaken_at_most.hpp>
#include <surewake/models/order/overtaker_sees.hpp>
#include <surewake/models/progress/progress_free.hpp>
#include <surewake/models/progress/progress_open.hpp>
#include <surewake/models/progress/progress_waiting.hpp>
#include <surewake/models/reclaim/reclaim_chain.hpp>
#include <surewake/models/reclaim/reclaim_domain_ends.hpp>
#include <surewake/models/reclaim/reclaim_protect.hpp>
#include <surewake/models/reclaim/reclaim_slot_passes.hpp>
#include <surewake/models/reclaim/reclaim_stack.hpp>
#include <surewake/models/reclaim/reclaim_thread_ends.hpp>
#include <surewake/models/reclaim/reclaim_two_domains.hpp>
#include <surewake/models/segments/segment_goes.hpp>
#include <surewake/models/segments/segment_plays.hpp>
#include <surewake/models/segments/segments_churn.hpp>
#include <surewake/models/waking/goes_home.hpp>
#include <surewake/models/waking/pool.hpp>
#include <surewake/models/waking/sync_wait_ends.hpp>
#include <surewake/models/waking/scope_ends.hpp>
#include <surewake/models/waking/when_all_ends.hpp>

namespace {

using namespace surewake;

template <class Model> void run() { CHECK(testing::run<Model>() >= 20); }
using single_cells = segmented_by<1>;
using hazard = hazard_reclaimer<std_platform>;
template <models::play const&... Plays> void perform() {
  (run<models::segment_play<std_platform, single_cells::queue, Plays>>(), ...);
}

TEST_CASE("reentrant_drop on real threads") {
  run<models::reentrant_drop<std_platform, intrusive_list>>();
  run<models::reentrant_drop<std_platform, mutex_deque>>();
  run<models::reentrant_drop<std_platform, segmented_queue>>();
  run<models::reentrant_drop<std_platform, waker_hybrid>>();
}
TEST_CASE("semaphore_destroyed_after_closing, semaphore_destroyed_after_two_gave_up on real threads") {
  run<models::semaphore_destroyed_after_closing<std_platform, mutex_deque>>();
  run<models::semaphore_destroyed_after_closing<std_platform, segmented_queue>>();
  run<models::semaphore_destroyed_after_closing<std_platform, waker_hybrid, barging>>();
  run<models::semaphore_destroyed_after_two_gave_up<std_platform, mutex_deque>>();
  run<models::semaphore_destroyed_after_two_gave_up<std_platform, segmented_queue>>();
  run<models::semaphore_destroyed_after_two_gave_up<std_platform, waker_hybrid, barging>>();
}
TEST_CASE("the models of bounded_barging on real threads") {
  using models::overtaken_at_most, models::overtaking;
  run<overtaken_at_most<std_platform, intrusive_list, bounded_barging<0>>>();
  run<overtaken_at_most<std_platform, mutex_deque, bounded_barging<1>>>();
  run<overtaken_at_most<std_platform, segmented_queue, bounded_barging<2>, overtaking{.waiters = 2}>>();
  run<overtaken_at_most<std_platform, waker_hybrid, bounded_barging<2>, overtaking{.second = true}>>();
  run<models::overtaker_sees<std_platform, waker_hybrid, bounded_barging<1>>>();
  run<models::overtakings_of_all<std_platform, segmented_queue, bounded_barging<2>>>();
}
TEST_CASE("segment_goes and segments_churn on real threads") {
  run<models::segment_goes<std_platform, single_cells::queue>>();
  run<models::segments_churn<std_platform, single_cells::queue>>();
  run<models::segments_churn<std_platform, segmented_queue>>();
}
TEST_CASE("segment_plays on real threads") {
  using namespace models::plays;
  perform<several_leaves, several_lacks, several_destroys, several_arrives, grant_first, grant_passes, both_skip,
          neighbours_leave, home_goes, close_finds_gaps, close_and_leave, close_and_several, close_and_arrives,
          close_twice, close_destroys, close_finishes_home, close_of_one_ends_others, token_passes, tickets_pass,
          segments_pass, several_from_three, several_beside, several_leaves_beside, goes_between, late_and_neighbour,
          late_and_next, late_and_removed>();
}
TEST_CASE("limit_lowered and semaphore_destroyed_after_drain on real threads") {
  run<models::limit_lowered<std_platform, intrusive_list>>();
  run<models::semaphore_destroyed_after_drain<std_platform, intrusive_list>>();
  run<models::semaphore_destroyed_after_drain_in_time<std_platform, intrusive_list>>();
}
TEST_CASE("stop_against_thread on real threads") {
  run<models::stop_against_thread<std_platform, intrusive_list>>();
  run<models::stop_against_thread<std_platform, mutex_deque, barging>>();
}
TEST_CASE("stop_against_operation on real threads") {
  run<models::stop_against_operation<std_platform, intrusive_list>>();
  run<models::stop_against_operation<std_platform, mutex_deque, barging>>();
}

TEST_CASE("goes_home, home_ends and executor_drops on real threads") {
  run<models::goes_home<std_platform, intrusive_list>>();
  run<models::goes_home<std_platform, waker_hybrid, barging>>();
  run<models::home_ends<std_platform, intrusive_list>>();
  run<models::executor_drops<std_platform, intrusive_list>>();
  run<models::executor_drops<std_platform, mutex_deque, barging>>();
}
TEST_CASE("pool_wakes, pool_shares, pool_withdraws and pool_closes on real threads") {
  run<models::pool_wakes<std_platform>>();
  run<models::pool_shares<std_platform>>();
  run<models::pool_withdraws<std_platform>>();
  run<models::pool_closes<std_platform>>();
}
TEST_CASE("when_all_ends, sync_wait_ends, made_by_first and loop_signalled on real threads") {
  run<models::when_all_ends<std_platform>>();
  run<models::scope_ends<std_platform>>();
  run<models::sync_wait_ends<std_platform>>();
  run<models::made_by_first<std_platform>>();
  run<models::loop_signalled<std_platform, models::loop_is::stopped>>();
  run<models::loop_signalled<std_platform, models::loop_is::posted_to>>();
}
TEST_CASE("histories of a semaphore and of a queue on real threads") {
  run<models::history_of_leaving<std_platform, intrusive_list>>();
  run<models::history_of_leaving<std_platform, waker_hybrid, barging>>();
  run<models::history_of_three<std_platform, segmented_queue>>();
  run<models::history_of_waiters<std_platform, segmented_queue>>();
  run<models::history_of_waiters<std_platform, mutex_deque, barging>>();
  run<models::history_of_queue<std_platform, segmented_queue>>();
  run<models::history_of_queue<std_platform, waker_hybrid>>();
}
TEST_CASE("histories of the primitives on real threads") {
  run<models::history_of_mutex<std_platform, intrusive_list>>();
  run<models::history_of_mutex<std_platform, segmented_queue>>();
  run<models::history_of_shared_mutex<std_platform, intrusive_list>>();
  run<models::history_of_shared_mutex<std_platform, waker_hybrid>>();
  run<models::history_of_signals<std_platform, segmented_queue>>();
  run<models::history_of_event<std_platform, waker_hybrid>>();
  run<models::history_of_latch<std_platform, intrusive_list>>();
  run<models::history_of_channel<std_platform, segmented_queue>>();
}
TEST_CASE("the models of reclamation on real threads") {
  run<models::reclaim_protect<hazard, 3, 20, 20>>();
  run<models::reclaim_protect<leaking_reclaimer<std_platform>, 3, 20, 20>>();
  run<models::reclaim_slot_passes<hazard>>();
  run<models::reclaim_stack<hazard>>();
  run<models::reclaim_domain_ends<hazard, true>>();
}

TEST_CASE("what real threads cannot run says why") {
  testing::say_why<models::progress_open<std_platform, mutex_deque>>("progress_open");
  testing::say_why<models::progress_free<std_platform, mutex_deque>>("progress_free");
  testing::say_why<models::progress_single<std_platform, mutex_deque>>("progress_single");
  testing::say_why<models::progress_ring<std_platform, mutex_deque>>("progress_ring");
  testing::say_why<models::progress_many<std_platform, mutex_deque>>("progress_many");
  testing::say_why<models::progress_closing<std_platform, mutex_deque>>("progress_closing");
  testing::say_why<models::reclaim_thread_ends<hazard>>("reclaim_thread_ends");
  testing::say_why<models::reclaim_chain<hazard>>("reclaim_chain");
  testing::say_why<models::reclaim_two_domains<hazard>>("reclaim_two_domains");
}

}  // namespace
