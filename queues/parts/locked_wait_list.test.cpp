// What the queues with a lock share, without a lock: one thread makes every call.
#include <surewake/core/semaphore/wait_list.hpp>
#include <surewake/queues/conformance/guest.test.hpp>
#include <surewake/queues/parts/locked_wait_list.hpp>
#include <surewake/queues/parts/waiter_list.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include <surewake/core/platform/macros_push.hpp>

namespace locked_wait_list_test {

namespace {

using namespace surewake;
using namespace surewake::detail;
using testing::guest;
using P = std_platform;
using list = locked_wait_list<P, waiter_list<P>>;

constexpr auto no_look = [] { return std::int64_t{-1}; };

/// Notes what is done with it.
struct SUREWAKE_LOCK noting_lock {
  void lock() SUREWAKE_LOCKS() { said += 'l'; }
  void unlock() SUREWAKE_UNLOCKS() { said += 'u'; }
  std::string said;
};

/// Grants n, hands over who is complete, and comes again with what is left. Returns how many were handed over.
int grant(list& l, std::int64_t n) {
  int handed = 0;
  for (; waiter<P>* const w = l.grant(n); ++handed) w->hand_over();
  return handed;
}

}  // namespace

TEST_CASE("grants that come before their waiters wait for them, and a part is taken before the wait") {
  list l;
  guest a, b;
  CHECK(grant(l, 3) == 0);
  CHECK(l.balance() == 3);
  CHECK(l.enqueue(a.wants(2), no_look) == enqueued::granted);
  CHECK(l.enqueue(b.wants(2), no_look) == enqueued::waiting);
  CHECK(b.missing() == 1);
  CHECK((l.balance() == 0 && l.size() == 1));
  CHECK(grant(l, 1) == 1);
  CHECK((a.handed == 0 && b.handed == 1));
  CHECK(l.vacant());
}

TEST_CASE("nobody takes from the balance while somebody waits, so nobody is served out of turn") {
  list l;
  guest first, second;
  CHECK(l.enqueue(first.wants(3), no_look) == enqueued::waiting);
  CHECK(grant(l, 2) == 0);
  CHECK(first.missing() == 1);
  CHECK(l.balance() == 0);
  CHECK(l.enqueue(second.wants(1), no_look) == enqueued::waiting);
  CHECK(grant(l, 1) == 1);
  CHECK((first.handed == 1 && second.handed == 0));
}

TEST_CASE("one call takes out one waiter and leaves the rest with the caller, who alone can deliver it") {
  list l;
  guest g[3];
  for (guest& w : g) CHECK(l.enqueue(w.wants(1), no_look) == enqueued::waiting);
  std::int64_t n = 5;
  CHECK(l.grant(n) == &g[0]);
  CHECK((n == 4 && l.balance() == 0 && l.size() == 2));
  CHECK_FALSE(g[0].registered());
  CHECK(l.grant(n) == &g[1]);
  CHECK(n == 3);
  CHECK(l.grant(n) == &g[2]);
  CHECK((n == 0 && l.balance() == 2 && l.vacant()));  // nobody waits: the balance keeps it
}

TEST_CASE("a look that finds permits ends the wait before it begins, and refuses the wakes that it says") {
  list l;
  guest a, b;
  CHECK(l.enqueue(a.wants(1), [] { return std::int64_t{2}; }) == enqueued::granted);
  CHECK_FALSE(a.registered());
  CHECK((l.balance() == -2 && l.size() == 0));
  CHECK(l.enqueue(b.wants(1), no_look) == enqueued::waiting);
  CHECK(grant(l, 2) == 0);
  CHECK(grant(l, 1) == 1);
  CHECK(grant(l, 1) == 0);  // the balance is 1
  bool looked = false;
  guest c;
  CHECK(l.enqueue(c.wants(1), [&] { return looked = true, std::int64_t{0}; }) == enqueued::granted);
  CHECK_FALSE(looked);  // a grant that is there comes first
}

TEST_CASE("who is withdrawn says once what it lacks, and what is refused for it is dropped") {
  list l;
  guest a, b;
  CHECK(l.enqueue(a.wants(5), no_look) == enqueued::waiting);
  CHECK(l.enqueue(b.wants(1), no_look) == enqueued::waiting);
  CHECK(grant(l, 2) == 0);
  std::uint32_t lacked = 0;
  auto const refund = [&](std::uint32_t missing) { return lacked = missing, std::int64_t{3}; };
  CHECK(l.withdraw(a, refund));
  CHECK(lacked == 3);
  CHECK((l.balance() == -3 && l.size() == 1 && !a.registered()));
  lacked = 0;
  CHECK_FALSE(l.withdraw(a, refund));
  CHECK(lacked == 0);
  CHECK(grant(l, 3) == 0);
  CHECK(grant(l, 1) == 1);
  CHECK(b.handed == 1);
}

TEST_CASE("close hands each waiter over without the lock, and touches nothing after the last one") {
  noting_lock lock;
  auto l = std::make_unique<list>();
  guest a, b, c;
  a.then = [&] {
    CHECK(l->withdraw(b, [](std::uint32_t) { return std::int64_t{0}; }));  // ends another one's wait
    lock.said += 'a';
  };
  c.then = [&] { l.reset(), lock.said += 'c'; };
  for (guest* w : {&a, &b, &c}) CHECK(l->enqueue(w->wants(1), no_look) == enqueued::waiting);
  lock.lock();
  l->close(lock);
  CHECK(lock.said == "lualuc");
  CHECK((a.closed() && !b.closed() && c.closed()));
  CHECK((a.handed == 1 && b.handed == 0 && c.handed == 1));
}

TEST_CASE("a list that is closed takes neither waiters nor grants, but still refuses what is owed") {
  noting_lock lock;
  for (std::int64_t const before : {2, -2}) {
    list l;
    l.bring(before);
    lock.lock();
    l.close(lock);
    CHECK_FALSE(l.vacant());
    CHECK(l.balance() == std::min<std::int64_t>(before, 0));
    guest g;
    CHECK(l.enqueue(g.wants(1), no_look) == enqueued::closed);
    CHECK(grant(l, 1) == 0);
    CHECK(l.balance() == (before < 0 ? -1 : 0));
    CHECK(grant(l, 9) == 0);
    CHECK(l.balance() == 0);
  }
  CHECK(lock.said == "lulu");
}

TEST_CASE("what waited elsewhere is moved in with its balance, and another way to hand over is used") {
  list l;
  guest a;
  a.wants(2);
  l.append(a);
  l.bring(-1);
  CHECK((l.size() == 1 && !l.vacant() && a.registered()));
  CHECK(grant(l, 2) == 0);
  CHECK(a.missing() == 1);
  l.bring(1);
  guest b;
  CHECK(l.enqueue(b.wants(1), no_look) == enqueued::waiting);  // not before the one that waits
  CHECK(l.withdraw(b, [](std::uint32_t) { return std::int64_t{0}; }));
  noting_lock lock;
  waiter<P>* seen = nullptr;
  lock.lock();
  l.close(lock, [&](waiter<P>& w) { seen = &w; });
  CHECK((seen == &a && a.handed == 0 && a.closed()));
}

}  // namespace locked_wait_list_test

#include <surewake/core/platform/macros_pop.hpp>
