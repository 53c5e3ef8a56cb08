// The layout without a kernel: the test ends the ring's waits.
#include <surewake/queues/parts/scripted_ring.test.hpp>
#include <surewake/queues/parts/uring_per_ring.hpp>

#include <doctest/doctest.h>

#include <thread>
#include <vector>

namespace uring_per_ring_test {

namespace {

using namespace surewake;
using namespace surewake::detail;
using namespace surewake::testing;
using layout = uring_per_ring<ring_platform, scripted_ring>;

/// Registers `g` on this thread, as a wait list would, and the kernel has its wait.
void sleeps(ring_guest& g) {
  layout::entered(layout::enter(g));
  if (scripted_ring* const ring = scripted_ring::current()) ring->look();
}

}  // namespace

TEST_CASE("per ring: all waiters of a ring share one armed wait, and keep its thread in its loop") {
  scripted_ring ring;
  ring_guest a, b;
  sleeps(a);
  sleeps(b);
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
    sleeps(g[i]);
  }
  elsewhere([&] { layout::deliver(g[2]), layout::deliver(g[0]); });
  layout::deliver(g[3]);  // on the ring's thread: those that were granted before run first
  CHECK(order == std::vector{2, 0, 3});
  elsewhere([&] { layout::deliver(g[1]); });
  ring.run();
  CHECK(order == std::vector{2, 0, 3, 1});
}

TEST_CASE("per ring: who has no ring, or resumes no coroutine, is handed over by the granter") {
  ring_guest without_ring, blocks;
  sleeps(without_ring);
  scripted_ring ring;
  blocks.set_handle({});
  sleeps(blocks);
  CHECK((ring.armed() == 0 && ring.kept == 0));
  layout::deliver(without_ring);
  elsewhere([&] { layout::deliver(blocks); });
  CHECK((without_ring.handed == 1 && blocks.handed == 1 && !blocks.here()));
}

TEST_CASE("per ring: a waiter that was not registered, or that left, is forgotten") {
  scripted_ring ring;
  ring_guest refused, left_here, left_elsewhere, stays;
  layout::refused(refused, layout::enter(refused));
  CHECK(ring.kept == 0);
  sleeps(left_here);
  sleeps(left_elsewhere);
  sleeps(stays);
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
  sleeps(a);
  sleeps(b);
  elsewhere([&] {
    layout::deliver(a);
    layout::withdrawn(b);
  });
  CHECK(scripted_ring::wakes_out() == 1);
  CHECK(ring.run() == 1);
  CHECK(ring.kept == 0);
  CHECK((a.here() && b.handed == 0));
}

TEST_CASE("per ring: on its own thread a waiter that was granted and has not run is taken back, and only there") {
  scripted_ring ring;
  ring_guest on_stack, granted, registered;
  sleeps(on_stack);
  sleeps(granted);
  elsewhere([&] {
    layout::deliver(on_stack);
    CHECK_FALSE(layout::take_back(on_stack));
  });
  CHECK(layout::take_back(on_stack));
  CHECK(ring.kept == 1);
  ring_guest next;
  sleeps(next);
  elsewhere([&] { layout::deliver(granted), layout::deliver(next); });
  bool taken = false, itself = true;
  granted.then = [&] {
    itself = layout::take_back(granted);  // it runs already
    taken = layout::take_back(next);
  };
  ring.run();
  CHECK((taken && !itself));
  CHECK(granted.here());
  CHECK((next.handed == 0 && on_stack.handed == 0));
  CHECK(ring.kept == 0);
}

TEST_CASE("per ring: an interruption, a wake for nothing and another value are followed by another wait") {
  scripted_ring ring;
  ring_guest g;
  sleeps(g);
  for (int const result : {0, -EINTR, -EAGAIN}) {
    ring.complete(0, result);
    CHECK(ring.armed() == 1);
    CHECK(g.handed == 0);
  }
  elsewhere([&] { layout::deliver(g); });
  scripted_ring::lose_wakes();  // lost: whatever ends the wait, there is a look
  ring.complete(0, -EINTR);
  CHECK(g.here());
}

TEST_CASE("per ring: a ring that goes runs what was granted; what is granted later the granter runs") {
  ring_guest before, after, withdrawn;
  before.then = [&] { CHECK_FALSE(layout::take_back(after)); };  // its granter will run it
  {
    scripted_ring ring;
    sleeps(before);
    sleeps(after);
    sleeps(withdrawn);
    elsewhere([&] { layout::deliver(before); });
  }
  CHECK(before.here());
  CHECK(after.handed == 0);
  elsewhere([&] {
    layout::deliver(after);
    CHECK(after.here());
    CHECK(ring_platform::allocated == 1);
    layout::withdrawn(withdrawn);  // the last one frees the box
  });
  CHECK(ring_platform::allocated == 0);
  CHECK(withdrawn.handed == 0);
  CHECK(scripted_ring::wakes_out() == 1);  // only the first one's
}

TEST_CASE("per ring: a ring that refuses the wait is left, once, and its waiters go without it") {
  elsewhere([] {  // a thread remembers the ring that refuses
    scripted_ring ring;
    ring_guest first, second;
    sleeps(first);
    ring.complete(0, -ENOSYS);
    CHECK(ring.kept == 0);
    sleeps(second);
    CHECK((ring.armed() == 0 && ring.kept == 0));
    layout::deliver(first);
    layout::deliver(second);
    CHECK((first.here() && second.here()));
  });
}

TEST_CASE("per ring: in a forked child what was granted is run by the parent, what is granted later by the granter") {
  elsewhere([] {
    ring_guest granted, later;
    {
      scripted_ring ring;
      sleeps(granted);
      sleeps(later);
      elsewhere([&] { layout::deliver(granted); });
      ring.complete(0, -EOWNERDEAD);
      CHECK(ring.kept == 0);
    }
    CHECK(granted.handed == 0);
    layout::deliver(later);
    CHECK(later.here());
    // The box stays for the one that the parent runs: here that is its end.
    CHECK(ring_platform::allocated == 1);
    layout::withdrawn(granted);
    CHECK(ring_platform::allocated == 0);
  });
}

TEST_CASE("per ring: a grant that comes before the kernel has looked ends the wait by its value") {
  scripted_ring ring;
  ring_guest g;
  layout::entered(layout::enter(g));
  elsewhere([&] { layout::deliver(g); });
  scripted_ring::lose_wakes();  // which found nobody asleep
  CHECK(ring.run() == 1);
  CHECK(g.here());
}

TEST_CASE("per ring: grants and withdrawals of other threads at any time, and every waiter ends once") {
  scripted_ring ring;
  std::vector<ring_guest> all(400);
  for (ring_guest& g : all) sleeps(g);
  std::vector<std::thread> others;
  for (std::size_t t = 0; t != 4; ++t) {
    others.emplace_back([&, t] {
      for (std::size_t i = t; i < all.size(); i += 4) i % 3 == 0 ? layout::withdrawn(all[i]) : layout::deliver(all[i]);
    });
  }
  for (int spins = 0; ring.kept != 0 && spins != 10'000'000; ++spins) ring.run();
  for (std::thread& t : others) t.join();
  ring.run();
  CHECK(ring.kept == 0);
  for (std::size_t i = 0; i != all.size(); ++i) CHECK(all[i].handed == (i % 3 == 0 ? 0 : 1));
}

}  // namespace uring_per_ring_test
