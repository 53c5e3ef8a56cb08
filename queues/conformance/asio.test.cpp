// Acquires as operations of Asio (core/asio/): every kind of completion token, executors, allocators, cancellation at
// every point, and contexts that end while operations wait.
#if defined(SUREWAKE_BOOST_ASIO)
#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/channel.hpp>
#if __has_include(<boost/asio/experimental/deferred.hpp>)
#include <boost/asio/experimental/deferred.hpp>
#endif
#else
#include <asio.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/experimental/channel.hpp>
#if __has_include(<asio/experimental/deferred.hpp>)
#include <asio/experimental/deferred.hpp>
#endif
#endif

#include <surewake/asio.hpp>
#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/platform/child.test.hpp>
#include <surewake/core/semaphore/scripted_queue.test.hpp>
#include <surewake/semaphore.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

namespace asio_test {

namespace {

using namespace surewake;
using namespace std::chrono_literals;
namespace net = surewake::detail::net;
using code = surewake::detail::net_error_code;
using cancels = net::cancellation_type;
using barging_semaphore = basic_semaphore<mutex_deque, std_platform, barging>;
using net::use_awaitable;

/// Notes how an operation ended. What it notes outlives it.
template <class Semaphore> struct noted {
  int calls = 0;
  bool gone = false;  // the handler was destroyed
  code error;
  typename Semaphore::permit permit;

  /// A handler, which is destroyed once.
  struct handler {
    explicit handler(noted& n) : into(&n) {}
    handler(handler&& other) noexcept : into(std::exchange(other.into, nullptr)) {}
    ~handler() {
      if (into != nullptr) into->gone = true;
    }
    void operator()(code e, typename Semaphore::permit p) {
      ++into->calls;
      into->error = e;
      into->permit = std::move(p);
    }
    noted* into;
  };
};

/// Checks that of `total` permits none is lost, and that nobody waits.
template <class Semaphore> void check_rest(Semaphore& s, std::ptrdiff_t total) {
  CHECK(s.waiters() == 0);
  CHECK(s.available_permits() == total);
  CHECK(s.max_permits() == total);
}

/// Starts a wait on `ctx` with a handler that is cancelled by `signal`.
template <class Semaphore>
void wait(Semaphore& s, noted<Semaphore>& n, net::io_context& ctx, net::cancellation_signal& signal) {
  typename noted<Semaphore>::handler handler(n);
  async_acquire(s, net::bind_executor(ctx, net::bind_cancellation_slot(signal.slot(), std::move(handler))));
}

}  // namespace

TEST_CASE("a free permit is taken at once, and its handler runs later, on its executor") {
  net::io_context ctx;
  semaphore s(3);
  noted<semaphore> n;
  async_acquire(s, 2, net::bind_executor(ctx, noted<semaphore>::handler(n)));
  CHECK(s.available_permits() == 1);
  CHECK(n.calls == 0);
  CHECK(ctx.run() == 1);
  CHECK(n.calls == 1);
  CHECK_FALSE(n.error);
  CHECK(n.permit.count() == 2);
  n.permit.release();
  check_rest(s, 3);
}

TEST_CASE("run() does not return while an operation waits, and the handler runs there, not inside of the release") {
  net::io_context ctx;
  semaphore s(0);
  std::thread::id where;
  permit held;
  async_acquire(s, net::bind_executor(ctx, [&](code e, permit p) {
    CHECK_FALSE(e);
    held = std::move(p);
    where = std::this_thread::get_id();
  }));
  CHECK(ctx.poll() == 0);
  CHECK_FALSE(ctx.stopped());
  std::thread::id runs;
  std::thread runner([&] {
    runs = std::this_thread::get_id();
    ctx.run();
  });
  s.add_permits(1);
  runner.join();
  CHECK(where == runs);
  held.release();
  check_rest(s, 1);
}

TEST_CASE("a handler is not called inside of a release on its own executor") {
  net::io_context ctx;
  semaphore s(0);
  noted<semaphore> n;
  async_acquire(s, net::bind_executor(ctx, noted<semaphore>::handler(n)));
  net::post(ctx, [&] {
    s.add_permits(1);
    CHECK(n.calls == 0);
  });
  ctx.run();
  CHECK(n.calls == 1);
}

TEST_CASE("an impossible count is refused before anything is initiated") {
  semaphore s(1);
  CHECK_THROWS_AS(async_acquire(s, 0, net::detached), std::invalid_argument);
  CHECK_THROWS_AS(async_acquire(s, semaphore::max_request() + 1, net::detached), std::invalid_argument);
  check_rest(s, 1);
}

TEST_CASE("close() ends waits and later acquires with acquire_error::closed") {
  net::io_context ctx;
  semaphore s(0);
  noted<semaphore> before, after;
  async_acquire(s, net::bind_executor(ctx, noted<semaphore>::handler(before)));
  s.close();
  async_acquire(s, net::bind_executor(ctx, noted<semaphore>::handler(after)));
  ctx.run();
  for (auto const* n : {&before, &after}) {
    CHECK(n->calls == 1);
    CHECK(n->error == acquire_error::closed);
    CHECK(n->permit.count() == 0);
  }
  CHECK(before.error.message() == "surewake: the semaphore is closed");
  CHECK(before.error.category().name() == std::string("surewake"));
}

TEST_CASE("a coroutine of Asio gets the permit as a value, and an error as an exception") {
  net::io_context ctx;
  semaphore s(0);
  int had = 0;
  bool closed = false;
  auto const body = [&]() -> net::awaitable<void> {
    {
      permit const p = co_await async_acquire(s, 2, use_awaitable);
      had = static_cast<int>(p.count());
    }
    auto const taken = co_await async_acquire(s, 2, use_awaitable);
    try {
      permit const never = co_await async_acquire(s, use_awaitable);
    } catch (std::exception const& e) {
      closed = std::string(e.what()).find("the semaphore is closed") != std::string::npos;
    }
  };
  net::co_spawn(ctx, body, net::detached);
  ctx.poll();
  s.add_permits(1);
  ctx.poll();
  CHECK(had == 0);
  s.add_permits(1);
  ctx.poll();
  CHECK(had == 2);
  s.close();
  ctx.run();
  CHECK(closed);
  check_rest(s, 2);
}

TEST_CASE("futures and deferred operations") {
  net::thread_pool pool(1);
  semaphore s(0);
  std::future<permit> waits = async_acquire(s, net::use_future);
  using namespace net;
  using namespace net::experimental;  // where it was before Asio 1.24
  auto later = async_acquire(s, deferred);
  CHECK(s.waiters() == 1);  // the deferred one has not begun
  noted<semaphore> n;
  std::move(later)(net::bind_executor(pool, noted<semaphore>::handler(n)));
  CHECK(s.waiters() == 2);
  s.add_permits(2);
  CHECK(waits.get().count() == 1);
  pool.join();
  CHECK(n.permit.count() == 1);
}

TEST_CASE_TEMPLATE("coroutines on strands of a pool of threads are inside at most three at a time", S, semaphore,
                   barging_semaphore) {
  constexpr int coroutines = 24, rounds = 40;
  S s(3);
  std::atomic<int> inside{0}, most{0}, done{0};
  {
    net::thread_pool pool(4);
    auto const body = [&]() -> net::awaitable<void> {
      auto const ex = co_await net::this_coro::executor;
      for (int i = 0; i != rounds; ++i) {
        auto const p = co_await async_acquire(s, 1, use_awaitable);
        int const now = ++inside;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        co_await net::post(ex, use_awaitable);
        --inside;
      }
      ++done;
    };
    for (int i = 0; i != coroutines; ++i) net::co_spawn(net::make_strand(pool), body, net::detached);
    pool.join();
  }
  CHECK(done == coroutines);
  CHECK(most <= 3);
  check_rest(s, 3);
}

TEST_CASE("each kind of cancellation gives a wait up, and none takes back what was granted") {
  for (auto const type : {cancels::terminal, cancels::partial, cancels::total, cancels::all}) {
    net::io_context ctx;
    semaphore s(0);
    noted<semaphore> n, late;
    net::cancellation_signal signal;
    wait(s, n, ctx, signal);
    signal.emit(cancels::none);
    CHECK(s.waiters() == 1);
    signal.emit(type);
    CHECK(s.waiters() == 0);
    CHECK(n.calls == 0);
    signal.emit(type);
    ctx.run();
    CHECK(n.calls == 1);
    CHECK(n.error == net::error::operation_aborted);
    CHECK(n.permit.count() == 0);

    ctx.restart();
    wait(s, late, ctx, signal);
    s.add_permits(1);
    signal.emit(type);  // granted, not called yet
    ctx.run();
    CHECK(late.calls == 1);
    CHECK_FALSE(late.error);
    CHECK(late.permit.count() == 1);
    signal.emit(type);
    late.permit.release();
    check_rest(s, 1);
  }
}

TEST_CASE("a permit that is free is taken whatever is cancelled afterwards") {
  net::io_context ctx;
  semaphore s(1);
  noted<semaphore> n;
  net::cancellation_signal signal;
  wait(s, n, ctx, signal);
  signal.emit(cancels::all);
  ctx.run();
  CHECK(n.permit.count() == 1);
}

TEST_CASE_TEMPLATE("a cancellation at the moment of a grant loses no permit and calls the handler once", S, semaphore,
                   barging_semaphore) {
  constexpr int rounds = 1'000;
  S s(0);
  std::atomic<int> turn{0};
  std::thread releaser([&] {
    for (int i = 1; i <= rounds; ++i) {
      while (turn < i) {
      }
      s.add_permits(1);
    }
  });
  int granted = 0;
  bool right = true;
  for (int i = 1; i <= rounds; ++i) {
    net::io_context ctx(1);
    noted<S> n;
    net::cancellation_signal signal;
    wait(s, n, ctx, signal);
    turn = i;
    if (i % 3 == 0) std::this_thread::yield();
    for (int spin = i * 7 % 2000; spin != 0; --spin) std_platform::relax();
    signal.emit(cancels::terminal);
    ctx.run();
    if (n.calls != 1 || (n.permit.count() == 1) == static_cast<bool>(n.error)) right = false;
    if (n.permit.count() == 1) ++granted;
    n.permit.release();
    s.acquire_blocking().forget();  // the round's permit, which may come only now
    if (s.available_permits() != 0 || s.waiters() != 0) right = false;
  }
  releaser.join();
  CHECK(right);
  MESSAGE(granted << " of " << rounds << " were granted before they were cancelled");
  check_rest(s, 0);
}

TEST_CASE_TEMPLATE("a cancellation or a grant at each step of the wait: one call of the handler, no permit lost", S,
                   testing::scripted, testing::scripted_barging) {
  using testing::script;
  for (auto const point : {&script::before_enqueue, &script::after_enqueue, &script::before_grant,
                           &script::before_hand_over, &script::before_withdraw}) {
    net::io_context ctx;
    S s(0);
    noted<S> n;
    net::cancellation_signal signal;
    {
      bool const stops = point != &script::before_withdraw;
      testing::at_point const here(point, [&] { stops ? signal.emit(cancels::total) : s.add_permits(1); });
      wait(s, n, ctx, signal);
      stops ? s.add_permits(1) : signal.emit(cancels::total);
      CHECK(here.passed());
    }
    ctx.run();
    CHECK(n.calls == 1);
    CHECK((n.permit.count() == 1) == !n.error);
    n.permit.release();
    check_rest(s, 1);
  }
}

TEST_CASE("the loser of `||` gives its permit back, or has withdrawn") {
  using namespace net::experimental::awaitable_operators;
  net::io_context ctx;
  semaphore s(0);
  int timeouts = 0, permits = 0;
  auto const body = [&]() -> net::awaitable<void> {
    for (int i = 0; i != 50; ++i) {
      net::steady_timer timer(co_await net::this_coro::executor, std::chrono::microseconds(i * 10));
      if (i % 2 == 1) net::post(ctx, [&] { s.add_permits(1); });
      auto const r = co_await (async_acquire(s, use_awaitable) || timer.async_wait(use_awaitable));
      r.index() == 0 ? ++permits : ++timeouts;
    }
  };
  net::co_spawn(ctx, body, net::detached);
  ctx.run();
  CHECK(permits + timeouts == 50);
  CHECK(timeouts >= 1);  // the first: none had been released
  check_rest(s, 25);
}

TEST_CASE("a channel of Asio's is used beside it") {
  net::io_context ctx;
  semaphore s(2);
  net::experimental::channel<void(code, int)> values(ctx, 1);
  int sum = 0;
  for (int i = 1; i != 11; ++i) {
    net::co_spawn(
        ctx,
        [&, i]() -> net::awaitable<void> {
          auto const p = co_await async_acquire(s, use_awaitable);
          co_await values.async_send(code(), i, use_awaitable);
        },
        net::detached);
  }
  net::co_spawn(
      ctx,
      [&]() -> net::awaitable<void> {
        for (int i = 0; i != 10; ++i) sum += co_await values.async_receive(use_awaitable);
      },
      net::detached);
  ctx.run();
  CHECK(sum == 55);
  check_rest(s, 2);
}

namespace {

/// Counts what it has given out.
template <class T> struct counting_allocator {
  using value_type = T;
  explicit counting_allocator(int& l, int& a) noexcept : living(&l), all(&a) {}
  template <class U> counting_allocator(counting_allocator<U> const& o) noexcept : living(o.living), all(o.all) {}
  T* allocate(std::size_t n) {
    ++*living;
    ++*all;
    return std::allocator<T>().allocate(n);
  }
  void deallocate(T* p, std::size_t n) noexcept {
    --*living;
    std::allocator<T>().deallocate(p, n);
  }
  friend bool operator==(counting_allocator const&, counting_allocator const&) noexcept = default;
  int *living, *all;
};

struct allocating_handler {
  using allocator_type = counting_allocator<void>;
  [[nodiscard]] allocator_type get_allocator() const noexcept { return allocator_type(*living, *all); }
  void operator()(code, permit p) {
    CHECK(*living == 0);  // all was given back before the call
    CHECK(p.count() == 1);
    ++*calls;
  }
  int *living, *all, *calls;
};

}  // namespace

TEST_CASE("memory is of the handler's associated allocator, and given back before the handler is called") {
  net::io_context ctx;
  semaphore s(0);
  int living = 0, all = 0, calls = 0;
  async_acquire(s, net::bind_executor(ctx, allocating_handler{&living, &all, &calls}));
  CHECK(living == 1);  // the operation
  s.add_permits(1);
  CHECK(all == 2);  // and the post
  CHECK(living == 1);
  ctx.run();
  CHECK(calls == 1);
  async_acquire(s, net::bind_executor(ctx, allocating_handler{&living, &all, &calls}));
  ctx.restart();
  ctx.run();
  CHECK(calls == 2);
  CHECK(all == 3);
}

TEST_CASE("a context that ends takes waiting operations with it, and no permit") {
  semaphore s(0);
  noted<semaphore> waits, posted, free;
  {
    net::io_context ctx;
    async_acquire(s, net::bind_executor(ctx, noted<semaphore>::handler(posted)));
    s.add_permits(1);
    CHECK(s.available_permits() == 0);
    async_acquire(s, net::bind_executor(ctx, noted<semaphore>::handler(waits)));
    CHECK(s.waiters() == 1);
  }
  CHECK((posted.gone && waits.gone));
  CHECK(posted.calls + waits.calls == 0);
  check_rest(s, 1);
  {
    net::io_context ctx;
    async_acquire(s, net::bind_executor(ctx, noted<semaphore>::handler(free)));
  }
  CHECK((free.gone && free.calls == 0));
  check_rest(s, 1);
}

TEST_CASE("a context may shut its services down twice, as newer versions of io_context do") {
  struct shuts_down_twice : net::execution_context {
    ~shuts_down_twice() { shutdown(); }
  };
  shuts_down_twice context;
  CHECK_FALSE(net::use_service<surewake::detail::pending_operations>(context).token().stop_requested());
}

TEST_CASE("coroutines that wait are destroyed with their context, and what they hold is released") {
  semaphore s(1);
  {
    net::io_context ctx;
    for (int i = 0; i != 3; ++i) {
      net::co_spawn(
          ctx,
          [&]() -> net::awaitable<void> {
            auto const p = co_await async_acquire(s, use_awaitable);
            auto const never = co_await async_acquire(s, use_awaitable);
          },
          net::detached);
    }
    ctx.poll();
    CHECK(s.waiters() == 3);
  }
  check_rest(s, 1);
}

TEST_CASE_TEMPLATE("a context ends while other threads release", S, semaphore, barging_semaphore) {
  S s(0);
  for (int i = 0; i != 150; ++i) {
    std::vector<noted<S>> all(8);
    std::atomic<bool> go{false};
    std::thread releaser;
    {
      net::io_context ctx;
      for (auto& n : all) async_acquire(s, net::bind_executor(ctx, typename noted<S>::handler(n)));
      releaser = std::thread([&] {
        while (!go) {
        }
        for (int k = 0; k != 8; ++k) s.add_permits(1);
      });
      go = true;
      for (int spin = i % 50; spin != 0; --spin) std_platform::relax();
    }
    for (auto const& n : all) CHECK((n.gone && n.calls == 0));
    releaser.join();
    check_rest(s, 8);
    CHECK(s.reduce_permits(8) == 8);
  }
}

TEST_CASE("a context ends while another thread cancels, and a third one releases") {
  semaphore s(0);
  for (int i = 0; i != 200; ++i) {
    noted<semaphore> n;
    std::atomic<int> there{0};
    net::cancellation_signal signal;
    auto const meet = [&] {
      ++there;
      while (there != 3) std::this_thread::yield();
    };
    std::optional<net::io_context> ctx(std::in_place);
    wait(s, n, *ctx, signal);
    std::thread canceller([&] {
      meet();
      signal.emit(cancels::all);
    });
    std::thread releaser([&] {
      meet();
      s.add_permits(1);
    });
    meet();
    ctx.reset();
    CHECK((n.gone && n.calls == 0));
    canceller.join();
    releaser.join();
    check_rest(s, 1);
    CHECK(s.reduce_permits(1) == 1);
  }
}

// Asio's executors as ours --------------------------------------------------------------------------------------------

namespace {

using any = asio_executor<net::any_io_executor>;
static_assert(executor<any, std_platform>);
static_assert(executor<asio_executor<net::strand<net::thread_pool::executor_type>>, std_platform>);
struct no_withdraw {
  void post(work<std_platform>&) noexcept {}
};
struct says_final : no_withdraw {
  static constexpr bool post_is_final = true;
};
struct says_no : no_withdraw {
  static constexpr bool post_is_final = false;
};
static_assert(!executor<no_withdraw, std_platform> && executor<says_final, std_platform> &&
              !executor<says_no, std_platform>);

}  // namespace

TEST_CASE("acquire_on goes on on an executor of Asio's, and schedule() goes there") {
  net::io_context ctx;
  any on(ctx.get_executor());
  semaphore s(0);
  bool scheduled = false, granted = false, closed = false;
  auto const body = [&]() -> task<> {
    co_await schedule(on);
    scheduled = ctx.get_executor().running_in_this_thread();
    {
      auto const p = co_await s.acquire_on(on);
      granted = ctx.get_executor().running_in_this_thread();
    }
    try {
      auto const p = co_await s.acquire_on(on, 2);
    } catch (closed_error const&) {
      closed = ctx.get_executor().running_in_this_thread();
    }
  };
  start_detached(body());
  ctx.poll();
  CHECK(scheduled);
  s.add_permits(1);
  CHECK_FALSE(granted);
  ctx.restart();
  ctx.poll();
  CHECK(granted);
  s.close();
  ctx.restart();
  ctx.run();
  CHECK(closed);
  check_rest(s, 1);
}

TEST_CASE("tasks of ours on a strand of a pool run one at a time") {
  net::thread_pool pool(4);
  asio_executor on(net::make_strand(pool));
  semaphore s(1);
  int plain = 0;  // the strand orders the threads
  std::atomic<int> left{20};
  auto const body = [&]() -> task<> {
    co_await schedule(on);
    for (int i = 0; i != 50; ++i) {
      auto const p = co_await s.acquire_on(on);
      ++plain;
    }
    --left;
  };
  auto const guard = net::make_work_guard(pool);
  for (int i = 0; i != 20; ++i) start_detached(body());
  while (left != 0) std::this_thread::sleep_for(1ms);
  CHECK(plain == 1'000);
}

TEST_CASE("what was posted to a context that ends runs on the thread that ends it") {
  semaphore s(0);
  bool had = false;
  std::optional<net::io_context> ctx(std::in_place);
  any on(ctx->get_executor());
  auto const body = [&]() -> task<> {
    auto const p = co_await s.acquire_on(on);
    had = true;
  };
  start_detached(body());
  s.add_permits(1);
  CHECK_FALSE(had);
  on = any(net::system_executor());
  ctx.reset();
  CHECK(had);
  check_rest(s, 1);
}

TEST_CASE("a coroutine that is destroyed between its grant and its run on such an executor ends the process") {
  CHECK(testing::in_a_child([] {
          net::io_context ctx;
          any on(ctx.get_executor());
          semaphore s(0);
          auto const body = [&]() -> testing::plain { auto const p = co_await s.acquire_on(on); };
          {
            auto const waits = body();
            s.add_permits(1);
          }
          return std::string();
        }).find("a coroutine was destroyed while another thread resumed it") != std::string::npos);
}

}  // namespace asio_test
