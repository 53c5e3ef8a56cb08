// The models on real threads, each with an event loop of its own, over the real kernel: every model of
// models/models.cmake over the strategies that wait in rings, and the models about rings.
#include <surewake/models/fixture/on_real_threads.test.hpp>
#include <surewake/models/uring/uring_give_up.hpp>
#include <surewake/models/uring/uring_goes.hpp>
#include <surewake/models/uring/uring_grant_across.hpp>
#include <surewake/models/uring/uring_leaves.hpp>
#include <surewake/models/uring/uring_leaves_inside.hpp>
#include <surewake/models/uring/uring_leaves_neighbour.hpp>
#include <surewake/models/uring/uring_linked.hpp>
#include <surewake/models/uring/uring_order.hpp>
#include <surewake/models/uring/uring_poll.hpp>
#include <surewake/models/uring/uring_refused.hpp>
#include <surewake/models/uring/uring_second_ring.hpp>
#include <surewake/models/uring/uring_slot_again.hpp>
#include <surewake/models/uring/uring_stopped_alone.hpp>
#include <surewake/models/uring/uring_stopped_elsewhere.hpp>
#include <surewake/models/uring/uring_table_moves.hpp>
#include <surewake/models/uring/uring_two_granters.hpp>
#include <surewake/models/uring/uring_wake_before_block.hpp>
#include <surewake/queues/uring_futex.hpp>

namespace {

using namespace surewake;
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

template <class M> void run() { CHECK(testing::run<M>() >= 20); }

using strategies_in_rings = strategy_list<strategy<uring_futex>, strategy<uring_futex_per_waiter>>;

struct with_loops {
  int instances = 0;
  template <class M> void operator()() {
    ++instances;
    constexpr bool waits = M::facts.over != models::over_what::locks;  // a lock's threads sleep in no ring
    if constexpr (waits && M::facts.unfit.empty()) run<models::on_rings<M, real_ring>>();
  }
};

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

template <platform Pl, template <class> class Q, class D, class R>
using stopped_alone = models::uring_stopped_alone<Pl, Q, D, R, models::its_ring::runs>;
template <platform Pl, template <class> class Q, class D, class R>
using stopped_gone = models::uring_stopped_alone<Pl, Q, D, R, models::its_ring::goes>;

#define IN_LOOPS(model) \
  TEST_CASE(#model " on real rings" * doctest::skip(no_futex)) { in_loops<model>(); }
IN_LOOPS(across)
IN_LOOPS(across_rings)
IN_LOOPS(models::uring_two_granters)
IN_LOOPS(models::uring_wake_before_block)
IN_LOOPS(stopped)
IN_LOOPS(destroyed)
IN_LOOPS(stopped_alone)
IN_LOOPS(stopped_gone)
IN_LOOPS(models::uring_stopped_elsewhere)
IN_LOOPS(models::uring_leaves)
IN_LOOPS(models::uring_poll)
IN_LOOPS(models::uring_second_ring)
IN_LOOPS(models::uring_slot_again)

using models::giving_up;
using models::granted_by;

TEST_CASE("uring_order, uring_leaves_neighbour and uring_leaves_inside on real rings" * doctest::skip(no_futex)) {
  run<models::uring_order<P, uring_futex, hand_off, real_ring, granted_by::others>>();
  run<models::uring_order<P, uring_futex, hand_off, real_ring, granted_by::own_last>>();
  run<models::uring_leaves_neighbour<P, uring_futex, hand_off, real_ring, giving_up::stopped>>();
  run<models::uring_leaves_neighbour<P, uring_futex, hand_off, real_ring, giving_up::destroyed>>();
  run<models::uring_leaves_neighbour<P, uring_futex_per_waiter, hand_off, real_ring, giving_up::stopped>>();
  run<models::uring_leaves_inside<P, uring_futex, real_ring>>();
  run<models::uring_leaves_inside<P, uring_futex_per_waiter, real_ring>>();
}
TEST_CASE("what real kernels cannot be asked for says why") {
  testing::say_why<models::uring_goes<P, real_ring>>("uring_goes");
  testing::say_why<models::uring_linked<P, real_ring, false>>("uring_linked");
  testing::say_why<models::uring_refused<P, uring_futex, hand_off, real_ring>>("uring_refused");
  testing::say_why<models::uring_table_moves<P, uring_futex, hand_off, real_ring, models::newcomer::thread>>(
      "uring_table_moves");
}

}  // namespace

#define SUREWAKE_MODEL(name)                                                                \
  TEST_CASE(#name " with a loop on every thread" * doctest::skip(no_futex)) {               \
    with_loops all;                                                                         \
    testing::for_each_instance<strategies_in_rings, models::name>(all);                     \
    CHECK(all.instances >= 2);                                                              \
  }
#include "every_model.hpp"

SUREWAKE_EVERY_MODEL
