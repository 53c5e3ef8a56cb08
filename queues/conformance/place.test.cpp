// Where a coroutine goes on (core/node/home.hpp): one that waits on an executor or a loop goes on there, however its
// wait ends; one that has neither goes on on the thread that ended its wait.
#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/core/coroutine/schedule.hpp>
#include <surewake/core/coroutine/thread_pool.hpp>
#include <surewake/core/platform/process.test.hpp>
#include <surewake/queues/conformance/all_semaphores.test.hpp>

#include <thread>

namespace place_test {

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;
using P = std_platform;

namespace {

/// How a wait ends, on a thread that does not run the waiter's home.
enum class ending { grant, close, stop, time_out };
constexpr ending all_endings[] = {ending::grant, ending::close, ending::stop, ending::time_out};

template <class S> void end_wait(S& s, std::stop_source& stop, ending how) {
  switch (how) {
    case ending::grant: s.add_permits(1); break;
    case ending::close: s.close(); break;
    case ending::stop: stop.request_stop(); break;
    case ending::time_out: break;
  }
}

/// What one coroutine saw.
struct account {
  std::atomic<bool> over = false;
  std::thread::id thread;
  ending how = ending::grant;
};

/// Waits as `wanted` ends; says on which thread it went on, and how.
template <class S> task<> wait(S& s, std::stop_token stop, ending wanted, account& a) {
  try {
    std::optional<typename S::permit> p;
    if (wanted == ending::time_out) {
      p = co_await s.acquire_for(3ms);
    } else if (wanted == ending::stop) {
      p = co_await s.acquire(stop);
    } else {
      p = co_await s.acquire();
    }
    a.how = p ? ending::grant : wanted;
  } catch (closed_error const&) {
    a.how = ending::close;
  }
  a.thread = std::this_thread::get_id();
  a.over = true;
}

template <class S, class Executor> task<> wait_on(Executor& e, S& s, std::stop_token stop, ending wanted, account& a) {
  co_await schedule(e);
  co_await wait(s, stop, wanted, a);
}

template <class F> bool soon(F condition) {
  for (auto const end = P::now() + 20s; !condition(); std::this_thread::sleep_for(100us)) {
    if (P::now() > end) return false;
  }
  return true;
}

/// An executor of a user: a thread and a queue, and a home.
class own_executor {
 public:
  own_executor() : thread_([this] { run(); }) {}
  own_executor(own_executor const&) = delete;
  own_executor& operator=(own_executor const&) = delete;
  ~own_executor() {
    {
      std::lock_guard const lock(mutex_);
      stop_ = true;
    }
    thread_.join();
  }
  void post(work<P>& w) noexcept {
    std::lock_guard const lock(mutex_);
    queue_.push_back(w);
  }
  bool withdraw(work<P>& w) noexcept {
    std::lock_guard const lock(mutex_);
    return detail::take_out(queue_, w);
  }
  [[nodiscard]] std::thread::id thread() const { return thread_.get_id(); }

 private:
  void run() {
    for (bool stop = false; !stop;) {
      {
        std::lock_guard const lock(mutex_);
        stop = stop_;
      }
      {
        trampoline<P>::at const here(home_.get());
        run_queued();
      }
      std::this_thread::sleep_for(100us);
    }
    home_.end();
    run_queued();  // what was posted before the end: home.hpp, I3
  }
  void run_queued() {
    for (;;) {
      mutex_.lock();
      work<P>* const w = queue_.pop_front();
      mutex_.unlock();
      if (w == nullptr) return;
      trampoline<P>::scope const ready;
      w->run();
    }
  }
  std::mutex mutex_;
  detail::work_list<P> queue_;
  bool stop_ = false;
  own_home<own_executor> home_{*this};
  std::thread thread_;
};

}  // namespace

// First: nobody has needed the shared pool yet.
TEST_CASE("a wait with a time limit starts no thread: at home, with timers that are named, or with a free permit") {
  long before = threads_of_process();
  semaphore s(1);
  CHECK(sync_wait(s.acquire_for(1h)));
  CHECK(threads_of_process() == before);
  thread_pool pool(1);
  before = threads_of_process();
  semaphore none(0);
  CHECK_FALSE(sync_wait(none.acquire_for(pool, 1ms)));
  CHECK_FALSE(sync_wait(none.acquire_until(pool, P::now() + 1ms)));
  account a;
  std::stop_source stop;
  start_detached(wait_on(pool, none, stop.get_token(), ending::time_out, a));
  CHECK(soon([&] { return a.over.load(); }));
  CHECK(a.how == ending::time_out);
  CHECK(threads_of_process() == before);
}

EVERY_SEMAPHORE("without a home a coroutine goes on on the thread that ended its wait") {
  for (ending const how : {ending::grant, ending::close, ending::stop}) {
    S s(0);
    std::stop_source stop;
    account a;
    start_detached(wait(s, stop.get_token(), how, a));
    std::thread other([&] { end_wait(s, stop, how); });
    auto const id = other.get_id();
    other.join();
    CHECK(a.over);
    CHECK(a.how == how);
    CHECK(a.thread == id);
  }
}

EVERY_SEMAPHORE("on a pool a coroutine goes on on a worker, however its wait ends") {
  thread_pool pool(1);
  auto const worker = [](thread_pool& p) -> task<std::thread::id> {
    co_await p.schedule();
    co_return std::this_thread::get_id();
  };
  auto const id = sync_wait(worker(pool));
  for (ending const how : all_endings) {
    S s(0);
    std::stop_source stop;
    account a;
    start_detached(wait_on(pool, s, stop.get_token(), how, a));
    CHECK(soon([&] { return s.waiters() == 1 || a.over; }));
    end_wait(s, stop, how);
    CHECK(soon([&] { return a.over.load(); }));
    CHECK(a.how == how);
    CHECK(a.thread == id);
  }
}

EVERY_SEMAPHORE("on a manual_executor a coroutine goes on when that runs, however its wait ends") {
  for (ending const how : all_endings) {
    S s(0);
    manual_executor e;
    std::stop_source stop;
    account a;
    start_detached(wait_on(e, s, stop.get_token(), how, a));
    CHECK(e.run() != 0);
    bool const ended = a.over;
    CHECK((!ended || how == ending::time_out));  // on a busy machine the time has passed by now
    std::thread([&] { end_wait(s, stop, how); }).join();
    CHECK(a.over == ended);
    CHECK((ended || soon([&] { return e.run() != 0; })));
    CHECK(a.over);
    CHECK(a.how == how);
    CHECK(a.thread == std::this_thread::get_id());
  }
}

TEST_CASE("on an executor of a user's that has a home a coroutine goes on there, however its wait ends") {
  own_executor e;
  for (ending const how : all_endings) {
    semaphore s(0);
    std::stop_source stop;
    account a;
    start_detached(wait_on(e, s, stop.get_token(), how, a));
    CHECK(soon([&] { return s.waiters() == 1 || a.over; }));
    end_wait(s, stop, how);
    CHECK(soon([&] { return a.over.load(); }));
    CHECK(a.how == how);
    CHECK(a.thread == e.thread());
  }
}

TEST_CASE("acquire_on goes on on its executor after a grant, and after close()") {
  for (ending const how : {ending::grant, ending::close}) {
    semaphore s(0);
    manual_executor e;
    account a;
    auto const f = [](semaphore& x, manual_executor& on, account& seen) -> task<> {
      try {
        static_cast<void>(co_await x.acquire_on(on));
      } catch (closed_error const&) {
        seen.how = ending::close;
      }
      seen.thread = std::this_thread::get_id();
      seen.over = true;
    };
    start_detached(f(s, e, a));
    std::stop_source stop;
    std::thread([&] { end_wait(s, stop, how); }).join();
    CHECK_FALSE(a.over);
    CHECK(e.run() == 1);
    CHECK(a.over);
    CHECK(a.how == how);
  }
}

EVERY_SEMAPHORE("who ends a wait of its own home resumes it there, without a post") {
  S s(0);
  manual_executor e;
  std::stop_source stop;
  account a;
  start_detached(wait_on(e, s, stop.get_token(), ending::grant, a));
  auto const f = [](manual_executor& on, S& x) -> task<> {
    co_await schedule(on);
    x.add_permits(1);
  };
  start_detached(f(e, s));
  CHECK(e.run() == 2);  // the two that were scheduled
  CHECK(a.over);
}

EVERY_SEMAPHORE("a coroutine that is destroyed when it is posted home passes its permit on") {
  for (bool const cancellable : {false, true}) {
    S s(0);
    manual_executor e;
    std::stop_source stop;
    visitor<S> v;
    auto const token = cancellable ? stop.get_token() : std::stop_token();
    auto const go = [&](manual_executor& on) -> task<> {
      co_await schedule(on);
      cancellable ? v.acquire(s, token) : v.acquire(s);
    };
    start_detached(go(e));
    CHECK(e.run() == 1);
    CHECK(v.state == visit::waiting);
    s.add_permits(1);  // outside of run(): posted
    CHECK(v.state == visit::waiting);
    CHECK_FALSE(e.empty());
    v.destroy();
    CHECK(e.empty());
    CHECK(look(s) == snapshot{1, 1, 0, 0, false});
  }
}

EVERY_SEMAPHORE("what is posted home before an executor ends runs, though nobody tells the executor to run it") {
  S s(0);
  bool ended = false;
  {
    manual_executor e;
    start_detached([](S& limit, manual_executor& x, bool& done) -> task<> {
      co_await schedule(x);
      auto const p = co_await limit.acquire();
      done = true;
    }(s, e, ended));
    e.run();
    std::jthread([&s] { s.add_permits(1); }).join();
    CHECK(!ended);
  }
  CHECK(ended);
  CHECK(s.available_permits() == 1);
}

EVERY_SEMAPHORE("when its home has ended a coroutine goes on on the thread that ends its wait") {
  S s(0);
  account a;
  std::stop_source stop;
  {
    thread_pool pool(1);
    start_detached(wait_on(pool, s, stop.get_token(), ending::grant, a));
    CHECK(soon([&] { return s.waiters() == 1; }));
  }
  s.add_permits(1);
  CHECK(a.over);
  CHECK(a.thread == std::this_thread::get_id());
}

EVERY_SEMAPHORE("a pool that ends gives up the waits that its timers limit, and they end on it") {
  S s(0);
  account a;
  {
    thread_pool pool(1);
    auto const f = [](thread_pool& p, S& x, account& seen) -> task<> {
      co_await p.schedule();
      CHECK_FALSE(co_await x.acquire_for(1h));
      seen.thread = std::this_thread::get_id();
      seen.over = true;
    };
    start_detached(f(pool, s, a));
    CHECK(soon([&] { return s.waiters() == 1; }));
  }
  CHECK(a.over);
  CHECK(a.thread != std::this_thread::get_id());
  CHECK(s.waiters() == 0);
}

TEST_CASE("sync_wait on a worker of a pool of one does not wait for that worker") {
  thread_pool pool(1);
  semaphore s(0);
  auto const f = [](thread_pool& p, semaphore& x) -> task<bool> {
    co_await p.schedule();
    co_return sync_wait(x.acquire()).count() == 1;
  };
  std::thread releases([&] {
    CHECK(soon([&] { return s.waiters() == 1; }));
    s.add_permits(1);
  });
  CHECK(sync_wait(f(pool, s)));
  releases.join();
}

TEST_CASE("any number of waits that end before they suspend take bounded stack") {
  semaphore s(0);
  std::stop_source stop;
  stop.request_stop();
  auto const f = [](semaphore& x, std::stop_token t) -> task<int> {
    int given_up = 0;
    for (int i = 0; i < 200'000; ++i) {
      auto const p = co_await x.acquire(t);
      given_up += p ? 0 : 1;
    }
    co_return given_up;
  };
  CHECK(sync_wait(f(s, stop.get_token())) == 200'000);
  s.close();
  auto const g = [](semaphore& x, std::stop_token t) -> task<int> {
    int closed = 0;
    for (int i = 0; i < 50'000; ++i) {
      try {
        static_cast<void>(co_await x.acquire(t));
      } catch (closed_error const&) {
        ++closed;
      }
    }
    co_return closed;
  };
  CHECK(sync_wait(g(s, stop.get_token())) == 50'000);
}

TEST_CASE("a time-out of the shared pool is in time although others occupy its threads behind time-outs of their own") {
  semaphore s(0);
  std::atomic<bool> go_on = false;
  std::atomic<std::size_t> busy = 0;
  std::atomic<std::size_t> over = 0;
  std::size_t const many = thread_pool::shared().threads() + 5;
  auto const late = [](semaphore& x, std::atomic<bool>& release, std::atomic<std::size_t>& in,
                       std::atomic<std::size_t>& out) -> task<> {
    auto const main = std::this_thread::get_id();
    static_cast<void>(co_await x.acquire_for(1ms));
    ++in;
    if (std::this_thread::get_id() != main) release.wait(false);  // else it was over before the coroutine suspended
    ++out;
  };
  for (std::size_t i = 0; i < many; ++i) start_detached(late(s, go_on, busy, over));
  CHECK(soon([&] { return busy == many; }));
  CHECK_FALSE(sync_wait(s.acquire_for(1ms)));
  go_on = true;
  go_on.notify_all();
  CHECK(soon([&] { return over == many; }));
}

#if __has_include(<liburing.h>)
EVERY_SEMAPHORE("on a loop a coroutine goes on there, however its wait ends, and run() waits for it") {
  if (!uring_support::probe().ring) return;
  long const before = threads_of_process();
  for (ending const how : all_endings) {
    S s(0);
    uring_loop loop;
    std::stop_source stop;
    account a;
    start_detached(wait(s, stop.get_token(), how, a));
    CHECK(s.waiters() == 1);
    std::thread other([&] {
      std::this_thread::sleep_for(1ms);
      end_wait(s, stop, how);
    });
    loop.run();
    CHECK(a.over);
    CHECK(a.how == how);
    CHECK(a.thread == std::this_thread::get_id());
    other.join();
  }
  CHECK(threads_of_process() <= before);
}

EVERY_SEMAPHORE("run() returns when the last one who lives on the loop was destroyed, on whatever thread") {
  if (!uring_support::probe().ring) return;
  S s(0);
  uring_loop loop;
  std::stop_source stop;
  auto v = std::make_unique<visitor<S>>();
  v->acquire(s, stop.get_token());
  std::thread other([&] {
    std::this_thread::sleep_for(1ms);
    v.reset();
  });
  loop.run();
  other.join();
  CHECK(s.waiters() == 0);
}

EVERY_SEMAPHORE("a loop that ends gives up the waits that its timers limit; others go on where their wait ends") {
  if (!uring_support::probe().ring) return;
  S s(0);
  std::stop_source stop;
  account limited, open;
  {
    uring_loop loop;
    auto const f = [](S& x, account& seen) -> task<> {
      auto const p = co_await x.acquire_for(1h);
      seen.how = p ? ending::grant : ending::time_out;
      seen.over = true;
    };
    start_detached(f(s, limited));
    start_detached(wait(s, stop.get_token(), ending::grant, open));
  }
  CHECK(limited.over);
  CHECK(limited.how == ending::time_out);
  CHECK_FALSE(open.over);
  s.add_permits(1);
  CHECK(open.over);
}
#endif

}  // namespace place_test
