// The layout without a kernel: the test ends the ring's waits.
#include <surewake/queues/parts/scripted_ring.test.hpp>
#include <surewake/queues/parts/uring_per_waiter.hpp>

#include <doctest/doctest.h>

#include <thread>
#include <vector>

namespace uring_per_waiter_test {

namespace {

using namespace surewake;
using namespace surewake::detail;
using namespace surewake::testing;
using layout = uring_per_waiter<ring_platform, scripted_ring>;

/// Registers `g` on this thread, as a wait list would, and the kernel has its wait.
void sleeps(ring_guest& g) {
  layout::entered(layout::enter(g));
  if (scripted_ring* const ring = scripted_ring::current()) ring->look();
}

}  // namespace

TEST_CASE("per waiter: each waiter sleeps by a wait of its own, whose wake is for it alone") {
  scripted_ring ring;
  ring_guest a, b;
  sleeps(a);
  sleeps(b);
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

TEST_CASE("per waiter: who has no ring, or resumes no coroutine, is handed over by the granter") {
  ring_guest without_ring, blocks;
  sleeps(without_ring);
  scripted_ring ring;
  blocks.set_handle({});
  sleeps(blocks);
  CHECK(ring.armed() == 0);
  layout::deliver(without_ring);
  elsewhere([&] { layout::deliver(blocks); });
  CHECK((without_ring.here() && blocks.handed == 1 && !blocks.here()));
}

TEST_CASE("per waiter: a waiter that was not registered, or that left, sleeps no more and is forgotten") {
  scripted_ring ring;
  ring_guest refused, left_here, left_elsewhere;
  layout::refused(refused, layout::enter(refused));
  int const slots = ring_platform::allocated;
  layout::refused(refused, layout::enter(refused));
  CHECK(ring.armed() == 0);
  sleeps(left_here);
  CHECK(ring_platform::allocated == slots);
  sleeps(left_elsewhere);
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
    sleeps(granted);
    elsewhere([&] { layout::deliver(granted); });
    ring.complete(0, result);
    CHECK(granted.here());
    ring_guest gone;
    sleeps(gone);
    layout::withdrawn(gone);
    ring.complete(0, result);
    CHECK(gone.handed == 0);
    CHECK(ring.armed() == 0);
  }
}

TEST_CASE("per waiter: a slot is used again when its wait is over, and not before") {
  scripted_ring ring;
  ring_guest a, b;
  sleeps(a);
  void* const slot = a.strategy_link().load();
  layout::withdrawn(a);
  sleeps(b);
  CHECK(b.strategy_link().load() != slot);  // the cancellation is on its way
  ring.run();
  layout::withdrawn(b);
  sleeps(a);
  CHECK(a.strategy_link().load() == slot);
  layout::withdrawn(a);
  ring.run();
}

TEST_CASE("per waiter: an interruption, a wake for nothing and another value are followed by another wait") {
  scripted_ring ring;
  ring_guest g;
  sleeps(g);
  for (int const result : {0, -EINTR, -EAGAIN}) {
    ring.complete(0, result);
    CHECK(ring.armed() == 1);
    CHECK(g.handed == 0);
  }
  layout::withdrawn(g);
  ring.run();
}

TEST_CASE("per waiter: on its own thread a waiter that was granted and has not run is taken back, and only there") {
  scripted_ring ring;
  ring_guest g, other;
  sleeps(g);
  elsewhere([&] {
    layout::deliver(g);
    CHECK_FALSE(layout::take_back(g));
  });
  CHECK(layout::take_back(g));
  CHECK(g.strategy_link().load() == nullptr);
  sleeps(other);  // in a slot of its own: the first one's wait is not over
  ring.run();     // …and its completion finds no waiter
  CHECK(g.handed == 0);
  CHECK(other.handed == 0);
  CHECK_FALSE(layout::take_back(g));
  layout::withdrawn(other);
}

TEST_CASE("per waiter: a ring that goes runs what was granted; what is granted later the granter runs") {
  elsewhere([] {
    ring_guest before, after, withdrawn;
    {
      scripted_ring ring;
      sleeps(before);
      sleeps(after);
      sleeps(withdrawn);
      elsewhere([&] { layout::deliver(before); });
    }
    CHECK(before.here());
    CHECK_FALSE(layout::take_back(after));
    elsewhere([&] {
      layout::deliver(after);
      CHECK(after.here());
      layout::withdrawn(withdrawn);
    });
    CHECK(withdrawn.handed == 0);
    scripted_ring ring;  // the slots that were left are used again
    ring_guest again;
    sleeps(again);
    CHECK(ring.armed() == 1);
    elsewhere([&] { layout::deliver(again); });
    CHECK(layout::take_back(again));
    ring.run();
    CHECK(again.handed == 0);
  });
}

TEST_CASE("per waiter: a ring that refuses the wait is left, once, and its waiters go without it") {
  elsewhere([] {
    scripted_ring ring;
    ring_guest first, second;
    sleeps(first);
    ring.complete(0, -ENOSYS);
    sleeps(second);
    CHECK(ring.armed() == 0);
    layout::deliver(first);
    layout::deliver(second);
    CHECK((first.here() && second.here()));
  });
}

TEST_CASE("per waiter: in a forked child what was granted is run by the parent, what is granted later by the granter") {
  elsewhere([] {
    ring_guest granted, later;
    scripted_ring ring;
    sleeps(granted);
    sleeps(later);
    elsewhere([&] { layout::deliver(granted); });
    ring.complete(0, -EOWNERDEAD);
    ring.complete(0, -EOWNERDEAD);
    CHECK(granted.handed == 0);
    // Its slot, in a child a copy of the parent's, stays for good.
    static void* const stays = granted.strategy_link().load();
    CHECK(stays != nullptr);
    layout::deliver(later);
    CHECK(later.here());
  });
}

TEST_CASE("per waiter: a slot that was left outlives its thread if need be, and the last one that has it frees it") {
  int const before = ring_platform::allocated;
  ring_guest granted, withdrawn, over;
  elsewhere([&] {
    scripted_ring ring;
    for (ring_guest* g : {&granted, &withdrawn, &over}) sleeps(*g);
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

TEST_CASE("per waiter: a grant that comes before the kernel has looked ends the wait by its value") {
  scripted_ring ring;
  ring_guest g;
  layout::entered(layout::enter(g));
  elsewhere([&] { layout::deliver(g); });
  scripted_ring::lose_wakes();  // which found nobody asleep
  CHECK(ring.run() == 1);
  CHECK(g.here());
}

TEST_CASE("per waiter: grants and withdrawals of other threads at any time, and every waiter ends once") {
  scripted_ring ring;
  std::vector<ring_guest> all(400);
  for (ring_guest& g : all) sleeps(g);
  std::vector<std::thread> others;
  for (std::size_t t = 0; t != 4; ++t) {
    others.emplace_back([&, t] {
      for (std::size_t i = t; i < all.size(); i += 4) i % 3 == 0 ? layout::withdrawn(all[i]) : layout::deliver(all[i]);
    });
  }
  for (int spins = 0; ring.armed() != 0 && spins != 10'000'000; ++spins) ring.run();
  for (std::thread& t : others) t.join();
  ring.run();
  CHECK(ring.armed() == 0);
  for (std::size_t i = 0; i != all.size(); ++i) CHECK(all[i].handed == (i % 3 == 0 ? 0 : 1));
}

}  // namespace uring_per_waiter_test
