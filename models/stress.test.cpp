// Every model on real threads: what the checker searches step by step happens here by chance, on the machine's own
// memory model, under a sanitizer if the build has one. A broken law ends the program (std_platform::broken), a lost
// wakeup hangs it.
#include <surewake/core/barging.hpp>
#include <surewake/models/close_against_acquire.hpp>
#include <surewake/models/close_against_release.hpp>
#include <surewake/models/first_come.hpp>
#include <surewake/models/grant_before_registration.hpp>
#include <surewake/models/mutual_exclusion.hpp>
#include <surewake/models/on_real_threads.test.hpp>
#include <surewake/models/reclaim_protect.hpp>
#include <surewake/models/reclaim_slot_passes.hpp>
#include <surewake/models/reclaim_stack.hpp>
#include <surewake/models/reentrant_release.hpp>
#include <surewake/models/release_in_window.hpp>
#include <surewake/models/resize_against_acquire.hpp>
#include <surewake/models/semaphore_destroyed_after_release.hpp>
#include <surewake/models/several_against_single.hpp>
#include <surewake/models/stop_against_grant.hpp>
#include <surewake/models/try_acquire_against_waiter.hpp>
#include <surewake/models/two_releases_two_waiters_same_queue.hpp>
#include <surewake/models/two_waiters_two_releases.hpp>
#include <surewake/models/waiter_destroyed_after_grant.hpp>
#include <surewake/models/withdraw_after_paid.hpp>
#include <surewake/models/withdraw_against_grant.hpp>
#include <surewake/models/withdraw_and_next.hpp>
#include <surewake/queues/intrusive_list.hpp>
#include <surewake/queues/mutex_deque.hpp>
#include <surewake/queues/segmented_queue.hpp>
#include <surewake/queues/waker_hybrid.hpp>

#include <doctest/doctest.h>

namespace {

using namespace surewake;
using testing::run;

template <template <platform, template <class> class, class> class Model> void run_all() {
  CHECK(run<Model<std_platform, intrusive_list, hand_off>>() >= 20);
  CHECK(run<Model<std_platform, mutex_deque, hand_off>>() >= 20);
  CHECK(run<Model<std_platform, waker_hybrid, hand_off>>() >= 20);
  CHECK(run<Model<std_platform, segmented_queue, hand_off>>() >= 20);
  CHECK(run<Model<std_platform, intrusive_list, barging>>() >= 20);
  CHECK(run<Model<std_platform, mutex_deque, barging>>() >= 20);
  CHECK(run<Model<std_platform, waker_hybrid, barging>>() >= 20);
  CHECK(run<Model<std_platform, segmented_queue, barging>>() >= 20);
}

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
TEST_CASE("grant_before_registration on real threads") {
  CHECK(run<models::grant_before_registration<std_platform, intrusive_list>>() >= 20);
  CHECK(run<models::grant_before_registration<std_platform, mutex_deque>>() >= 20);
  CHECK(run<models::grant_before_registration<std_platform, waker_hybrid>>() >= 20);
}
TEST_CASE("first_come on real threads") {
  CHECK(run<models::first_come<std_platform, intrusive_list>>() >= 20);
  CHECK(run<models::first_come<std_platform, mutex_deque>>() >= 20);
  CHECK(run<models::first_come<std_platform, waker_hybrid>>() >= 20);
}
TEST_CASE("reclaim_protect, reclaim_slot_passes and reclaim_stack on real threads") {
  using hazard = hazard_reclaimer<std_platform>;
  CHECK(run<models::reclaim_protect<hazard, 3, 20, 20>>() >= 20);
  CHECK(run<models::reclaim_protect<leaking_reclaimer<std_platform>, 3, 20, 20>>() >= 20);
  CHECK(run<models::reclaim_slot_passes<hazard>>() >= 20);
  CHECK(run<models::reclaim_stack<hazard>>() >= 20);
}

}  // namespace
