#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/uring/faulty_kernel.test.hpp>
#include <surewake/core/uring/support.hpp>

#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace loop_test {

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;
using word = uring_loop::word;

static_assert(executor<uring_loop, std_platform>);

namespace {

bool const no_ring = !uring_support::probe().ring;
bool const no_futex = !uring_support::probe().futex;

/// Runs `f` when the loop runs it.
template <class F> struct action : work<std_platform> {
  explicit action(F g)
      : work<std_platform>([](work<std_platform>& w) noexcept { static_cast<action&>(w).f(); }), f(std::move(g)) {}
  F f;
};

struct counting_work : work<std_platform> {
  counting_work() : work<std_platform>([](work<std_platform>& w) noexcept { ++static_cast<counting_work&>(w).runs; }) {}
  int runs = 0;
};

struct counting_timer : detail::timer {
  counting_timer() : timer([](detail::timer& t) noexcept { ++static_cast<counting_timer&>(t).calls; }) {}
  int calls = 0;
};

/// A signal's handler, until the end of the scope: made before the threads that send it, and so restored after them.
class handler_of {
 public:
  handler_of(int signal, void (*handle)(int)) : signal_(signal) {
    struct sigaction action {};
    action.sa_handler = handle;
    REQUIRE(::sigaction(signal_, &action, &before_) == 0);
  }
  handler_of(handler_of const&) = delete;
  handler_of& operator=(handler_of const&) = delete;
  ~handler_of() { ::sigaction(signal_, &before_, nullptr); }

 private:
  int signal_;
  struct sigaction before_ {};
};

/// A file that is removed with this object.
struct scratch_file {
  scratch_file()
      : path((std::filesystem::temp_directory_path() / "surewake-XX"
                                                       "XXXX")
                 .string()) {
    int const fd = ::mkstemp(path.data());
    REQUIRE(fd >= 0);
    ::close(fd);
  }
  scratch_file(scratch_file const&) = delete;
  scratch_file& operator=(scratch_file const&) = delete;
  ~scratch_file() { ::unlink(path.c_str()); }
  std::string path;
};

/// A coroutine that keeps the loop running until it is dropped.
plain stay(uring_loop& loop) { co_await loop.sleep_for(1h); }

}  // namespace

TEST_CASE("a thread has one loop, and knows it" * doctest::skip(no_ring)) {
  CHECK(uring_loop::current() == nullptr);
  {
    uring_loop loop;
    CHECK(uring_loop::current() == &loop);
    CHECK(loop.on_own_thread());
    CHECK_THROWS_AS(uring_loop second, std::logic_error);
    CHECK(uring_loop::current() == &loop);
    std::jthread([&] {
      CHECK(uring_loop::current() == nullptr);
      uring_loop other;
      CHECK(uring_loop::current() == &other);
      CHECK(!loop.on_own_thread());
    }).join();
  }
  CHECK(uring_loop::current() == nullptr);
}

TEST_CASE("block_on yields what it awaits, or throws it" * doctest::skip(no_ring)) {
  uring_loop loop;
  auto const seven = [](uring_loop& l) -> task<int> {
    co_await l.nop();
    co_return 7;
  };
  auto const fails = [](uring_loop& l) -> task<int> {
    co_await l.nop();
    throw std::runtime_error("no");
  };
  CHECK(loop.block_on(seven(loop)) == 7);
  CHECK_THROWS_AS(loop.block_on(fails(loop)), std::runtime_error);
  CHECK(*loop.block_on(loop.nop()) == 0);
}

TEST_CASE("a loop that runs does not run inside itself" * doctest::skip(no_ring)) {
  uring_loop loop;
  auto const nests = [](uring_loop& l) -> task<> {
    CHECK_THROWS_AS(l.run(), std::logic_error);
    CHECK_THROWS_AS(l.poll(), std::logic_error);
    CHECK_THROWS_AS(l.block_on(l.nop()), std::logic_error);
    co_await l.nop();
  };
  loop.block_on(nests(loop));
  loop.block_on(loop.nop());
}

TEST_CASE("block_on ends when what it awaits ends on another thread" * doctest::skip(no_ring)) {
  uring_loop loop;
  struct elsewhere {
    std::jthread thread;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> h) {
      thread = std::jthread([h] {
        std::this_thread::sleep_for(2ms);
        h.resume();
      });
    }
    void await_resume() const {}
  };
  for (int i = 0; i < 10; ++i) {
    elsewhere e;
    loop.block_on(e);
  }
}

TEST_CASE("run returns when nothing is left to come" * doctest::skip(no_ring)) {
  uring_loop loop;
  loop.run();
  counting_work w;
  loop.post(w);
  loop.run();
  CHECK(w.runs == 1);
  int reached = 0;
  auto const goes = [](uring_loop& l, int& r) -> plain {
    co_await l.nop();
    co_await l.sleep_for(2ms);
    r = 1;
  };
  plain const p = goes(loop, reached);
  loop.run();
  CHECK(reached == 1);
}

TEST_CASE("an operation in the background does not keep run from returning" * doctest::skip(no_ring)) {
  uring_loop loop;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  counting_operation op;
  std::byte b[8];
  ::io_uring_prep_read(&op.request(), ends[0], b, sizeof b, 0);
  loop.start_background(op);
  loop.run();
  CHECK(op.calls == 0);
  REQUIRE(::write(ends[1], "x", 1) == 1);
  while (op.calls == 0) loop.poll();
  CHECK(op.result() == 1);
  loop.run();  // it has not counted when it ended, either
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("stop ends the run under way, or the next one" * doctest::skip(no_ring)) {
  uring_loop loop;
  plain const p = stay(loop);
  loop.stop();
  loop.run();
  std::jthread const stopper([&] {
    std::this_thread::sleep_for(5ms);
    loop.stop();
  });
  loop.run();
  action stops([&] { loop.stop(); });
  loop.post(stops);
  loop.run();
}

TEST_CASE("block_on sleeps although the next run is to stop" * doctest::skip(no_ring)) {
  uring_loop loop;
  loop.stop();
  loop.block_on(loop.sleep_for(20ms));
  CHECK(loop.counters().enters < 10);
  plain const p = stay(loop);
  loop.run();
}

TEST_CASE("a stop that comes between the last look and the sleep is not slept over" * doctest::skip(no_ring)) {
  uring_loop loop;
  plain const p = stay(loop);
  action hook([&] { loop.stop(); });
  loop.before_sleep(hook);
  loop.run();
  loop.remove_hook(hook);
}

TEST_CASE("poll runs what is ready, and does not sleep" * doctest::skip(no_ring)) {
  uring_loop loop;
  CHECK(loop.poll() == 0);
  counting_work w;
  loop.post(w);
  CHECK(loop.poll() == 1);
  counting_operation op;
  ::io_uring_prep_nop(&op.request());
  loop.start(op);
  CHECK(loop.poll() == 1);
  CHECK(op.calls == 1);
  plain const p = stay(loop);
  CHECK(loop.poll() == 0);
}

TEST_CASE("poll runs all that is ready, however much it is, and not what that makes ready" * doctest::skip(no_ring)) {
  uring_loop loop;
  std::deque<counting_work> posted(1000);
  for (counting_work& w : posted) loop.post(w);
  std::deque<counting_timer> due(200);
  for (counting_timer& t : due) loop.arm(t, detail::timer::time_point::min());
  int rounds = 0;
  auto const again = [&]() -> plain {
    for (;; ++rounds) co_await loop.schedule();
  };
  plain const p = again();
  CHECK(loop.poll() >= 1200);
  CHECK(std::count_if(posted.begin(), posted.end(), [](auto const& w) { return w.runs == 1; }) == 1000);
  CHECK(std::count_if(due.begin(), due.end(), [](auto const& t) { return t.calls == 1; }) == 200);
  CHECK(rounds < 2000);
}

TEST_CASE("a loop is run by the thread that made it, and says so to others" * doctest::skip(no_ring)) {
  uring_loop loop;
  std::string const sentence = "surewake: a uring_loop is run by the thread that made it, and this is another one";
  auto const refused = [&](auto call) {
    std::string said = "it ran";
    std::thread([&] {
      try {
        call();
      } catch (std::logic_error const& e) {
        said = e.what();
      }
    }).join();
    return said;
  };
  CHECK(refused([&] { loop.run(); }) == sentence);
  CHECK(refused([&] { loop.poll(); }) == sentence);
  CHECK(refused([&] { loop.block_on(loop.nop()); }) == sentence);
  CHECK(loop.block_on(loop.nop()).has_value());
}

TEST_CASE("options that cannot be are refused with value and limit, all others make a loop" * doctest::skip(no_ring)) {
  auto const made = [](uring_options o) {
    try {
      uring_loop loop(o);
      bool const works = loop.block_on(loop.nop()).has_value();
      return std::to_string(loop.ring().entries()) + " " + std::to_string(loop.ring().completions()) +
             (works ? "" : " broken");
    } catch (std::invalid_argument const& e) {
      return std::string(e.what());
    }
  };
  constexpr unsigned most = ~0U;
  CHECK(made({}) == "256 512");
  CHECK(made({.entries = 0}) == "surewake: uring_options::entries is 0, below the least, 1");
  CHECK(made({.entries = 0, .completions = 0}) == "surewake: uring_options::entries is 0, below the least, 1");
  CHECK(made({.entries = 1}) == "1 2");
  CHECK(made({.entries = 1, .completions = 1}) == "1 1");
  CHECK(made({.entries = 2, .completions = 1}) ==
        "surewake: uring_options::completions is 1, below the least, as many as entries: 2");
  CHECK(made({.completions = 64}) ==
        "surewake: uring_options::completions is 64, below the least, as many as entries: 256");
  CHECK(made({.completions = 128}).ends_with(": 256"));
  CHECK(made({.completions = 129}) == "256 256");
  CHECK(made({.entries = 3, .completions = 3}) == "4 4");
  CHECK(made({.entries = 32768, .completions = 32768}) == "32768 32768");
  CHECK(made({.entries = 32769}) == "32768 65536");
  CHECK(made({.entries = most, .completions = most}) == "32768 65536");
  CHECK(made({.entries = most, .completions = 1}).ends_with(": 32768"));
  CHECK(made({.entries = 1, .completions = most}) == "1 65536");
}

TEST_CASE("work that another thread posts wakes a loop that sleeps" * doctest::skip(no_ring)) {
  uring_loop loop;
  std::deque<counting_work> works(200);
  plain const p = stay(loop);
  std::jthread poster([&] {
    for (std::size_t i = 0; i < works.size(); ++i) {
      if (i % 2 == 0) std::this_thread::sleep_for(100us);
      loop.post(works[i]);
    }
    loop.stop();
  });
  loop.run();
  poster.join();
  for (counting_work const& w : works) CHECK(w.runs == 1);
}

TEST_CASE("work runs in the order of the posts, and not when it was withdrawn" * doctest::skip(no_ring)) {
  uring_loop loop;
  std::vector<int> order;
  action first([&] { order.push_back(1); });
  action second([&] { order.push_back(2); });
  action third([&] { order.push_back(3); });
  loop.post(first);
  loop.post(second);
  loop.post(third);
  CHECK(loop.withdraw(second));
  CHECK(!loop.withdraw(second));
  loop.run();
  CHECK(order == std::vector{1, 3});
  CHECK(!loop.withdraw(first));
}

TEST_CASE("a loop may be destroyed as soon as what was posted to it has run" * doctest::skip(no_ring)) {
  // The poster may still be signalling. A signal after the end would go to whatever has the descriptor then.
  for (int i = 0; i < 300; ++i) {
    counting_work w;
    std::jthread poster;
    {
      uring_loop loop;
      plain const p = stay(loop);
      action ends([&] { loop.stop(); });
      poster = std::jthread([&] { loop.post(ends); });
      loop.run();
    }
  }
}

TEST_CASE("a coroutine that awaits on another thread is brought to the loop's" * doctest::skip(no_ring)) {
  uring_loop loop;
  plain const p = stay(loop);
  std::thread::id began, went_on;
  auto const goes = [&]() -> plain {
    began = std::this_thread::get_id();
    co_await loop.nop();
    went_on = std::this_thread::get_id();
    loop.stop();
  };
  std::unique_ptr<plain> there;
  std::jthread([&] { there = std::unique_ptr<plain>(new plain(goes())); }).join();
  loop.run();
  CHECK(went_on == std::this_thread::get_id());
  CHECK(began != went_on);
}

TEST_CASE("sleepers wake in the order of their deadlines, and not before" * doctest::skip(no_ring)) {
  uring_loop loop;
  std::vector<int> order;
  auto const naps = [&](int ms) -> plain {
    auto const start = std_platform::now();
    co_await loop.sleep_for(std::chrono::milliseconds(ms));
    CHECK(std_platform::now() - start >= std::chrono::milliseconds(ms));
    order.push_back(ms);
  };
  plain const c = naps(30), a = naps(5), b = naps(15), at_once = naps(0);
  loop.run();
  CHECK(order == std::vector{0, 5, 15, 30});
  auto const by_the_wall = [&]() -> task<> {
    co_await loop.sleep_until(std::chrono::system_clock::now() + 2ms);
    co_await loop.sleep_for(-1h);
  };
  loop.block_on(by_the_wall());
}

TEST_CASE("a sleep until the past is over at once, one of no end is not" * doctest::skip(no_ring)) {
  using namespace std::chrono;
  uring_loop loop;
  auto const start = std_platform::now();
  auto const over = [&](auto until) { return loop.block_on(loop.sleep_until(until)).has_value(); };
  CHECK(over(steady_clock::time_point::min()));
  CHECK(over(steady_clock::time_point::min() + 1ns));
  CHECK(over(steady_clock::time_point()));
  CHECK(over(system_clock::time_point::min()));
  CHECK(over(system_clock::time_point()));
  CHECK(over(time_point<system_clock, hours>::min()));
  CHECK(over(time_point<steady_clock, duration<double>>(duration<double>(-1e300))));
  auto const slept = [&](auto d) { return loop.block_on(loop.sleep_for(d)).has_value(); };
  CHECK(slept(nanoseconds::min()));
  CHECK(slept(hours::min()));
  CHECK(slept(0ns));
  CHECK(slept(-1ns));
  CHECK(slept(1ns));
  CHECK(slept(duration<double>(-1e300)));
  CHECK(std_platform::now() - start < 5s);
  constexpr auto end_of_time = steady_clock::time_point::max();
  for (auto const ends : {end_of_time, end_of_time - 1ns, std_platform::now() + hours(1'000'000)}) {
    std::stop_source stop;
    auto const sleeps = [&]() -> task<bool> {
      co_return (co_await loop.sleep_until(ends, stop.get_token())).canceled();
    };
    auto const stops = [&]() -> plain {
      co_await loop.sleep_for(1ms);
      stop.request_stop();
    };
    plain const p = stops();
    CHECK(loop.block_on(sleeps()));
  }
  for (auto const d : {hours::max(), hours::max() - 1h}) {
    std::stop_source stop;
    auto const stops = [&]() -> plain {
      co_await loop.sleep_for(1ms);
      stop.request_stop();
    };
    plain const p = stops();
    CHECK(loop.block_on(loop.sleep_for(d, stop.get_token())).canceled());
  }
}

namespace {

/// A clock that shows what it is told, and is seldom right.
struct told_clock {
  using duration = std::chrono::milliseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<told_clock>;
  static constexpr bool is_steady = false;
  static inline time_point shown{};
  static inline int looks = 0;
  static time_point now() noexcept { return ++looks, shown; }
};

}  // namespace

TEST_CASE("a sleep until a time of another clock is over when that clock says so" * doctest::skip(no_ring)) {
  uring_loop loop;
  told_clock::shown = told_clock::time_point(1h);
  bool over = false;
  auto const sleeps = [&]() -> plain {
    over = (co_await loop.sleep_until(told_clock::time_point(1h + 3ms))).has_value();
    loop.stop();
  };
  plain const p = sleeps();
  auto const naps = [&](auto d) { loop.block_on(loop.sleep_for(d)); };
  naps(10ms);
  CHECK(!over);  // the clock does not move
  told_clock::shown -= 1h;
  naps(5ms);
  CHECK(!over);  // it is set back
  told_clock::shown = told_clock::time_point(1h + 3ms);
  loop.run();
  CHECK(over);
  // Stopped, and destroyed, while it looks.
  told_clock::shown = {};
  std::stop_source source;
  auto const stops = [&]() -> plain {
    co_await loop.sleep_for(2ms);
    source.request_stop();
  };
  plain const q = stops();
  CHECK(loop.block_on(loop.sleep_until(told_clock::time_point(1ms), source.get_token())).canceled());
  plain const r = sleeps();
  loop.poll();
}

TEST_CASE("a timer that is armed for the past again and again lets others run" * doctest::skip(no_ring)) {
  uring_loop loop;
  struct hasty : detail::timer {
    explicit hasty(uring_loop& l) : detail::timer(&again), loop(l) {}
    static void again(detail::timer& t) noexcept {
      auto& self = static_cast<hasty&>(t);
      if (!self.done) self.loop.arm(self, time_point::min());
    }
    uring_loop& loop;
    bool done = false;
  } t(loop);
  loop.arm(t, detail::timer::time_point::min());
  auto const other = [&]() -> plain {
    co_await loop.nop();
    t.done = true;
  };
  plain const p = other();
  loop.run();
  CHECK(t.done);
}

TEST_CASE("a million operations that were stopped before they began take bounded stack" * doctest::skip(no_ring)) {
  uring_loop loop;
  std::stop_source source;
  source.request_stop();
  auto const gives_up = [&](std::stop_token stop) -> task<int> {
    int n = 0;
    for (int i = 0; i != 200'000; ++i) {
      n += (co_await loop.nop(stop)).canceled() ? 1 : 0;
      n += (co_await loop.sleep_for(1h, stop)).canceled() ? 1 : 0;
    }
    co_return n;
  };
  CHECK(loop.block_on(gives_up(source.get_token())) == 400'000);
}

TEST_CASE("an operation that was stopped before it began goes on on the loop's thread too" * doctest::skip(no_ring)) {
  uring_loop loop;
  std::stop_source source;
  source.request_stop();
  bool canceled = false;
  bool there = false;
  auto const gives_up = [&]() -> plain {
    canceled = (co_await loop.nop(source.get_token())).canceled();
    there = loop.on_own_thread();
    loop.stop();
  };
  std::unique_ptr<plain> p;
  std::thread([&] { p.reset(new plain(gives_up())); }).join();
  loop.run();
  CHECK(canceled);
  CHECK(there);
}

TEST_CASE("a timer fires once, or not at all when it was disarmed" * doctest::skip(no_ring)) {
  uring_loop loop;
  counting_timer soon, never, forgotten;
  loop.arm(soon, std_platform::now() + 3ms);
  loop.arm(never, std_platform::now() + 1ms);
  CHECK(loop.disarm(never));
  CHECK(!loop.disarm(never));
  loop.run();
  CHECK(soon.calls == 1);
  CHECK(never.calls == 0);
  CHECK(!loop.disarm(soon));
}

TEST_CASE("a futex wait wakes by the ring, by a thread, and at once for a value that differs" *
          doctest::skip(no_futex)) {
  uring_loop loop;
  word w{1};
  CHECK(loop.block_on(loop.futex_wait(w, 0)).error() == std::errc::resource_unavailable_try_again);
  int woken = 0;
  auto const waits = [&]() -> plain { woken += (co_await loop.futex_wait(w, 1)).has_value() ? 1 : 100; };
  plain const a = waits(), b = waits(), c = waits();
  CHECK(*loop.block_on(loop.futex_wake(w, 2)) == 2);
  CHECK(*loop.block_on(loop.futex_wake(w, 2)) == 1);
  loop.poll();
  CHECK(woken == 3);
  std::jthread waker([&] {
    for (int i = 0; i < 5000 && w.load() == 1; ++i) {
      std::this_thread::sleep_for(1ms);
      std_platform::futex_wake(&w, 1);
    }
  });
  CHECK(loop.block_on(loop.futex_wait(w, 1)).has_value());
  w.store(2);
}

TEST_CASE("a wake for later is out when the loop sleeps, when it is left, and on request" * doctest::skip(no_futex)) {
  std_platform::atomic<std::uint32_t> woken{0};
  word w{0};
  auto const sleeper = [&] {
    return std::jthread([&] {
      while (w.load() == 0) std_platform::futex_wait(w, 0);
      woken.fetch_add(1);
    });
  };
  auto const wakes = [&](uring_loop& loop, auto then) {
    w.store(0);
    std::jthread s = sleeper();
    std::this_thread::sleep_for(5ms);
    w.store(1);
    loop.wake_later(&w, 1);
    then();
    s.join();
  };
  uring_loop loop;
  wakes(loop, [&] { loop.flush(); });
  wakes(loop, [&] { loop.run(); });
  wakes(loop, [&] { loop.block_on(loop.sleep_for(1ms)); });
  std::jthread([&] {
    auto other = std::make_unique<uring_loop>();
    wakes(*other, [&] { other.reset(); });
  }).join();
  CHECK(woken.load() == 4);
}

TEST_CASE("a hook is called before the loop sleeps and when it is left" * doctest::skip(no_ring)) {
  uring_loop loop;
  counting_work hook;
  loop.before_sleep(hook);
  loop.run();
  CHECK(hook.runs == 1);
  loop.block_on(loop.sleep_for(1ms));
  CHECK(hook.runs >= 3);
  int const until_now = hook.runs;
  loop.remove_hook(hook);
  loop.block_on(loop.sleep_for(1ms));
  CHECK(hook.runs == until_now);
  // The loop does not sleep over what a hook starts and posts.
  counting_work posted;
  counting_operation op;
  ::io_uring_prep_nop(&op.request());
  bool once = true;
  action busy([&] {
    if (!once) return;
    once = false;
    loop.start(op);
    loop.post(posted);
  });
  loop.before_sleep(busy);
  loop.block_on(loop.sleep_for(1ms));
  CHECK(op.calls == 1);
  CHECK(posted.runs == 1);
  loop.remove_hook(busy);
}

TEST_CASE("more requests at once than the submission queue holds all get through" * doctest::skip(no_ring)) {
  uring_loop loop({.entries = 4});
  REQUIRE(loop.ring().entries() == 4);
  std::deque<counting_operation> ops(1000);
  for (counting_operation& op : ops) {
    ::io_uring_prep_nop(&op.request());
    loop.start(op);
  }
  loop.run();
  for (counting_operation const& op : ops) CHECK(op.calls == 1);
}

TEST_CASE("more completions at once than their queue holds are all kept" * doctest::skip(no_ring)) {
  uring_loop loop({.entries = 4, .completions = 4});
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  std::deque<counting_operation> ops(500);
  std::byte b[8];
  for (counting_operation& op : ops) {
    ::io_uring_prep_read(&op.request(), ends[0], b, sizeof b, 0);
    loop.start(op);
  }
  loop.poll();
  CHECK(loop.counters().overflows == 0);
  ::close(ends[1]);  // all of them read the end of the file
  loop.run();
  for (counting_operation const& op : ops) {
    CHECK(op.calls == 1);
    CHECK(op.result() == 0);
  }
  CHECK(loop.counters().overflows > 0);
  ::close(ends[0]);
}

TEST_CASE("poll runs all that is ready, also what its queue has no room for" * doctest::skip(no_futex)) {
  uring_loop loop({.entries = 4, .completions = 4});
  word w{0};
  std::deque<counting_operation> ops(100);
  for (counting_operation& op : ops) {
    op.prepare_futex_wait(w, 0);
    loop.start(op);
  }
  loop.poll();
  std::thread([&] { std_platform::futex_wake(&w, 100); }).join();
  loop.poll();
  CHECK(std::all_of(ops.begin(), ops.end(), [](auto const& op) { return op.calls == 1; }));
  loop.run();
}

TEST_CASE("a signal that interrupts the wait is not the end of it" * doctest::skip(no_ring)) {
  handler_of const nothing(SIGUSR1, [](int) {});
  uring_loop loop;
  pthread_t const self = ::pthread_self();
  std::jthread interrupts([self](std::stop_token stop) {
    while (!stop.stop_requested()) {
      ::pthread_kill(self, SIGUSR1);
      std::this_thread::sleep_for(500us);
    }
  });
  auto const start = std_platform::now();
  CHECK(loop.block_on(loop.sleep_for(50ms)).has_value());
  CHECK(std_platform::now() - start >= 50ms);
  CHECK(loop.counters().interrupted > 0);
}

TEST_CASE("a signal handler may stop the loop, wherever it interrupts it" * doctest::skip(no_ring)) {
  static uring_loop* stopped = nullptr;
  uring_loop loop;
  stopped = &loop;
  handler_of const stops(SIGUSR1, [](int) { stopped->stop(); });
  auto const busy = [&]() -> plain {
    for (;;) co_await loop.schedule();  // under the loop's lock more often than not
  };
  plain const p = busy();
  pthread_t const self = ::pthread_self();
  std::jthread interrupts([self](std::stop_token stop) {
    while (!stop.stop_requested()) {
      ::pthread_kill(self, SIGUSR1);
      std::this_thread::sleep_for(20us);
    }
  });
  for (int i = 0; i != 1000; ++i) loop.run();
}

TEST_CASE("a stop that reaches a loop which sleeps comes from a handler as well" * doctest::skip(no_ring)) {
  static uring_loop* stopped = nullptr;
  uring_loop loop;
  stopped = &loop;
  handler_of const stops(SIGUSR1, [](int) { stopped->stop(); });
  plain const p = stay(loop);
  pthread_t const self = ::pthread_self();
  std::jthread const interrupts([self] {
    std::this_thread::sleep_for(5ms);
    ::pthread_kill(self, SIGUSR1);
  });
  loop.run();
}

TEST_CASE("a million posted items and operations in a chain take bounded stack" * doctest::skip(no_ring)) {
  uring_loop loop;
  auto const chain = [&]() -> task<int> {
    int n = 0;
    for (; n < 100'000; ++n) co_await loop.schedule();
    for (int i = 0; i < 20'000; ++i) n += *co_await loop.nop();
    co_return n;
  };
  CHECK(loop.block_on(chain()) == 100'000);
}

TEST_CASE("a file is written, measured, read and closed" * doctest::skip(no_ring)) {
  uring_loop loop;
  scratch_file file;
  auto const f = [](uring_loop& l, char const* path) -> task<> {
    io_result const fd = co_await l.openat(AT_FDCWD, path, O_RDWR);
    REQUIRE(fd);
    std::string const text = "what the ring has written";
    io_result const written = co_await l.write(*fd, std::as_bytes(std::span(text)));
    CHECK(*written == static_cast<int>(text.size()));
    struct ::statx about {};
    io_result const measured = co_await l.statx(*fd, "", AT_EMPTY_PATH, STATX_SIZE, about);
    CHECK(measured.value() == 0);
    CHECK(about.stx_size == text.size());
    std::string back(100, ' ');
    io_result const n = co_await l.read(*fd, std::as_writable_bytes(std::span(back)), 5);
    CHECK(back.substr(0, static_cast<std::size_t>(n.value())) == text.substr(5));
    io_result const at_end = co_await l.read(*fd, std::as_writable_bytes(std::span(back)));
    CHECK(*at_end == 0);
    io_result const closed = co_await l.close(*fd);
    CHECK(closed.has_value());
    CHECK(::fcntl(*fd, F_GETFD) == -1);
  };
  loop.block_on(f(loop, file.path.c_str()));
}

TEST_CASE("an ordinary error is a value, and throws only when the number is asked for" * doctest::skip(no_ring)) {
  uring_loop loop;
  io_result const fd = loop.block_on(loop.openat(AT_FDCWD, "/nothing/of/that/name", O_RDONLY));
  CHECK(!fd);
  CHECK(fd.error() == std::errc::no_such_file_or_directory);
  CHECK(!fd.canceled());
  CHECK_THROWS_AS(static_cast<void>(fd.value()), std::system_error);
  CHECK(loop.block_on(loop.close(-1)).error() == std::errc::bad_file_descriptor);
  CHECK(!io_result(0).error());
}

}  // namespace loop_test
