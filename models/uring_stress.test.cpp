// The models on real threads, each with an event loop of its own, over the real kernel.
#include <surewake/core/semaphore/barging.hpp>
#include <surewake/models/closing/close_against_acquire.hpp>
#include <surewake/models/closing/close_against_release.hpp>
#include <surewake/models/order/first_come.hpp>
#include <surewake/models/waking/mutual_exclusion.hpp>
#include <surewake/models/fixture/on_real_threads.test.hpp>
#include <surewake/models/waking/reentrant_release.hpp>
#include <surewake/models/lifetime/semaphore_destroyed_after_release.hpp>
#include <surewake/models/giving_up/several_against_single.hpp>
#include <surewake/models/giving_up/stop_against_grant.hpp>
#include <surewake/models/waking/try_acquire_against_waiter.hpp>
#include <surewake/models/waking/two_releases_two_waiters_same_queue.hpp>
#include <surewake/models/uring/uring_give_up.hpp>
#include <surewake/models/uring/uring_grant_across.hpp>
#include <surewake/models/uring/uring_leaves.hpp>
#include <surewake/models/uring/uring_poll.hpp>
#include <surewake/models/uring/uring_stopped_elsewhere.hpp>
#include <surewake/models/uring/uring_two_granters.hpp>
#include <surewake/models/uring/uring_wake_before_block.hpp>
#include <surewake/models/lifetime/waiter_destroyed_after_grant.hpp>
#include <surewake/models/giving_up/withdraw_against_grant.hpp>
#include <surewake/queues/uring_futex.hpp>

#include <doctest/doctest.h>

namespace {

using namespace surewake;
using namespace std::chrono_literals;
using P = std_platform;

bool const no_futex = !uring_support::probe().futex;

/// A loop, as models/uring/ knows it.
struct real_ring {
  uring_loop loop{};
  template <class Done> void run_until(Done done) {
    while (!done()) loop.run();  // returns when nobody waits here
  }
  void run() { loop.run(); }
  void poll() { loop.poll(); }
};

template <class M> void run() { CHECK(testing::run<M>(100ms) >= 20); }

template <template <platform, template <class> class, class> class Model> void on_loops() {
  run<models::on_rings<Model<P, uring_futex, hand_off>, real_ring>>();
  run<models::on_rings<Model<P, uring_futex_per_waiter, hand_off>, real_ring>>();
  run<models::on_rings<Model<P, uring_futex, barging>, real_ring>>();
  run<models::on_rings<Model<P, uring_futex_per_waiter, barging>, real_ring>>();
}

template <template <platform, template <class> class, class, class> class Model> void in_loops() {
  run<Model<P, uring_futex, hand_off, real_ring>>();
  run<Model<P, uring_futex_per_waiter, hand_off, real_ring>>();
  run<Model<P, uring_futex, barging, real_ring>>();
  run<Model<P, uring_futex_per_waiter, barging, real_ring>>();
}
template <platform Pl, template <class> class Q, class D, class R>
using across = models::uring_grant_across<Pl, Q, D, R, false>;
template <platform Pl, template <class> class Q, class D, class R>
using across_rings = models::uring_grant_across<Pl, Q, D, R, true>;
template <platform Pl, template <class> class Q, class D, class R>
using stopped = models::uring_give_up<Pl, Q, D, R, models::giving_up::stopped>;
template <platform Pl, template <class> class Q, class D, class R>
using destroyed = models::uring_give_up<Pl, Q, D, R, models::giving_up::destroyed>;

#define ON_LOOPS(model) \
  TEST_CASE(#model " with a loop on every thread" * doctest::skip(no_futex)) { on_loops<models::model>(); }
ON_LOOPS(mutual_exclusion)
ON_LOOPS(withdraw_against_grant)
ON_LOOPS(close_against_acquire)
ON_LOOPS(close_against_release)
ON_LOOPS(several_against_single)
ON_LOOPS(waiter_destroyed_after_grant)
ON_LOOPS(semaphore_destroyed_after_release)
ON_LOOPS(reentrant_release)
ON_LOOPS(two_releases_two_waiters_same_queue)
ON_LOOPS(try_acquire_against_waiter)
ON_LOOPS(stop_against_grant)
TEST_CASE("first_come with a loop on every thread" * doctest::skip(no_futex)) {
  run<models::on_rings<models::first_come<P, uring_futex>, real_ring>>();
  run<models::on_rings<models::first_come<P, uring_futex_per_waiter>, real_ring>>();
}
#define IN_LOOPS(model) \
  TEST_CASE(#model " on real rings" * doctest::skip(no_futex)) { in_loops<model>(); }
IN_LOOPS(across)
IN_LOOPS(across_rings)
IN_LOOPS(models::uring_two_granters)
IN_LOOPS(models::uring_wake_before_block)
IN_LOOPS(stopped)
IN_LOOPS(destroyed)
IN_LOOPS(models::uring_stopped_elsewhere)
IN_LOOPS(models::uring_leaves)
IN_LOOPS(models::uring_poll)

}  // namespace
