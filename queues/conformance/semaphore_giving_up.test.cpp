// Giving up: by a stop token, by time, by destruction. Nothing is swallowed, nothing doubled
// (semaphore.hpp, laws 2 and 3).
#include <surewake/core/platform/sanitizers.test.hpp>
#include <surewake/queues/conformance/all_semaphores.test.hpp>

#include <thread>

namespace semaphore_giving_up_test {

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;

namespace {

using steady = std::chrono::steady_clock;

template <class F> std::chrono::nanoseconds time_of(F&& f) {
  auto const start = steady::now();
  f();
  return steady::now() - start;
}

/// Counts a third of each second, from the moment when the test began.
struct slow_clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<slow_clock>;
  static constexpr bool is_steady = true;
  static time_point now() { return time_point(steady::now().time_since_epoch() / 3); }
};

/// Waits until `condition`; false when 20 s have passed without it.
template <class F> bool soon(F condition) {
  for (auto const end = steady::now() + 20s; !condition(); std::this_thread::yield()) {
    if (steady::now() > end) return false;
  }
  return true;
}

}  // namespace

EVERY_SEMAPHORE("a stopped acquire is empty, and has left the queue") {
  S s(0);
  std::stop_source stop;
  visitor<S> v, next;
  v.acquire(s, stop.get_token());
  next.acquire(s);
  CHECK(s.waiters() == 2);
  stop.request_stop();
  CHECK(v.state == visit::given_up);
  CHECK(look(s) == snapshot{0, 0, 0, 1, false});
  s.add_permits(1);
  CHECK(next.state == visit::holding);
  next.held.release();
  CHECK(look(s) == snapshot{1, 1, 0, 0, false});
}

EVERY_SEMAPHORE("a token that was stopped before ends the wait at once, but does not keep from a free permit") {
  S s(1);
  std::stop_source stop;
  stop.request_stop();
  CHECK(sync_wait(s.acquire(stop.get_token())));
  auto p = s.acquire_blocking();
  CHECK_FALSE(sync_wait(s.acquire(stop.get_token())));
  CHECK_FALSE(sync_wait(s.acquire(stop.get_token(), 5)));
  CHECK(look(s) == snapshot{0, 1, 1, 0, false});
  p.release();
  CHECK(look(s) == snapshot{1, 1, 0, 0, false});
}

EVERY_SEMAPHORE("a stop that comes after the permit changes nothing") {
  S s(0);
  std::stop_source stop;
  visitor<S> v;
  v.acquire(s, stop.get_token());
  s.add_permits(1);
  CHECK(v.state == visit::holding);
  stop.request_stop();
  CHECK(v.state == visit::holding);
  CHECK(v.held.count() == 1);
}

EVERY_SEMAPHORE("a stop that comes after close changes nothing") {
  S s(0);
  std::stop_source stop;
  visitor<S> v;
  v.acquire(s, stop.get_token());
  s.close();
  stop.request_stop();
  CHECK(v.state == visit::closed);
}

EVERY_SEMAPHORE("one stop ends any number of waits, at the front, in the middle and at the end") {
  S s(0);
  std::stop_source stop;
  std::deque<visitor<S>> v(9);
  for (std::size_t i = 0; i < v.size(); ++i) {
    i % 2 == 0 ? v[i].acquire(s, stop.get_token()) : v[i].acquire(s);
  }
  stop.request_stop();
  CHECK(s.waiters() == 4);
  s.add_permits(4);
  for (std::size_t i = 0; i < v.size(); ++i) CHECK(v[i].state == (i % 2 == 0 ? visit::given_up : visit::holding));
  CHECK(look(s) == snapshot{0, 4, 4, 0, false});
}

EVERY_SEMAPHORE("who stops while it has part of what it wants passes that part on") {
  S s(2);
  std::stop_source stop;
  visitor<S> big, small, last;
  big.acquire(s, stop.get_token(), 4);
  s.add_permits(1);
  small.acquire(s, 2);
  last.acquire(s, 2);
  stop.request_stop();
  CHECK(big.state == visit::given_up);
  CHECK((small.state == visit::holding) != (last.state == visit::holding));
  s.add_permits(1);
  CHECK(small.state == visit::holding);
  CHECK(last.state == visit::holding);
  small.held.release();
  last.held.release();
  CHECK(look(s) == snapshot{4, 4, 0, 0, false});
}

EVERY_SEMAPHORE("who stops with part of it, and nobody behind, leaves the part free") {
  S s(2);
  std::stop_source stop;
  visitor<S> v;
  v.acquire(s, stop.get_token(), 4);
  s.add_permits(1);
  stop.request_stop();
  CHECK(look(s) == snapshot{3, 3, 0, 0, false});
  CHECK(s.try_acquire(3));
}

EVERY_SEMAPHORE("who requests the stop resumes the waiter, on that thread") {
  S s(0);
  std::stop_source stop;
  visitor<S> v;
  std::thread::id resumed_on;
  v.on_end = [&] { resumed_on = std::this_thread::get_id(); };
  v.acquire(s, stop.get_token());
  std::thread t([&] { stop.request_stop(); });
  auto const stopper = t.get_id();
  t.join();
  CHECK(v.state == visit::given_up);
  CHECK(resumed_on == stopper);
}

EVERY_SEMAPHORE("a waiter that is stopped may use the semaphore, and request the stop of others") {
  S s(0);
  std::stop_source first, second;
  visitor<S> a, b, c;
  a.on_end = [&] {
    s.add_permits(1);
    second.request_stop();
  };
  a.acquire(s, first.get_token());
  b.acquire(s, second.get_token());
  c.acquire(s);
  first.request_stop();
  CHECK(a.state == visit::given_up);
  CHECK((b.state == visit::holding) != (c.state == visit::holding));
  CHECK((b.state == visit::holding || b.state == visit::given_up));
  s.add_permits(1);
  CHECK(c.state == visit::holding);
  c.held.release();
  b.held.release();
  CHECK(look(s) == snapshot{2, 2, 0, 0, false});
}

EVERY_SEMAPHORE("a coroutine may stop itself while it begins to wait") {
  S s(0);
  std::stop_source stop;
  visitor<S> v;
  std::stop_callback const sets([&] { return stop.get_token(); }(), [] {});
  stop.request_stop();
  v.acquire(s, stop.get_token(), 3);
  CHECK(v.state == visit::given_up);
  CHECK(look(s) == snapshot{0, 0, 0, 0, false});
}

EVERY_SEMAPHORE("a time limit of zero or less does not wait") {
  S s(1);
  auto p = s.acquire_blocking();
  auto const none = [&](auto&& acquire) {
    CHECK(time_of([&] { CHECK_FALSE(acquire()); }) < 10s);
    CHECK(look(s) == snapshot{0, 1, 1, 0, false});
  };
  for (auto const limit : {0s, -1s, std::chrono::seconds(-3600)}) {
    none([&] { return s.try_acquire_for(limit); });
    none([&] { return sync_wait(s.acquire_for(limit)); });
    none([&] { return s.try_acquire_until(steady::now() + limit); });
    none([&] { return sync_wait(s.acquire_until(steady::now() + limit)); });
    none([&] { return s.try_acquire_until(std::chrono::system_clock::now() + limit); });
    none([&] { return sync_wait(s.acquire_until(std::chrono::system_clock::now() + limit)); });
  }
  p.release();
  CHECK(s.try_acquire());
}

EVERY_SEMAPHORE("a limit is over neither early nor much too late") {
  S s(0);
  auto const takes_20ms = [&](auto&& acquire) {
    auto const t = time_of([&] { CHECK_FALSE(acquire()); });
    CHECK(t >= 20ms);
    CHECK(t < 10s);
    CHECK(s.waiters() == 0);
  };
  takes_20ms([&] { return s.try_acquire_for(20ms); });
  takes_20ms([&] { return s.try_acquire_for(std::chrono::duration<double>(0.02), 3); });
  takes_20ms([&] { return s.try_acquire_until(steady::now() + 20ms); });
  takes_20ms([&] { return sync_wait(s.acquire_for(20ms)); });
  takes_20ms([&] { return sync_wait(s.acquire_until(steady::now() + 20ms, 2)); });
  auto const wall = [&] { return std::chrono::system_clock::now() + 21ms; };
  takes_20ms([&] { return s.try_acquire_until(wall()); });
  takes_20ms([&] { return sync_wait(s.acquire_until(wall())); });
}

EVERY_SEMAPHORE("a limit without end waits, and is no overflow") {
  using std::chrono::hours;
  using std::chrono::system_clock;
  using std::chrono::time_point;
  S s(0);
  std::deque<visitor<S>> v(8);
  v[0].start([&] { return s.acquire_for(hours::max()); });
  v[1].start([&] { return s.acquire_for(std::chrono::nanoseconds::max()); });
  v[2].start([&] { return s.acquire_until(steady::time_point::max()); });
  v[3].start([&] { return s.acquire_until(system_clock::time_point::max()); });
  v[4].start([&] { return s.acquire_until(time_point<steady, hours>(hours::max())); });
  v[5].start([&] { return s.acquire_until(time_point<system_clock, hours>(hours::max())); });
  v[6].start([&] { return s.acquire_for(std::chrono::duration<double>(1e300)); });
  v[7].start([&] { return s.acquire_until(time_point<system_clock, std::chrono::duration<double>>::max()); });
  std::vector<std::thread> blocked;
  blocked.reserve(3);  // g++ 12 warns of the growth that it would inline
  blocked.emplace_back([&] { s.try_acquire_for(hours::max())->forget(); });
  blocked.emplace_back([&] { s.try_acquire_until(system_clock::time_point::max())->forget(); });
  blocked.emplace_back([&] { s.try_acquire_until(time_point<steady, hours>(hours::max()))->forget(); });
  CHECK(soon([&] { return s.waiters() == 11; }));
  std::this_thread::sleep_for(20ms);
  CHECK(s.waiters() == 11);
  s.add_permits(11);
  for (auto& t : blocked) t.join();
  CHECK(soon([&] { return s.waiters() == 0; }));
  for (auto const& w : v) CHECK(w.state == visit::holding);
}

EVERY_SEMAPHORE("a time that is long past has passed, and is no overflow") {
  using std::chrono::hours;
  using std::chrono::system_clock;
  using std::chrono::time_point;
  S s(0);
  auto const none = [&](auto t) {
    CHECK_FALSE(s.try_acquire_until(t));
    CHECK_FALSE(sync_wait(s.acquire_until(t)));
  };
  none(steady::time_point::min());
  none(system_clock::time_point::min());
  none(time_point<steady, hours>(hours::min()));
  none(time_point<system_clock, hours>(hours::min()));
  none(time_point<steady, std::chrono::duration<double>>::min());
  CHECK_FALSE(s.try_acquire_for(hours::min()));
  CHECK_FALSE(sync_wait(s.acquire_for(hours::min())));
  CHECK(look(s) == snapshot{0, 0, 0, 0, false});
}

EVERY_SEMAPHORE("a permit that comes in time ends a timed wait") {
  S s(0);
  visitor<S> v;
  v.start([&] { return s.acquire_for(1h); });
  s.add_permits(1);
  CHECK(v.state == visit::holding);
  std::thread t([&] {
    CHECK(soon([&] { return s.waiters() == 1; }));
    v.held.release();
  });
  CHECK(s.try_acquire_for(1h));
  t.join();
  CHECK(look(s) == snapshot{1, 1, 0, 0, false});
}

EVERY_SEMAPHORE("a timed-out coroutine goes on on another thread and has left the queue") {
  S s(0);
  visitor<S> v, next;
  std::thread::id resumed_on;
  v.on_end = [&] { resumed_on = std::this_thread::get_id(); };
  v.start([&] { return s.acquire_for(5ms, 2); });
  next.acquire(s);
  REQUIRE(soon([&] { return v.over.load(); }));
  CHECK(v.state == visit::given_up);
  CHECK(resumed_on != std::this_thread::get_id());
  CHECK(s.waiters() == 1);
  s.add_permits(1);
  CHECK(next.state == visit::holding);
}

EVERY_SEMAPHORE("a coroutine that is destroyed while it waits leaves the queue, wherever it stands") {
  for (std::size_t gone = 0; gone < 3; ++gone) {
    S s(0);
    std::deque<visitor<S>> v(3);
    for (auto& w : v) w.acquire(s);
    v[gone].destroy();
    CHECK(s.waiters() == 2);
    s.add_permits(1);
    CHECK(s.waiters() == 1);
    s.add_permits(2);
    for (std::size_t i = 0; i < 3; ++i) CHECK(v[i].state == (i == gone ? visit::waiting : visit::holding));
    CHECK(look(s) == snapshot{1, 3, 2, 0, false});
  }
}

EVERY_SEMAPHORE("every kind of waiting coroutine may be destroyed") {
  S s(0);
  manual_executor ex;
  std::stop_source stop;
  {
    visitor<S> stoppable, timed, on_executor, many;
    stoppable.acquire(s, stop.get_token());
    timed.start([&] { return s.acquire_for(1h); });
    on_executor.start([&] { return s.acquire_on(ex); });
    many.acquire(s, 7);
    CHECK(s.waiters() == 4);
  }
  CHECK(look(s) == snapshot{0, 0, 0, 0, false});
  stop.request_stop();
  s.add_permits(1);
  CHECK(s.try_acquire());
}

EVERY_SEMAPHORE("a destroyed coroutine that had part of what it wants passes that part on") {
  S s(2);
  visitor<S> big, small, last;
  big.acquire(s, 4);
  s.add_permits(1);
  small.acquire(s, 2);
  last.acquire(s, 2);
  big.destroy();
  CHECK((small.state == visit::holding) != (last.state == visit::holding));
  s.add_permits(1);
  CHECK(small.state == visit::holding);
  CHECK(last.state == visit::holding);
}

EVERY_SEMAPHORE("a coroutine that is destroyed with its grant in the thread's ready list passes the permit on") {
  for (bool const stoppable : {false, true}) {
    for (std::size_t const gone : {0U, 1U}) {  // one of them has the grant
      S s(0);
      visitor<S> a;
      std::deque<visitor<S>> v(2);
      std::stop_source stop;
      a.on_end = [&] {
        for (auto& w : v) stoppable ? w.acquire(s, stop.get_token()) : w.acquire(s);
        s.add_permits(1);  // waits with its waiter in the ready list until we end
        CHECK(v[0].state == visit::waiting);
        CHECK(v[1].state == visit::waiting);
        v[gone].destroy();
      };
      a.acquire(s);
      s.add_permits(1);
      CHECK(a.state == visit::holding);
      CHECK(v[gone].state == visit::waiting);
      CHECK(v[1 - gone].state == visit::holding);
      CHECK(look(s) == snapshot{0, 2, 2, 0, false});
      v[1 - gone].held.release();
      a.held.release();
      CHECK(look(s) == snapshot{2, 2, 0, 0, false});
    }
  }
}

EVERY_SEMAPHORE("a coroutine that is destroyed after close, before it ran, does no harm") {
  S s(1);
  auto p = s.acquire_blocking();
  visitor<S> a, b;
  a.on_end = [&] { b.destroy(); };
  b.on_end = [&] { a.destroy(); };
  a.acquire(s);
  b.acquire(s, 2);
  s.close();
  CHECK((a.state == visit::closed) != (b.state == visit::closed));
  p.release();
  CHECK(look(s) == snapshot{1, 1, 0, 0, true});
}

EVERY_SEMAPHORE("a waiter that another one destroys in the same release is not touched") {
  for (std::size_t const next : {1U, 2U}) {  // one of them is in the release
    S s(0);
    std::deque<visitor<S>> v(3);
    std::size_t gone = 3;
    for (std::size_t i = 0; i != 3; ++i) {
      v[i].on_end = [&, i] {
        if (gone == 3) v[gone = (i + next) % 3].destroy();
      };
    }
    for (auto& w : v) w.acquire(s);
    s.add_permits(2);
    for (std::size_t i = 0; i != 3; ++i) CHECK(v[i].state == (i == gone ? visit::waiting : visit::holding));
    CHECK(look(s) == snapshot{0, 2, 2, 0, false});
  }
}

EVERY_SEMAPHORE("a coroutine that is destroyed while its executor has it passes the permit on") {
  S s(0);
  manual_executor ex;
  visitor<S> v, next;
  v.start([&] { return s.acquire_on(ex, 2); });
  s.add_permits(2);
  CHECK_FALSE(ex.empty());
  v.destroy();
  CHECK(ex.empty());
  CHECK(look(s) == snapshot{2, 2, 0, 0, false});

  v.start([&] { return s.acquire_on(ex, 3); });
  next.acquire(s);
  s.add_permits(1);
  v.destroy();
  CHECK(next.state == visit::holding);
  CHECK(look(s) == snapshot{2, 3, 1, 0, false});
  s.close();
}

EVERY_SEMAPHORE("a coroutine that is destroyed while its executor has it wakes the next one") {
  S s(0);
  std::deque<manual_executor> ex(2);
  std::deque<visitor<S>> v(2);
  for (std::size_t i = 0; i != 2; ++i) v[i].start([&s, &on = ex[i]] { return s.acquire_on(on); });
  s.add_permits(1);
  std::size_t const gone = ex[0].empty() ? 1 : 0;
  CHECK(ex[1 - gone].empty());
  v[gone].destroy();
  CHECK(ex[gone].empty());
  CHECK(ex[1 - gone].run() == 1);
  CHECK(v[1 - gone].state == visit::holding);
  CHECK(look(s) == snapshot{0, 1, 1, 0, false});
}

EVERY_SEMAPHORE("a coroutine that is destroyed while its executor has it, closed, does no harm") {
  S s(1);
  auto p = s.acquire_blocking();
  manual_executor ex;
  visitor<S> v;
  v.start([&] { return s.acquire_on(ex, 2); });
  s.close();
  v.destroy();
  CHECK(ex.empty());
  p.release();
  CHECK(look(s) == snapshot{1, 1, 0, 0, true});
}

EVERY_SEMAPHORE("a stop and a release at once: the permit is had, or free, never both or neither") {
  for (int i = 0; i < (asan ? 50 : 300); ++i) {  // a thread takes milliseconds under clang's AddressSanitizer
    S s(0);
    std::stop_source stop;
    visitor<S> v, next;
    v.acquire(s, stop.get_token());
    if (i % 2 == 0) next.acquire(s);
    std::atomic<int> at_start = 0;
    auto const meet = [&] {
      for (++at_start; at_start != 2;) {
      }
    };
    std::thread releaser([&] {
      meet();
      s.add_permits(1);
    });
    meet();
    stop.request_stop();
    releaser.join();
    bool const had = v.state == visit::holding;
    CHECK((had || v.state == visit::given_up));
    if (i % 2 == 0) {
      REQUIRE((next.state == visit::holding) != had);
      REQUIRE(look(s) == snapshot{0, 1, 1, had ? 1U : 0U, false});
      if (had) next.destroy();
    } else {
      REQUIRE(look(s) == (had ? snapshot{0, 1, 1, 0, false} : snapshot{1, 1, 0, 0, false}));
    }
  }
}

EVERY_SEMAPHORE("a wait until a time of a slow clock does not end before that clock says so") {
  S s(0);
  auto t = slow_clock::now() + 4ms;
  CHECK_FALSE(s.try_acquire_until(t));
  CHECK(slow_clock::now() >= t);
  t = slow_clock::now() + 4ms;
  CHECK_FALSE(sync_wait(s.acquire_until(t)));
  CHECK(slow_clock::now() >= t);
  CHECK(s.waiters() == 0);
}

TEST_CASE("a time long past, or far off, of whatever clock ends a wait at once, or does not end it") {
  using file_time = std::chrono::file_clock;
  semaphore s(0);
  auto const past = [&](auto t) {
    CHECK_FALSE(s.try_acquire_until(t));
    CHECK_FALSE(sync_wait(s.acquire_until(t)));
  };
  past(std::chrono::system_clock::time_point(std::chrono::seconds(-8'800'000'000)));
  past(std::chrono::system_clock::time_point::min());
  past(file_time::time_point::min());
  past(steady::time_point::min());
  CHECK_FALSE(s.try_acquire_for(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN())));
  CHECK_FALSE(s.try_acquire_for(std::chrono::duration<std::int8_t, std::micro>(-128)));
  CHECK_FALSE(s.try_acquire_for(std::chrono::hours::min()));
  auto const future = [&](auto limited) {
    visitor<semaphore> v;
    v.start(limited);
    CHECK(v.state == visit::waiting);
    s.add_permits(1);
    CHECK(v.state == visit::holding);
    v.held.forget();
  };
  future([&] { return s.acquire_until(file_time::time_point(std::chrono::seconds(4'607'366'400))); });
  future([&] { return s.acquire_until(steady::time_point::max()); });
  future([&] { return s.acquire_until(std::chrono::system_clock::time_point::max()); });
  future([&] { return s.acquire_for(std::chrono::hours::max()); });
  future([&] { return s.acquire_for(std::chrono::duration<double>(std::numeric_limits<double>::infinity())); });
  future([&] { return s.acquire_for(std::chrono::duration<std::uint64_t>(~std::uint64_t{0})); });
}

TEST_CASE("the spin of a blocking wait ends with its limit, and one without end spins until the permit comes") {
  semaphore s(0);
  CHECK(time_of([&] { CHECK_FALSE(s.try_acquire_for(1ms, 1, {.spin = 20s})); }) < 10s);
  CHECK(time_of([&] { CHECK_FALSE(s.try_acquire_until(slow_clock::now() + 1ms, 1, {.spin = 20s})); }) < 10s);
  std::thread releases([&] {
    std::this_thread::sleep_for(5ms);
    s.add_permits(1);
  });
  s.acquire_blocking(1, {.spin = std::chrono::nanoseconds::max()}).release();
  releases.join();
  s.acquire_blocking(1, {.spin = std::chrono::nanoseconds::min()}).release();
}

}  // namespace semaphore_giving_up_test
