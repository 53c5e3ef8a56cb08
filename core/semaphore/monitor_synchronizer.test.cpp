// The monitor's steps on one thread: what each call answers in each state of the word. What threads make of them is
// tested in queues/ and models/.
#include <surewake/core/platform/spin_lock.hpp>
#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/semaphore/monitor_synchronizer.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>

namespace monitor_synchronizer_test {

namespace {

using namespace surewake;
using P = std_platform;

class list {
 public:
  [[nodiscard]] bool empty() const noexcept { return waiters_.empty(); }
  [[nodiscard]] waiter<P>& front() const noexcept { return *waiters_.front(); }
  void push_back(waiter<P>& w) { waiters_.push_back(&w); }
  void erase(waiter<P>& w) noexcept { waiters_.erase(std::find(waiters_.begin(), waiters_.end(), &w)); }

 private:
  std::deque<waiter<P>*> waiters_;
};
using monitor = detail::monitor_synchronizer<P, spin_lock<P>, list>;
static_assert(synchronizer<monitor>);

/// A waiter that counts its hand-overs.
struct guest : waiter<P> {
  guest() noexcept : waiter<P>([](work<P>& w) noexcept { ++static_cast<guest&>(w).handed; }) {}
  int handed = 0;
};

/// Asks for n permits, and waits if it has to.
enqueued acquire(monitor& m, guest& g, std::int64_t n) {
  take_result const t = m.take(n);
  if (t.is_granted()) return enqueued::granted;
  REQUIRE(t.must_wait());
  return m.wait(g, n, t);
}

}  // namespace

TEST_CASE("while the word is open, permits are taken and given back without a waiter") {
  monitor m(3);
  CHECK(m.take(2).is_granted());
  CHECK(m.available() == 1);
  CHECK(m.try_take(1));
  CHECK_FALSE(m.try_take(1));
  m.give_back(3);
  CHECK(m.available() == 3);
  CHECK(m.reduce(5) == 3);
  CHECK(m.available() == 0);
  CHECK(m.reduce(1) == 0);
  CHECK(m.waiters() == 0);
}

TEST_CASE("a take that found too few has its permits if they come before it waits") {
  monitor m(1);
  guest g;
  CHECK(m.take(1).is_granted());
  take_result const t = m.take(1);
  REQUIRE(t.must_wait());
  m.give_back(1);
  CHECK(m.wait(g, 1, t) == enqueued::granted);
  CHECK(g.handed == 0);
  m.give_back(1);
  CHECK(m.available() == 1);
}

TEST_CASE("waiters are served in order, each when all it wants is there") {
  monitor m(3);
  guest two;
  guest one;
  CHECK(m.take(2).is_granted());
  CHECK(acquire(m, two, 2) == enqueued::waiting);  // the free one is assigned to it
  CHECK(acquire(m, one, 1) == enqueued::waiting);
  CHECK(m.waiters() == 2);
  CHECK(m.available() == 0);
  CHECK_FALSE(m.try_take(1));  // nor does a try overtake
  CHECK(m.reduce(1) == 0);
  m.give_back(1);
  CHECK(two.handed == 1);
  CHECK(one.handed == 0);
  CHECK(m.after_grant(two, 2, detail::then::wait) == enqueued::granted);
  m.give_back(2);
  CHECK(one.handed == 1);
  CHECK(m.waiters() == 0);
  CHECK(m.available() == 1);  // what was left over has opened the word
  CHECK(m.after_grant(one, 1, detail::then::leave) == enqueued::granted);
  m.give_back(2);
  CHECK(m.available() == 3);
}

TEST_CASE("the word stays contended after its last waiter, until a permit is left over") {
  monitor m(1);
  guest g;
  CHECK(m.take(1).is_granted());
  for (int i = 1; i != 4; ++i) {  // one permit to and fro
    CHECK(acquire(m, g, 1) == enqueued::waiting);
    m.give_back(1);
    CHECK(g.handed == i);
    CHECK(m.available() == 0);
  }
  m.give_back(1);
  CHECK(m.available() == 1);
}

TEST_CASE("a withdrawal passes on what was assigned") {
  monitor m(1);
  guest two;
  guest one;
  CHECK(acquire(m, two, 2) == enqueued::waiting);
  CHECK(acquire(m, one, 1) == enqueued::waiting);
  CHECK(m.withdraw(two, 2));
  CHECK(two.handed == 0);
  CHECK(one.handed == 1);
  CHECK_FALSE(m.withdraw(one, 1));  // it was handed over
  CHECK(m.after_grant(one, 1, detail::then::decline) == enqueued::waiting);
  CHECK(m.available() == 1);
}

TEST_CASE("close ends each wait, and what was assigned is free; later acquires are closed") {
  monitor m(1);
  guest two;
  guest one;
  CHECK(acquire(m, two, 2) == enqueued::waiting);
  CHECK(acquire(m, one, 1) == enqueued::waiting);
  m.close();
  CHECK(m.is_closed());
  CHECK(two.handed == 1);
  CHECK(one.handed == 1);
  CHECK(two.closed());
  CHECK(m.after_grant(two, 2, detail::then::wait) == enqueued::closed);
  CHECK(m.after_grant(one, 1, detail::then::decline) == enqueued::closed);
  CHECK(m.available() == 1);
  guest late;
  CHECK(acquire(m, late, 1) == enqueued::closed);
  CHECK_FALSE(m.try_take(1));
  m.give_back(1);
  CHECK(m.available() == 2);
  CHECK(m.reduce(5) == 2);
  m.close();
  CHECK(m.waiters() == 0);
}

TEST_CASE("the largest request waits, and is served") {
  constexpr std::int64_t most = 0x7fff'ffff;
  monitor m(most);
  guest g;
  CHECK(m.take(1).is_granted());
  CHECK(acquire(m, g, most) == enqueued::waiting);
  m.give_back(1);
  CHECK(g.handed == 1);
  CHECK(m.after_grant(g, most, detail::then::wait) == enqueued::granted);
  m.give_back(most);
  CHECK(m.available() == most);
}

TEST_CASE("the word in words") {
  CHECK(monitor::text_of((std::uint64_t{1} << 49) + 8) == "open, 2 free");
  CHECK(monitor::text_of((std::uint64_t{1} << 49) + 1) == "contended");
  CHECK(monitor::text_of((std::uint64_t{1} << 49) + (std::uint64_t{2} << 50) + 3 + 4) ==
        "contended, closed, 1 free, 2 arrivals");
}

}  // namespace monitor_synchronizer_test
