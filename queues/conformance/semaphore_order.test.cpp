// Waiting: who is served when, for any mix of sizes; and what the disciplines promise differently.
#include <surewake/queues/conformance/all_semaphores.test.hpp>

#include <algorithm>
#include <deque>
#include <random>

namespace semaphore_order_test {

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

/// A visitor that wants n, may be stopped, and may be gone.
template <class S> struct guest : visitor<S> {
  void arrive(S& s, std::ptrdiff_t n) {
    wants = n;
    this->acquire(s, stop.get_token(), n);
  }
  void leave() {
    this->destroy();
    this->state = visit::given_up;
  }
  std::stop_source stop;
  std::ptrdiff_t wants = 0;
};

/// What a semaphore says while nobody is inside a call.
struct specification {
  std::ptrdiff_t exist;
  bool closed = false;

  std::ptrdiff_t created(std::ptrdiff_t n) {
    exist += n;
    return n;
  }

  /// The first claim that does not hold; empty: all do.
  template <class S> [[nodiscard]] std::string found_wrong(S const& s, std::deque<guest<S>> const& guests) const {
    std::ptrdiff_t held = 0;
    std::size_t waiting = 0;
    std::ptrdiff_t first_wants = 0, least_wanted = S::max(), most_wanted = 0;
    for (auto const& g : guests) {
      held += g.held.count();
      if (g.state == visit::waiting) {
        if (waiting++ == 0) first_wants = g.wants;
        least_wanted = std::min(least_wanted, g.wants);
        most_wanted = std::max(most_wanted, g.wants);
        if (g.stop.stop_requested()) return "a stopped waiter waits";
      } else if (is_fifo<S> && waiting != 0 && g.state == visit::holding) {
        return "a waiter was overtaken";
      }
    }
    std::ptrdiff_t const left = exist - held;
    if (s.is_closed() != closed) return "is_closed()";
    if (s.max_permits() != exist) return "max_permits()";
    if (s.waiters() != waiting || (closed && waiting != 0)) return "waiters()";
    if (left < 0) return "more are held than exist";
    // What is left is the waiter's that is first: without an order, any.
    std::ptrdiff_t const wanted = is_fifo<S> ? first_wants : hands_off<S> ? most_wanted : least_wanted;
    if (waiting != 0 && left >= wanted) return "a waiter sleeps beside its permits";
    if (s.available_permits() != (hands_off<S> && waiting != 0 ? 0 : left)) return "available_permits()";
    return "";
  }
};

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
  if (S::queue_type::first_come_first_served) CHECK(q.served == ids{0});
  p.release();
  CHECK(q.served.size() == 2);
  if (S::queue_type::first_come_first_served) CHECK(q.served == ids{0, 1});
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

FIFO_SEMAPHORE("while a waiter waits no other acquire overtakes it, by whatever call") {
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
    auto const p = s.try_acquire();
    overtook = p.has_value();
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

EVERY_SEMAPHORE("after every call, each permit is where the specification says") {
  std::mt19937 random(11);
  auto const up_to = [&random](unsigned n) { return static_cast<std::ptrdiff_t>(1 + random() % n); };
  for (int round = 0; round < 80; ++round) {
    S s(round % 3);
    specification spec{.exist = round % 3};
    std::deque<guest<S>> guests;
    for (int step = 0; step < 40; ++step) {
      auto* const g = guests.empty() ? nullptr : &guests[random() % guests.size()];
      switch (random() % 12) {
        case 0:
        case 1:
        case 2: guests.emplace_back().arrive(s, up_to(3)); break;
        case 3: s.add_permits(spec.created(up_to(2))); break;
        case 4:
          if (g != nullptr) g->held.release();
          break;
        case 5:
          if (g != nullptr && g->held.count() > 1) g->held.split(1).release();
          break;
        case 6:
        case 7:
          if (g != nullptr) g->stop.request_stop();
          break;
        case 8:
          if (g != nullptr && g->state == visit::waiting) g->leave();
          break;
        case 9: {
          std::ptrdiff_t const n = up_to(2), free = s.available_permits();
          auto const p = s.try_acquire(n);
          REQUIRE(p.has_value() == (free >= n && !s.is_closed()));
          break;
        }
        case 10: {
          std::ptrdiff_t const free = s.available_permits(), n = up_to(2);
          std::ptrdiff_t const taken = s.reduce_permits(n);
          REQUIRE((s.is_closed() || taken == std::min(free, n)));
          spec.exist -= taken;
          break;
        }
        default:
          if (random() % 8 != 0) break;
          s.close();
          spec.closed = true;
      }
      REQUIRE(spec.found_wrong(s, guests) == "");
    }
    s.close();
    spec.closed = true;
    for (auto& g : guests) g.held.release();
    REQUIRE(spec.found_wrong(s, guests) == "");
    CHECK(s.available_permits() == s.max_permits());
  }
}

}  // namespace semaphore_order_test
