// The list over a layout that notes what it is told.
#include <surewake/queues/conformance/guest.test.hpp>
#include <surewake/queues/parts/uring_wait_list.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace uring_wait_list_test {

namespace {

using namespace surewake;
using namespace surewake::detail;
using testing::guest;
using P = std_platform;

/// Hands over at once, or keeps for the test what it is told to deliver.
struct noting_layout {
  static constexpr bool runs_in_order = true;
  static inline std::string said;
  static inline std::deque<waiter<P>*> kept;
  static inline bool keeps = false;

  static int enter(waiter<P>&) noexcept { return say('e'), 7; }
  static void entered(int place) noexcept { say(place == 7 ? 'E' : '?'); }
  static void refused(waiter<P>&, int place) noexcept { say(place == 7 ? 'r' : '?'); }
  static void deliver(waiter<P>& w) noexcept {
    say('d');
    keeps ? kept.push_back(&w) : w.hand_over();
  }
  static void withdrawn(waiter<P>&) noexcept { say('w'); }
  static bool take_back(waiter<P>& w) noexcept {
    say('t');
    return std::erase(kept, &w) != 0;
  }
  static void say(char c) noexcept { said += c; }
  static std::string take() { return std::exchange(said, {}); }
};
using list = uring_wait_list<P, noting_layout>;
struct without_order : noting_layout {
  static constexpr bool runs_in_order = false;
};
static_assert(list::first_come_first_served && !uring_wait_list<P, without_order>::first_come_first_served);

/// For one test: what is granted stays with the layout.
struct keeping {
  keeping() { noting_layout::keeps = true; }
  ~keeping() { noting_layout::keeps = false; }
};

}  // namespace

TEST_CASE("the layout hears of a waiter before the list has it, and once more when it sleeps or need not") {
  list q;
  guest a, b, c;
  CHECK(q.enqueue(a.wants(1)) == enqueued::waiting);
  CHECK(noting_layout::take() == "eE");
  q.grant(2);
  CHECK(noting_layout::take() == "d");
  CHECK(q.enqueue(b.wants(1)) == enqueued::granted);
  CHECK(noting_layout::take() == "er");
  CHECK(q.enqueue(c.wants(1), [] { return std::int64_t{0}; }) == enqueued::granted);
  CHECK(noting_layout::take() == "er");
  q.close();
  CHECK(q.enqueue(c.wants(1)) == enqueued::closed);
  CHECK(noting_layout::take() == "er");
  CHECK((a.handed == 1 && b.handed == 0 && c.handed == 0));
}

TEST_CASE("grants are delivered in order, each waiter once it lacks none") {
  list q;
  guest g[3];
  for (guest& w : g) CHECK(q.enqueue(w.wants(2)) == enqueued::waiting);
  noting_layout::take();
  q.grant(3);
  CHECK(noting_layout::take() == "d");
  CHECK((g[0].handed == 1 && g[1].handed == 0));
  q.grant(3);
  CHECK(noting_layout::take() == "dd");
  CHECK((g[1].handed == 1 && g[2].handed == 1));
  CHECK(q.size() == 0);
}

TEST_CASE("who leaves the list leaves the layout, and its refund may refuse a grant that comes") {
  list q;
  guest a, b;
  CHECK(q.enqueue(a.wants(1)) == enqueued::waiting);
  CHECK(q.enqueue(b.wants(1)) == enqueued::waiting);
  noting_layout::take();
  CHECK(q.withdraw(a, [](std::uint32_t missing) { return std::int64_t{missing}; }));
  CHECK(noting_layout::take() == "w");
  q.grant(1);  // refused: its debt was given back
  CHECK(b.handed == 0);
  q.grant(1);
  CHECK(b.handed == 1);
}

TEST_CASE("who was granted and has not run is taken back, and all its grants go on; who has run is not") {
  keeping const k;
  list q;
  guest a, b;
  CHECK(q.enqueue(a.wants(3)) == enqueued::waiting);
  q.grant(3);
  noting_layout::take();
  std::int64_t missing = -1;
  CHECK(q.withdraw(a, [&](std::uint32_t m) { return missing = m, std::int64_t{0}; }));
  CHECK(noting_layout::take() == "t");
  CHECK(missing == 0);
  CHECK(q.enqueue(b.wants(1)) == enqueued::waiting);
  q.grant(1);
  noting_layout::kept.clear();  // the layout has handed it over
  missing = -1;
  CHECK_FALSE(q.withdraw(b, [&](std::uint32_t m) { return missing = m, std::int64_t{0}; }));
  CHECK(missing == -1);
}

TEST_CASE("close delivers every waiter, closed, the last one as its last access") {
  auto q = std::make_unique<list>();
  guest a, b;
  b.then = [&] { q.reset(); };
  CHECK(q->enqueue(a.wants(1)) == enqueued::waiting);
  CHECK(q->enqueue(b.wants(1)) == enqueued::waiting);
  noting_layout::take();
  q->close();
  CHECK(noting_layout::take() == "dd");
  CHECK((a.closed() && b.closed() && a.handed == 1 && b.handed == 1));
  CHECK(q == nullptr);
}

TEST_CASE("its end waits for a grant that was refused and is on its way") {
  auto q = std::make_unique<list>();
  guest a;
  CHECK(q->enqueue(a.wants(1)) == enqueued::waiting);
  CHECK(q->withdraw(a, [](std::uint32_t) { return std::int64_t{1}; }));
  std::atomic<bool> granted{false};
  list& there = *q;
  std::thread granter([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    granted = true;
    there.grant(1);
  });
  q.reset();
  CHECK(granted);
  granter.join();
}

}  // namespace uring_wait_list_test
