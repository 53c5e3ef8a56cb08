#include <surewake/core/coroutine/own_home.hpp>
#include <surewake/core/coroutine/take_out.hpp>

#include <doctest/doctest.h>

#include <string>
#include <thread>

namespace own_home_test {

namespace {

using namespace surewake;
using namespace surewake::detail;
using P = std_platform;
using jumps = trampoline<P>;

/// An executor that runs nothing, and says what is done with it.
struct still {
  void post(work<P>& w) noexcept { queue.push_back(w); }
  bool withdraw(work<P>& w) noexcept { return take_out(queue, w); }
  work_list<P> queue{};
};
/// The same with timers, an end that it announces, and a look that wakes it.
struct rich : still {
  void arm(timer& t, timer::time_point when) noexcept { timers.push(t, when); }
  bool disarm(timer& t) noexcept { return timers.erase(t), true; }
  [[nodiscard]] bool closing() const noexcept { return ends; }
  [[nodiscard]] bool lost() const noexcept { return childs; }
  void look_again() noexcept { ++looks; }
  timer_heap timers{};
  bool ends = false, childs = false;
  int looks = 0;
};

struct counting_platform : std_platform {
  static void* allocate(std::size_t n, std::size_t align) { return ++homes, std_platform::allocate(n, align); }
  static void deallocate(void* p, std::size_t n, std::size_t align) noexcept {
    --homes;
    std_platform::deallocate(p, n, align);
  }
  static inline int homes = 0;
};
struct silent_timer : timer {
  silent_timer() : timer([](timer&) noexcept {}) {}
};

}  // namespace

TEST_CASE("work is posted to the executor and taken back from it while it is there, and not after") {
  still e;
  own_home<still> own(e);
  home<P>& h = own.get();
  work<P> a, b;
  h.enter();
  CHECK(h.post(a));
  CHECK(e.queue.front() == &a);
  CHECK(h.withdraw(a));
  CHECK_FALSE(h.withdraw(a));
  CHECK(h.post(a));
  own.end();
  own.end();  // nothing more
  CHECK_FALSE(h.post(b));
  CHECK_FALSE(h.withdraw(a));  // it was taken, so it runs
  CHECK(e.queue.pop_front() == &a);
  CHECK(e.queue.empty());
  h.leave_shared();
}

TEST_CASE_TEMPLATE("a home is freed by whichever comes last, its executor or its last waiter", Of,
                   std::integral_constant<threads, threads::one>, std::integral_constant<threads, threads::many>) {
  struct executor {
    void post(work<counting_platform>&) noexcept {}
    bool withdraw(work<counting_platform>&) noexcept { return false; }
  } e;
  counting_platform::homes = 0;
  { own_home<executor, Of::value, counting_platform> const unused(e); }
  CHECK(counting_platform::homes == 0);
  home<counting_platform>* h = nullptr;
  {
    own_home<executor, Of::value, counting_platform> own(e);
    h = &own.get();
    CHECK_FALSE(own.get().lived_in());
    for (int i = 0; i != 3; ++i) h->enter();
    h->leave_here();
    CHECK(own.get().lived_in());
  }
  CHECK(counting_platform::homes == 1);
  std::thread([h] { h->leave_shared(); }).join();
  CHECK(counting_platform::homes == 1);
  h->leave_shared();
  CHECK(counting_platform::homes == 0);
}

TEST_CASE("a waiter that leaves elsewhere has the executor look again, which may have waited for it alone") {
  rich e;
  own_home<rich> own(e);
  home<P>& h = own.get();
  h.enter();
  h.enter();
  h.leave_here();
  CHECK(e.looks == 0);
  std::thread([&] { h.leave_shared(); }).join();
  CHECK(e.looks == 1);
  CHECK_FALSE(own.get().lived_in());
}

TEST_CASE("a home has its executor's timers as long as that is there, is not closing, and is not a parent's") {
  rich e;
  still without;
  own_home<rich> own(e);
  own_home<rich, threads::many> shared(e);
  own_home<still> none(without);
  CHECK(none.get().timers() == nullptr);
  CHECK(shared.get().timers() == nullptr);  // of many threads, none of which is the timers' own
  home<P>& h = own.get();
  timer_source* const timers = h.timers();
  REQUIRE(timers != nullptr);
  silent_timer t;
  timers->arm(t, timer::time_point{});
  CHECK(e.timers.top() == &t);
  {
    jumps::at const here(h);
    CHECK(timers->disarm(t));
    CHECK_FALSE(timers->disarm(t));  // nor need the thread run the home for that
  }
  CHECK_FALSE(timers->disarm(t));
  e.ends = true;
  CHECK(h.timers() == nullptr);
  e.ends = false;
  e.childs = true;
  CHECK(h.timers() == nullptr);
  e.childs = false;
  CHECK(h.timers() == timers);
  h.enter();
  own.end();
  CHECK(h.timers() == nullptr);
  h.leave_shared();
}

TEST_CASE("a forked child's copy takes no work, and once it has ended whatever was posted counts as taken back") {
  rich e;
  own_home<rich> own(e);
  home<P>& h = own.get();
  work<P> w;
  h.enter();
  CHECK(h.post(w));
  e.childs = true;
  work<P> later;
  CHECK_FALSE(h.post(later));
  CHECK(h.withdraw(w));  // the queue is the child's own
  own.end();
  CHECK(h.withdraw(w));  // nothing that was posted will run there
  h.leave_shared();
}

}  // namespace own_home_test
