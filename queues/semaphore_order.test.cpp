// Waiting: who is served when, for any mix of sizes; and what the disciplines promise differently.
#include <surewake/queues/all_semaphores.test.hpp>

#include <deque>
#include <random>

using namespace surewake;
using namespace surewake::testing;

namespace {

/// Visitors that note the order in which they were served.
template <class S> class queue_of {
 public:
  explicit queue_of(S& s) : semaphore_(s) {}
  visitor<S>& join(std::ptrdiff_t n = 1) {
    visitor<S>& v = visitors_.emplace_back();
    int const id = static_cast<int>(visitors_.size()) - 1;
    v.on_end = [this, id] { served.push_back(id); };
    return v.acquire(semaphore_, n);
  }
  visitor<S>& operator[](std::size_t i) { return visitors_[i]; }
  std::vector<int> served;

 private:
  S& semaphore_;
  std::deque<visitor<S>> visitors_;
};

using ids = std::vector<int>;

}  // namespace

EVERY_SEMAPHORE("who finds no permit waits, and is woken by a release") {
  S s(1);
  auto p = s.acquire_blocking();
  visitor<S> v;
  v.acquire(s);
  CHECK(v.state == visit::waiting);
  CHECK(look(s) == snapshot{0, 1, 1, 1, false});
  p.release();
  CHECK(v.state == visit::holding);
  CHECK(look(s) == snapshot{0, 1, 1, 0, false});
  v.held.release();
  CHECK(look(s) == snapshot{1, 1, 0, 0, false});
}

EVERY_SEMAPHORE("a release of n wakes n waiters, before it returns") {
  S s(3);
  auto p = s.acquire_blocking(3);
  queue_of q(s);
  for (int i = 0; i < 5; ++i) q.join();
  p.release();
  CHECK(q.served.size() == 3);
  CHECK(s.waiters() == 2);
  for (int i = 0; i < 2; ++i) q[static_cast<std::size_t>(q.served[static_cast<std::size_t>(i)])].held.release();
  CHECK(q.served.size() == 5);
}

EVERY_SEMAPHORE("who wants many is served when all of it has come, in whatever portions") {
  S s(0);
  visitor<S> v;
  v.acquire(s, 6);
  for (int const n : {1, 2, 2}) {
    s.add_permits(n);
    CHECK(v.state == visit::waiting);
  }
  s.add_permits(3);
  CHECK(v.state == visit::holding);
  CHECK(v.held.count() == 6);
  CHECK(look(s) == snapshot{2, 8, 6, 0, false});
}

EVERY_SEMAPHORE("free permits that do not suffice are used for a request of many") {
  S s(3);
  auto p = s.acquire_blocking(1);
  visitor<S> v;
  v.acquire(s, 3);
  CHECK(v.state == visit::waiting);
  p.release();
  CHECK(v.state == visit::holding);
  CHECK(look(s) == snapshot{0, 3, 3, 0, false});
}

EVERY_SEMAPHORE("a permit can be given back in parts, each for whom it suffices") {
  S s(3);
  auto p = s.acquire_blocking(3);
  queue_of q(s);
  q.join(1);
  q.join(2);
  p.split(1).release();
  CHECK(q.served == ids{0});
  p.release();
  CHECK(q.served == ids{0, 1});
}

FIFO_SEMAPHORE("first come, first served") {
  S s(0);
  queue_of q(s);
  ids expected;
  for (int i = 0; i < 100; ++i) {
    q.join();
    expected.push_back(i);
  }
  for (int i = 0; i < 100; ++i) s.add_permits(1);
  CHECK(q.served == expected);
}

FIFO_SEMAPHORE("a small request does not overtake a large one that came first") {
  S s(2);
  queue_of q(s);
  q.join(5);
  q.join(1);
  s.add_permits(1);
  q.join(2);
  CHECK(q.served.empty());
  CHECK_FALSE(s.try_acquire());
  CHECK_FALSE(s.try_acquire_for(std::chrono::seconds::zero()));
  s.add_permits(2);
  CHECK(q.served == ids{0});
  s.add_permits(1);
  CHECK(q.served == ids{0, 1});
  s.add_permits(2);
  CHECK(q.served == ids{0, 1, 2});
}

FIFO_SEMAPHORE("permits go to the waiters in order, whatever their sizes and the portions in which permits come") {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    S s(0);
    queue_of q(s);
    std::vector<std::ptrdiff_t> wanted;
    std::ptrdiff_t given = 0;
    for (int step = 0; step < 60; ++step) {
      if (random() % 2 == 0) {
        wanted.push_back(static_cast<std::ptrdiff_t>(1 + random() % 5));
        q.join(wanted.back());
      } else {
        std::ptrdiff_t const n = static_cast<std::ptrdiff_t>(1 + random() % 7);
        s.add_permits(n);
        given += n;
      }
      std::ptrdiff_t left = given;
      std::size_t served = 0;
      while (served < wanted.size() && wanted[served] <= left) left -= wanted[served++];
      REQUIRE(q.served.size() == served);
      REQUIRE((q.served.empty() || q.served.back() == static_cast<int>(served) - 1));
      bool const somebody_waits = served < wanted.size();
      REQUIRE(s.available_permits() == (somebody_waits ? 0 : left));
      REQUIRE(s.waiters() == wanted.size() - served);
    }
    s.close();
  }
}

FIFO_SEMAPHORE("while somebody waits nobody overtakes him, by whatever call") {
  S s(1);
  auto p = s.acquire_blocking();
  queue_of q(s);
  q.join();
  visitor<S> stoppable, timed;
  p.release();
  CHECK(q.served == ids{0});  // it was given the permit: it is not free in between
  q.join();
  stoppable.acquire(s, std::stop_token());
  timed.start([&] { return s.acquire_for(std::chrono::hours(1)); });
  CHECK_FALSE(s.try_acquire());
  q[0].held.release();
  CHECK(q.served == ids{0, 1});
  CHECK(stoppable.state == visit::waiting);
  q[1].held.release();
  CHECK(stoppable.state == visit::holding);
  CHECK(timed.state == visit::waiting);
  stoppable.held.release();
  CHECK(timed.state == visit::holding);
}

FIFO_SEMAPHORE("a waiter that is resumed finds the permits of the others already promised") {
  S s(0);
  queue_of q(s);
  visitor<S>& first = q.join();
  bool overtook = false;
  auto const note = first.on_end;
  first.on_end = [&, note] {
    note();
    overtook = s.try_acquire().has_value();
  };
  q.join();
  s.add_permits(2);
  CHECK_FALSE(overtook);
  CHECK(q.served == ids{0, 1});
}

BARGING_SEMAPHORE("a newcomer may take a permit before a waiter that was woken") {
  S s(1);
  auto p = s.acquire_blocking();
  manual_executor ex;
  visitor<S> v;
  v.start([&] { return s.acquire_on(ex); });
  p.release();  // v is woken, but has not run
  auto newcomer = s.try_acquire();
  CHECK(newcomer);
  ex.run();
  CHECK(v.state == visit::waiting);
  CHECK(s.waiters() == 1);
  newcomer->release();
  ex.run();
  CHECK(v.state == visit::holding);
}

BARGING_SEMAPHORE("a small request overtakes a large one, and the large one gets its turn at rest") {
  S s(2);
  auto p = s.acquire_blocking(2);
  queue_of q(s);
  q.join(2);
  q.join(1);
  p.split(1).release();
  CHECK(q.served == ids{1});
  q[1].held.release();
  CHECK(s.try_acquire());  // and back at once
  CHECK(q.served == ids{1});
  p.release();
  CHECK(q.served == ids{1, 0});
}

BARGING_SEMAPHORE("permits that do not suffice for a waiter stay free") {
  S s(3);
  visitor<S> v;
  v.acquire(s, 5);
  CHECK(look(s) == snapshot{3, 3, 0, 1, false});
  CHECK(s.try_acquire(3));
  s.add_permits(2);
  CHECK(v.state == visit::holding);
}

EVERY_SEMAPHORE("at rest no waiter sleeps while the permits it wants are free") {
  std::mt19937 random(11);
  for (int round = 0; round < 60; ++round) {
    S s(0);
    std::deque<visitor<S>> visitors;
    std::deque<std::stop_source> stops;
    for (int step = 0; step < 80; ++step) {
      switch (random() % 5) {
        case 0:
        case 1: {
          auto const n = static_cast<std::ptrdiff_t>(1 + random() % 4);
          visitors.emplace_back().acquire(s, stops.emplace_back().get_token(), n);
          break;
        }
        case 2: s.add_permits(static_cast<std::ptrdiff_t>(1 + random() % 3)); break;
        case 3:
          if (!visitors.empty()) visitors[random() % visitors.size()].held.release();
          break;
        default:
          if (!stops.empty()) stops[random() % stops.size()].request_stop();
      }
      std::ptrdiff_t held = 0;
      for (auto const& v : visitors) held += v.held.count();
      if (s.waiters() == 0) REQUIRE(s.in_use() == held);
      std::size_t waiting = 0;
      for (std::size_t i = 0; i < visitors.size(); ++i) {
        if (visitors[i].state != visit::waiting) continue;
        ++waiting;
        REQUIRE(s.available_permits() < 4);
        REQUIRE_FALSE(stops[i].stop_requested());
      }
      REQUIRE(s.waiters() == waiting);
      if (is_fifo<S>) REQUIRE((waiting == 0 || s.available_permits() == 0));
    }
    s.close();
    for (auto& v : visitors) v.held.release();
    CHECK(s.available_permits() == s.max_permits());
  }
}
