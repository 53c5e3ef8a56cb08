// A counter and a queue in which the test steps between any two steps: what no schedule of threads can be made to show
// every time.
#include <surewake/core/semaphore/scripted_queue.test.hpp>

#include <surewake/core/coroutine/manual_executor.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <optional>

namespace counter_synchronizer_test {

using namespace surewake;
using namespace surewake::detail;
using namespace surewake::testing;

namespace {

using P = std_platform;
template <class Discipline> using with = counter_synchronizer<scripted_queue, P, Discipline>;
static_assert(synchronizer<with<hand_off>> && synchronizer<with<barging>>);

template <class Q> struct few : scripted_queue<Q> {
  static constexpr std::uint32_t max_request = 1'000;
};
static_assert(counter_synchronizer<few, P, hand_off>::max_request == 1'000);
static_assert(counter_synchronizer<few, P, barging>::max_request == std::numeric_limits<std::int64_t>::max());
static_assert(with<hand_off>::max_request == std::numeric_limits<std::int64_t>::max());

struct counting_waiter : waiter<P> {
  counting_waiter() : waiter<P>([](work<P>& w) noexcept { ++static_cast<counting_waiter&>(w).handed; }) {}
  int handed = 0;
};

}  // namespace

#define EITHER(name) TEST_CASE_TEMPLATE(name, S, scripted, scripted_barging)
#define EACH_DISCIPLINE(name) TEST_CASE_TEMPLATE(name, D, hand_off, barging)

EACH_DISCIPLINE("permits that are free are taken and given back without a look at the queue") {
  with<D> s(3);
  at_point const a(&script::before_enqueue, [] {}), b(&script::before_grant, [] {});
  CHECK(s.take(2).is_granted());
  CHECK(s.available() == 1);
  CHECK_FALSE(s.try_take(2));
  CHECK(s.try_take(1));
  s.give_back(3);
  CHECK(s.reduce(1) == 1);
  CHECK(s.available() == 2);
  CHECK((!a.passed() && !b.passed()));
}

EACH_DISCIPLINE("a take that finds too few waits for all that it wants, and is served by what is given back") {
  with<D> s(1);
  counting_waiter w;
  take_result const taken = s.take(3);
  REQUIRE(taken.must_wait());
  CHECK(s.wait(w, 3, taken) == enqueued::waiting);
  CHECK(s.waiters() == 1);
  s.give_back(1);
  CHECK(w.handed == (D::grants_are_final ? 0 : 1));
  if (!D::grants_are_final) CHECK(s.after_grant(w, 3, then::wait) == enqueued::waiting);  // a wake, for too few
  s.give_back(1);
  CHECK(w.handed == (D::grants_are_final ? 1 : 2));
  CHECK(s.after_grant(w, 3, then::wait) == enqueued::granted);
  CHECK((s.available() == 0 && s.waiters() == 0));
}

EACH_DISCIPLINE("a grant that is declined goes to the next waiter, one that is left alone is the waiter's") {
  for (bool const declines : {false, true}) {
    with<D> s(0);
    counting_waiter first, second;
    for (counting_waiter* w : {&first, &second}) CHECK(s.wait(*w, 1, s.take(1)) == enqueued::waiting);
    s.give_back(1);
    CHECK((first.handed == 1 && second.handed == 0));
    if (declines) {
      static_cast<void>(s.after_grant(first, 1, then::decline));
      CHECK(second.handed == 1);
      CHECK(s.after_grant(second, 1, then::leave) == enqueued::granted);
    } else {
      CHECK(s.after_grant(first, 1, then::leave) == enqueued::granted);
      CHECK(second.handed == 0);
      CHECK(s.withdraw(second, 1));
    }
    CHECK((s.available() == 0 && s.waiters() == 0));
  }
}

EACH_DISCIPLINE("a withdrawal gives the debt back once, and says no when the grant has come") {
  with<D> s(0);
  counting_waiter w;
  CHECK(s.wait(w, 2, s.take(2)) == enqueued::waiting);
  CHECK(s.withdraw(w, 2));
  CHECK(s.waiters() == 0);
  s.give_back(1);
  CHECK(s.available() == 1);
  CHECK(s.wait(w, 2, s.take(2)) == enqueued::waiting);
  s.give_back(1);
  CHECK_FALSE(s.withdraw(w, 2));
  CHECK(s.after_grant(w, 2, then::leave) == enqueued::granted);
}

TEST_CASE("barging: a withdrawal passes the wake on that came for a waiter which no longer wants it") {
  with<barging> s(0);
  counting_waiter first, second;
  for (counting_waiter* w : {&first, &second}) CHECK(s.wait(*w, 1, s.take(1)) == enqueued::waiting);
  at_point const window(&script::before_grant, [&] { CHECK(s.withdraw(first, 1)); });
  s.give_back(1);
  CHECK(second.handed == 1);
  CHECK(s.after_grant(second, 1, then::leave) == enqueued::granted);
}

TEST_CASE("barging: who finds its permits by the look before it sleeps takes them once, and the woken one waits on") {
  with<barging> s(0);
  counting_waiter woken, looks;
  CHECK(s.wait(woken, 1, s.take(1)) == enqueued::waiting);
  take_result const taken = s.take(1);
  at_point const window(&script::before_enqueue, [&] { s.give_back(1); });  // the wake goes to the first one
  CHECK(s.wait(looks, 1, taken) == enqueued::granted);
  CHECK((woken.handed == 1 && looks.handed == 0 && s.available() == 0));
  CHECK(s.after_grant(woken, 1, then::wait) == enqueued::waiting);
  s.give_back(1);
  CHECK(woken.handed == 2);
  CHECK(s.after_grant(woken, 1, then::wait) == enqueued::granted);
}

TEST_CASE("hand_off: a part that a waiter had when it is withdrawn goes to the next one") {
  with<hand_off> s(0);
  counting_waiter first, second;
  CHECK(s.wait(first, 2, s.take(2)) == enqueued::waiting);
  CHECK(s.wait(second, 1, s.take(1)) == enqueued::waiting);
  s.give_back(1);
  CHECK(first.missing() == 1);
  CHECK(s.withdraw(first, 2));
  CHECK(second.handed == 1);
  CHECK((s.available() == 0 && s.waiters() == 0));
}

EACH_DISCIPLINE("close ends what waits, and takes no more; what was held can be given back") {
  with<D> s(1);
  counting_waiter w;
  take_result const held = s.take(1);
  CHECK(held.is_granted());
  CHECK_FALSE(s.is_closed());
  CHECK(s.wait(w, 1, s.take(1)) == enqueued::waiting);
  s.close();
  CHECK((w.handed == 1 && w.closed() && s.is_closed()));
  CHECK(s.after_grant(w, 1, then::wait) == enqueued::closed);
  CHECK(s.take(1).is_closed());
  CHECK_FALSE(s.try_take(1));
  s.give_back(1);
  CHECK(s.available() == 1);
}

EITHER("a release between a failed acquire and its registration is not lost") {
  for (int way = 0; way < 3; ++way) {
    S s(0);
    visit end = visit::waiting;
    typename S::permit p;
    manual_executor ex;
    at_point const window(&script::before_enqueue, [&] { s.add_permits(1); });
    switch (way) {
      case 0: {
        auto const f = keep([&] { return s.acquire(); }, end, p);
        CHECK(end == visit::holding);
        break;
      }
      case 1: {
        auto const f = keep([&] { return s.acquire_on(ex); }, end, p);
        CHECK(end == visit::holding);
        CHECK(ex.empty());
        break;
      }
      default: p = s.acquire_blocking();
    }
    CHECK(window.passed());
    CHECK(p.count() == 1);
    CHECK(s.available_permits() == 0);
    CHECK(s.waiters() == 0);
  }
}

EITHER("part of a release in that window is kept for the waiter, or free") {
  S s(0);
  visit end = visit::waiting;
  typename S::permit p;
  at_point const window(&script::before_enqueue, [&] { s.add_permits(2); });
  auto const f = keep([&] { return s.acquire(3); }, end, p);
  CHECK(end == visit::waiting);
  s.add_permits(1);
  CHECK(end == visit::holding);
  CHECK(s.available_permits() == 0);
}

EITHER("two requests for several permits that register in the other order do not sit on a part each") {
  S s(3);
  auto held = s.acquire_blocking(2);
  visit first = visit::waiting, second = visit::waiting;
  typename S::permit p, q;
  std::optional<fiber> overtaker;
  // The first one finds one of its three permits, and before it registers another one comes that wants three.
  at_point const window(&script::before_enqueue,
                        [&] { overtaker.emplace(keep([&] { return s.acquire(3); }, second, q)); });
  auto const f = keep([&] { return s.acquire(3); }, first, p);
  held.release();
  CHECK((first == visit::holding) != (second == visit::holding));
  (first == visit::holding ? p : q).release();
  CHECK((first == visit::holding && second == visit::holding));
  p.release();
  q.release();
  CHECK(s.available_permits() == 3);
}

EITHER("close between a failed acquire and its registration ends it") {
  S s(2);
  visit end = visit::waiting;
  typename S::permit p;
  at_point const window(&script::before_enqueue, [&] { s.close(); });
  auto const f = keep([&] { return s.acquire(3); }, end, p);
  CHECK(end == visit::closed);
  CHECK(s.available_permits() == 2);

  S blocked(0);
  at_point const again(&script::before_enqueue, [&] { blocked.close(); });
  CHECK_THROWS_AS(static_cast<void>(blocked.acquire_blocking()), closed_error);
}

EITHER("close between a release and its grant: the permit is free again, and given to nobody") {
  S s(0);
  visit end = visit::waiting;
  typename S::permit p;
  auto const f = keep([&] { return s.acquire(); }, end, p);
  at_point const window(&script::before_grant, [&] { s.close(); });
  s.add_permits(1);
  CHECK(end == visit::closed);
  CHECK(s.available_permits() == 1);
}

EITHER("a coroutine that is destroyed between a release and its grant lets the permit go free once") {
  S s(0);
  visit end = visit::waiting;
  typename S::permit p;
  int const before = script::now().refused;
  auto f = std::make_optional(keep([&] { return s.acquire(); }, end, p));
  at_point const window(&script::before_grant, [&] { f.reset(); });
  s.add_permits(1);
  CHECK(script::now().refused == before + 1);
  auto const mine = s.try_acquire();
  CHECK(mine);
  CHECK_FALSE(s.try_acquire());
}

EITHER("who waits behind the one that left gets the grant that was on its way") {
  S s(0);
  visit first = visit::waiting, second = visit::waiting;
  typename S::permit p, q;
  auto f = std::make_optional(keep([&] { return s.acquire(); }, first, p));
  auto const g = keep([&] { return s.acquire(); }, second, q);
  at_point const window(&script::before_grant, [&] { f.reset(); });
  s.add_permits(1);
  CHECK(second == visit::holding);
  CHECK(s.available_permits() == 0);
}

}  // namespace counter_synchronizer_test
