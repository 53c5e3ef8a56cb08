#include <surewake/core/semaphore/scripted_queue.test.hpp>

#include <surewake/core/coroutine/manual_executor.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace acquire_awaiter_test {

using namespace surewake;
using namespace surewake::detail;
using namespace surewake::testing;

namespace {

using P = std_platform;
using jumps = trampoline<P>;

/// A home that notes what it is told.
struct noting_home : home<P> {
  noting_home() : home<P>(false) {}
  bool post(work<P>& w) noexcept override { return said += 'p', over ? false : (posted = &w, true); }
  bool withdraw(work<P>& w) noexcept override { return said += 'w', std::exchange(posted, nullptr) == &w; }
  void leave_shared() noexcept override { said += 'l'; }
  void enter_shared() noexcept override { said += 'e'; }
  std::string said{};
  work<P>* posted = nullptr;
  bool over = false;
};
struct counting_work : work<P> {
  counting_work() : work<P>([](work<P>& w) noexcept { ++static_cast<counting_work&>(w).runs; }) {}
  int runs = 0;
};

using awaiter = decltype(std::declval<scripted&>().acquire());
static_assert(std::is_move_constructible_v<awaiter> && !std::is_move_assignable_v<awaiter>);
static_assert(!std::is_copy_constructible_v<awaiter>);

}  // namespace

#define EITHER(name) TEST_CASE_TEMPLATE(name, S, scripted, scripted_barging)

TEST_CASE("a waiter without a home is resumed where it is, or forgotten there") {
  way_home<P> way;
  counting_work w;
  way.enter(nullptr);
  CHECK((!way.anywhere() && way.is_here()));
  way.resume(w);
  CHECK(w.runs == 1);
  way.leave();
  jumps::scope const here;
  way.resume(w);
  way.forget(w);
  jumps::drain();
  CHECK(w.runs == 1);
}

TEST_CASE("a waiter with a home is posted there from elsewhere, and leaves once") {
  noting_home h;
  way_home<P> way;
  counting_work w;
  way.enter(&h);
  CHECK((way.anywhere() && !way.is_here()));
  way.resume(w);
  CHECK((h.said == "ep" && h.posted == &w && w.runs == 0));
  w.run();
  way.leave();
  CHECK(h.said == "epl");
}

TEST_CASE("a waiter whose thread runs its home is resumed there, after it has left") {
  noting_home h;
  way_home<P> way;
  counting_work w;
  jumps::at const home_is_here(h);
  way.enter(&h);
  CHECK(way.is_here());
  way.resume(w);
  CHECK((h.said == "el" && w.runs == 1));
  way.leave();  // nothing more
  CHECK(h.said == "el");
}

TEST_CASE("where the home has ended the thread that ends the wait resumes the waiter, which still leaves") {
  noting_home h;
  way_home<P> way;
  counting_work w;
  way.enter(&h);
  h.over = true;
  way.resume(w);
  CHECK((h.said == "ep" && w.runs == 1));
  way.leave();
  CHECK(h.said == "epl");
}

TEST_CASE("a waiter that is dropped on its way home is withdrawn there") {
  noting_home h;
  way_home<P> way;
  counting_work w;
  way.enter(&h);
  way.resume(w);
  way.forget(w);
  way.leave();
  CHECK((h.said == "epwl" && h.posted == nullptr && w.runs == 0));
}

EITHER("a permit that is free is taken without a node; none is awaited twice, and until then it may be moved") {
  S s(1);
  auto first = s.acquire();
  auto moved = std::move(first);
  at_point const queue(&script::before_enqueue, [] {});
  visit end = visit::waiting;
  typename S::permit p;
  auto const f = keep([&] { return std::move(moved); }, end, p);
  CHECK(end == visit::holding);
  CHECK_FALSE(queue.passed());
  CHECK(s.available_permits() == 0);
}

EITHER("a wait that is over before the coroutine suspends is not lost, however many in a row, nor if it is dropped") {
  S s(0);
  std::vector<std::unique_ptr<fiber>> fibers(70);
  std::vector<typename S::permit> permits(fibers.size());
  std::vector<visit> ends(fibers.size(), visit::waiting);
  jumps::scope const here;
  std::size_t in_list = 0;
  for (std::size_t i = 0; i != fibers.size(); ++i) {
    at_point const window(&script::before_enqueue, [&] { s.add_permits(1); });
    fibers[i] = std::make_unique<fiber>(keep([&] { return s.acquire(); }, ends[i], permits[i]));
    in_list += ends[i] == visit::waiting ? 1 : 0;
  }
  CHECK(in_list >= 1);  // after 64 transfers the stack is unwound, and the rest are in this thread's ready list
  CHECK(s.waiters() == 0);
  CHECK(ends.back() == visit::waiting);
  fibers.back().reset();
  CHECK(s.available_permits() == 1);
  jumps::drain();
  for (std::size_t i = 0; i + 1 != fibers.size(); ++i) CHECK(ends[i] == visit::holding);
}

EITHER("a coroutine that is dropped when its grant waits on the executor passes the grant on") {
  S s(0);
  manual_executor ex;
  visit first = visit::waiting, second = visit::waiting;
  typename S::permit p, q;
  auto f = std::make_unique<fiber>(keep([&] { return s.acquire_on(ex); }, first, p));
  auto const g = keep([&] { return s.acquire(); }, second, q);
  s.add_permits(1);
  CHECK((first == visit::waiting && second == visit::waiting));
  f.reset();
  CHECK(ex.empty());
  CHECK(second == visit::holding);
  CHECK((s.available_permits() == 0 && s.waiters() == 0));
}

EITHER("a closed semaphore throws at once, or when the wait ends, on the executor too") {
  for (bool const on_executor : {false, true}) {
    S s(0);
    manual_executor ex;
    visit before = visit::waiting, after = visit::waiting;
    typename S::permit p;
    auto const f = on_executor ? keep([&] { return s.acquire_on(ex); }, before, p)
                               : keep([&] { return s.acquire(); }, before, p);
    s.close();
    CHECK((before == visit::waiting) == on_executor);
    ex.run();
    CHECK(before == visit::closed);
    auto const g = keep([&] { return s.acquire(); }, after, p);
    CHECK(after == visit::closed);
  }
  CHECK(std::string(closed_error().what()) == "surewake: the semaphore is closed");
}

TEST_CASE("barging: a waiter that finds nothing left after its wake, and the semaphore closed, hears of that") {
  scripted_barging s(0);
  manual_executor ex;
  visit end = visit::waiting;
  scripted_barging::permit p;
  auto const f = keep([&] { return s.acquire_on(ex); }, end, p);
  s.add_permits(1);
  auto const thief = s.try_acquire();
  s.close();
  CHECK(ex.run() == 1);
  CHECK(end == visit::closed);
}

TEST_CASE("barging: a permit that was stolen before the wake came is waited for again, on the executor too") {
  scripted_barging s(0);
  manual_executor ex;
  visit end = visit::waiting;
  scripted_barging::permit p, thief;
  auto const f = keep([&] { return s.acquire_on(ex); }, end, p);
  at_point const steal(&script::before_grant, [&] { thief = std::move(*s.try_acquire()); });
  s.add_permits(1);
  CHECK(ex.run() == 1);
  CHECK(end == visit::waiting);
  CHECK(s.waiters() == 1);
  thief.release();
  CHECK(ex.run() == 1);
  CHECK(end == visit::holding);
}

}  // namespace acquire_awaiter_test
