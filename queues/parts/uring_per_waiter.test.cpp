// The layout without a kernel: the test ends the ring's waits.
#include <surewake/queues/parts/scripted_ring.test.hpp>
#include <surewake/queues/parts/uring_per_waiter.hpp>

#include <doctest/doctest.h>

namespace uring_per_waiter_test {

namespace {

using namespace surewake;
using namespace surewake::detail;
using namespace surewake::testing;
using layout = uring_per_waiter<ring_platform, scripted_ring>;

}  // namespace

TEST_CASE("per waiter: each waiter sleeps by a wait of its own, whose wake is for it alone") {
  scripted_ring ring;
  ring_guest a, b;
  sleeps<layout>(a);
  sleeps<layout>(b);
  CHECK(ring.armed() == 2);
  elsewhere([&] { layout::deliver(b); });
  CHECK(ring.run() == 1);
  CHECK((a.handed == 0 && b.here()));
  layout::deliver(a);  // also on its own thread it is the completion that hands it over
  CHECK(a.handed == 0);
  CHECK(ring.by_ring == 1);
  CHECK(ring.run() == 1);
  CHECK(a.here());
  CHECK(ring.armed() == 0);
}

TEST_CASE("per waiter: a waiter that was not registered, or that left, sleeps no more and is forgotten") {
  scripted_ring ring;
  ring_guest refused, left_here, left_elsewhere;
  layout::refused(refused, layout::enter(refused));
  int const slots = ring_platform::allocated;
  layout::refused(refused, layout::enter(refused));
  CHECK(ring.armed() == 0);
  sleeps<layout>(left_here);
  CHECK(ring_platform::allocated == slots);
  sleeps<layout>(left_elsewhere);
  layout::withdrawn(left_here);  // a cancellation
  elsewhere([&] { layout::withdrawn(left_elsewhere); });  // a wake
  CHECK(ring.run() == 2);
  for (ring_guest* g : {&refused, &left_here, &left_elsewhere}) {
    CHECK(g->strategy_link().load() == nullptr);
    CHECK(g->handed == 0);
  }
  CHECK(ring.armed() == 0);
}

TEST_CASE("per waiter: a wait that was cancelled may have been woken instead: the word says what happened") {
  scripted_ring ring;
  for (int const result : {0, -ECANCELED, -EAGAIN, -EINTR}) {
    ring_guest granted;
    sleeps<layout>(granted);
    elsewhere([&] { layout::deliver(granted); });
    ring.complete(0, result);
    CHECK(granted.here());
    ring_guest gone;
    sleeps<layout>(gone);
    layout::withdrawn(gone);
    ring.complete(0, result);
    CHECK(gone.handed == 0);
    CHECK(ring.armed() == 0);
  }
}

TEST_CASE("per waiter: a slot is used again when its wait is over, and not before") {
  elsewhere([] {  // a thread that has no slots yet
    scripted_ring ring;
    ring_guest a, b;
    sleeps<layout>(a);
    void* const slot = a.strategy_link().load();
    layout::withdrawn(a);
    sleeps<layout>(b);
    CHECK(b.strategy_link().load() != slot);  // the cancellation is on its way
    ring.run();
    layout::withdrawn(b);
    sleeps<layout>(a);
    CHECK(a.strategy_link().load() == slot);
    layout::withdrawn(a);
    ring.run();
  });
}

TEST_CASE("per waiter: a slot that was left outlives its thread if need be, and the last one that has it frees it") {
  int const before = ring_platform::allocated;
  ring_guest granted, withdrawn, over;
  elsewhere([&] {
    scripted_ring ring;
    for (ring_guest* g : {&granted, &withdrawn, &over}) sleeps<layout>(*g);
    while (ring.armed() != 0) ring.complete(0, -ECANCELED);
    layout::deliver(over);
    CHECK(ring_platform::allocated == before + 3);
  });
  CHECK(over.handed == 1);
  CHECK(ring_platform::allocated == before + 2);
  layout::deliver(granted);
  CHECK(granted.here());
  CHECK(ring_platform::allocated == before + 1);
  layout::withdrawn(withdrawn);
  CHECK(ring_platform::allocated == before);
  CHECK(withdrawn.handed == 0);
}

TEST_CASE("per waiter: a slot that was left is used again, and then it is as good as new") {
  elsewhere([] {
    ring_guest left;
    {
      scripted_ring ring;
      sleeps<layout>(left);
    }
    CHECK_FALSE(layout::take_back(left));  // its granter will run it
    void* const slot = left.strategy_link().load();
    layout::deliver(left);
    CHECK(left.here());
    scripted_ring ring;
    ring_guest again;
    sleeps<layout>(again);
    CHECK(again.strategy_link().load() == slot);
    elsewhere([&] { layout::deliver(again); });
    CHECK(layout::take_back(again));
    ring.run();
    CHECK(again.handed == 0);
  });
}

}  // namespace uring_per_waiter_test
