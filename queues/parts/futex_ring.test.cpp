// What both layouts of uring_futex promise, over a ring whose kernel is the test.
#include <surewake/queues/parts/scripted_ring.test.hpp>
#include <surewake/queues/parts/uring_per_ring.hpp>
#include <surewake/queues/parts/uring_per_waiter.hpp>

#include <doctest/doctest.h>

#include <array>
#include <thread>
#include <vector>

namespace futex_ring_test {

namespace {

using namespace surewake;
using namespace surewake::detail;
using namespace surewake::testing;

}  // namespace

using per_ring = uring_per_ring<ring_platform, scripted_ring>;
using per_waiter = uring_per_waiter<ring_platform, scripted_ring>;
#define EITHER(name) TEST_CASE_TEMPLATE("either layout: " name, L, per_ring, per_waiter)

EITHER("a waiter without a ring, or that resumes no coroutine, is handed over by the granter") {
  ring_guest without_ring, blocks;
  sleeps<L>(without_ring);
  scripted_ring ring;
  blocks.set_handle({});
  sleeps<L>(blocks);
  CHECK((ring.armed() == 0 && ring.kept == 0));
  L::deliver(without_ring);
  elsewhere([&] { L::deliver(blocks); });
  CHECK((without_ring.here() && blocks.handed == 1 && !blocks.here()));
}

EITHER("an interruption, a wake for nothing and another value are followed by another wait") {
  scripted_ring ring;
  ring_guest g;
  sleeps<L>(g);
  for (int const result : {0, -EINTR, -EAGAIN}) {
    ring.complete(0, result);
    CHECK(ring.armed() == 1);
    CHECK(g.handed == 0);
  }
  elsewhere([&] { L::deliver(g); });
  scripted_ring::lose_wakes();  // whatever ends the wait, there is a look
  ring.complete(0, -EINTR);
  CHECK(g.here());
}

EITHER("a grant that comes before the kernel has looked ends the wait by its value") {
  scripted_ring ring;
  ring_guest g;
  L::entered(L::enter(g));
  elsewhere([&] { L::deliver(g); });
  scripted_ring::lose_wakes();  // which found nobody asleep
  CHECK(ring.run() == 1);
  CHECK(g.here());
}

EITHER("on its own thread a waiter that was granted and has not run is taken back, and only there, and once") {
  scripted_ring ring;
  ring_guest g, other;
  sleeps<L>(g);
  elsewhere([&] {
    L::deliver(g);
    CHECK_FALSE(L::take_back(g));
  });
  CHECK(L::take_back(g));
  CHECK(g.strategy_link().load() == nullptr);
  sleeps<L>(other);
  ring.run();  // what ends here finds no waiter
  CHECK((g.handed == 0 && other.handed == 0));
  CHECK_FALSE(L::take_back(g));
  L::withdrawn(other);
  ring.run();
}

EITHER("a ring that goes runs what was granted; what is granted later the granter runs, and what leaves nobody") {
  elsewhere([] {
    ring_guest before, after, leaves;
    {
      scripted_ring ring;
      for (ring_guest* g : {&before, &after, &leaves}) sleeps<L>(*g);
      elsewhere([&] { L::deliver(before); });
    }
    CHECK(before.here());
    CHECK(after.handed == 0);
    elsewhere([&] {
      L::deliver(after);
      CHECK(after.here());
      L::withdrawn(leaves);
    });
    CHECK(leaves.handed == 0);
    CHECK(scripted_ring::wakes_out() == 1);  // the first one's
  });
}

EITHER("a ring that refuses the wait is left, once, and its waiters go without it") {
  elsewhere([] {  // a thread remembers the ring that refuses
    scripted_ring ring;
    ring_guest first, second;
    sleeps<L>(first);
    ring.complete(0, -ENOSYS);
    sleeps<L>(second);
    CHECK((ring.armed() == 0 && ring.kept == 0));
    L::deliver(first);
    L::deliver(second);
    CHECK((first.here() && second.here()));
  });
}

EITHER("in a forked child what was granted is run by the parent, what is granted later by the granter") {
  elsewhere([] {
    ring_guest granted, later;
    scripted_ring ring;
    for (ring_guest* g : {&granted, &later}) sleeps<L>(*g);
    elsewhere([&] { L::deliver(granted); });
    while (ring.armed() != 0) ring.complete(0, -EOWNERDEAD);
    CHECK(granted.handed == 0);
    // What it sleeps in, in a child a copy of the parent's, stays for good.
    static void* const stays = granted.strategy_link().load();
    CHECK(stays != nullptr);
    L::deliver(later);
    CHECK(later.here());
  });
}

EITHER("grants and withdrawals of other threads at any time: every waiter ends once") {
  scripted_ring ring;
  std::vector<ring_guest> all(400);
  for (ring_guest& g : all) sleeps<L>(g);
  std::array<std::thread, 4> others;
  for (std::size_t t = 0; t != others.size(); ++t) {
    others[t] = std::thread([&, t] {
      for (std::size_t i = t; i < all.size(); i += 4) i % 3 == 0 ? L::withdrawn(all[i]) : L::deliver(all[i]);
    });
  }
  for (std::thread& t : others) {
    ring.run();
    t.join();
  }
  while (ring.run() != 0) continue;
  CHECK(ring.kept == 0);
  for (std::size_t i = 0; i != all.size(); ++i) CHECK(all[i].handed == (i % 3 == 0 ? 0 : 1));
}

}  // namespace futex_ring_test
