// The layout without a kernel: the test ends the ring's waits.
#include <surewake/queues/parts/scripted_ring.test.hpp>
#include <surewake/queues/parts/uring_per_ring.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace uring_per_ring_test {

namespace {

using namespace surewake;
using namespace surewake::detail;
using namespace surewake::testing;
using layout = uring_per_ring<ring_platform, scripted_ring>;

}  // namespace

TEST_CASE("per ring: all waiters of a ring share one armed wait, and keep its thread in its loop") {
  scripted_ring ring;
  ring_guest a, b;
  sleeps<layout>(a);
  sleeps<layout>(b);
  CHECK(ring.armed() == 1);
  CHECK(ring.kept == 2);
  elsewhere([&] { layout::deliver(a), layout::deliver(b); });
  CHECK(scripted_ring::wakes_out() == 1);  // the second granter found a stack
  CHECK(a.handed + b.handed == 0);
  CHECK(ring.run() == 1);
  CHECK((a.here() && b.here()));
  CHECK(ring.kept == 0);
  CHECK(ring.armed() == 1);  // for those to come
}

TEST_CASE("per ring: waiters run in the order of their grants, wherever those come from") {
  scripted_ring ring;
  ring_guest g[4];
  std::vector<int> order;
  for (int i = 0; i != 4; ++i) {
    g[i].then = [&order, i] { order.push_back(i); };
    sleeps<layout>(g[i]);
  }
  elsewhere([&] { layout::deliver(g[2]), layout::deliver(g[0]); });
  layout::deliver(g[3]);  // on the ring's thread: those that were granted before run first
  CHECK(order == std::vector{2, 0, 3});
  elsewhere([&] { layout::deliver(g[1]); });
  ring.run();
  CHECK(order == std::vector{2, 0, 3, 1});
}

TEST_CASE("per ring: a waiter that was not registered, or that left, is forgotten") {
  scripted_ring ring;
  ring_guest refused, left_here, left_elsewhere, stays;
  layout::refused(refused, layout::enter(refused));
  CHECK(ring.kept == 0);
  sleeps<layout>(left_here);
  sleeps<layout>(left_elsewhere);
  sleeps<layout>(stays);
  layout::withdrawn(left_here);
  CHECK(ring.kept == 2);
  elsewhere([&] { layout::withdrawn(left_elsewhere); });
  CHECK(scripted_ring::wakes_out() == 1);  // the thread may be in its loop for it alone
  CHECK(ring.run() == 1);
  CHECK(ring.kept == 1);
  for (ring_guest* g : {&refused, &left_here, &left_elsewhere}) {
    CHECK(g->strategy_link().load() == nullptr);
    CHECK(g->handed == 0);
  }
  layout::withdrawn(stays);
}

TEST_CASE("per ring: a withdrawal elsewhere that meets a stack is seen with that, and wakes nobody again") {
  scripted_ring ring;
  ring_guest a, b;
  sleeps<layout>(a);
  sleeps<layout>(b);
  elsewhere([&] {
    layout::deliver(a);
    layout::withdrawn(b);
  });
  CHECK(scripted_ring::wakes_out() == 1);
  CHECK(ring.run() == 1);
  CHECK(ring.kept == 0);
  CHECK((a.here() && b.handed == 0));
}

TEST_CASE("per ring: what is on the stack, or taken in and not run, is taken back; what runs is not") {
  scripted_ring ring;
  ring_guest on_stack, runs, next;
  for (ring_guest* g : {&on_stack, &runs, &next}) sleeps<layout>(*g);
  elsewhere([&] { layout::deliver(on_stack); });
  CHECK(layout::take_back(on_stack));
  CHECK(ring.kept == 2);
  bool taken = false, itself = true;
  runs.then = [&] {
    itself = layout::take_back(runs);
    taken = layout::take_back(next);
  };
  elsewhere([&] { layout::deliver(runs), layout::deliver(next); });
  ring.run();
  CHECK((taken && !itself));
  CHECK((runs.here() && next.handed == 0 && on_stack.handed == 0));
  CHECK(ring.kept == 0);
}

TEST_CASE("per ring: the mailbox goes with its last waiter, which may be a forked parent's") {
  for (int const result : {-ECANCELED, -EOWNERDEAD}) {
    elsewhere([&] {
      int const before = ring_platform::allocated;
      ring_guest granted, withdrawn;
      granted.then = [&] { CHECK_FALSE(layout::take_back(withdrawn)); };  // its granter would run it
      {
        scripted_ring ring;
        for (ring_guest* g : {&granted, &withdrawn}) sleeps<layout>(*g);
        elsewhere([&] { layout::deliver(granted); });
        ring.complete(0, result);
        CHECK(ring.kept == 0);
      }
      CHECK(ring_platform::allocated == before + 1);
      layout::withdrawn(withdrawn);
      CHECK(ring_platform::allocated == before + (granted.here() ? 0 : 1));
      if (!granted.here()) layout::withdrawn(granted);  // here that is the end of what the parent runs
      CHECK(ring_platform::allocated == before);
    });
  }
}

}  // namespace uring_per_ring_test
