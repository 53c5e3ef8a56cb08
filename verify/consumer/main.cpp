// Uses each call of the semaphore once, as a program would that has only read its table.
#include <surewake/barrier.hpp>
#include <surewake/channel.hpp>
#include <surewake/event.hpp>
#include <surewake/latch.hpp>
#include <surewake/condition_variable.hpp>
#include <surewake/semaphore.hpp>
#include <surewake/shared_mutex.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <type_traits>

using namespace std::chrono_literals;
using surewake::sync_wait;
using surewake::task;

long front_door_permits();

namespace {

int checks = 0;

void expect(bool holds, char const* what) {
  ++checks;
  if (holds) return;
  std::fprintf(stderr, "consumer: does not hold: %s\n", what);
  std::exit(1);
}

/// A permit that is not there. (A permit is tested by name: `!limit.try_acquire()` does not compile.)
template <class Optional> void expect_none(Optional const& p, char const* what) { expect(!p, what); }

template <class Error, class F> void expect_throws(F&& f, char const* what) {
  try {
    f();
  } catch (Error const&) {
    return expect(true, what);
  }
  expect(false, what);
}

// A coroutine type that surewake has never seen.
struct detached {
  struct promise_type {
    detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::abort(); }
  };
};

detached take_one(surewake::semaphore& limit, bool& had_it) {
  auto permit = co_await limit.acquire();
  had_it = permit.count() == 1;
}

template <class Semaphore> task<> every_wait(Semaphore& limit, std::stop_token stop) {
  auto one = co_await limit.acquire();
  expect(one.count() == 1, "acquire() gives one permit");
  if (auto two = co_await limit.acquire(stop, 2)) {
    expect(two->count() == 2, "acquire(stop, 2) gives two");
  } else {
    expect(false, "acquire(stop, 2) of free permits is not empty");
  }
  if (auto p = co_await limit.acquire_for(50ms)) {
    expect(limit.in_use() == 2, "in_use() counts what is held");
  } else {
    expect(false, "acquire_for of a free permit is not empty");
  }
  auto rest = co_await limit.acquire(limit.available_permits());
  expect_none(co_await limit.acquire_for(2ms), "acquire_for is empty when the time is over");
  expect_none(co_await limit.acquire_until(std::chrono::steady_clock::now() + 2ms), "acquire_until likewise");
  expect_none(co_await limit.acquire_until(std::chrono::system_clock::now() + 2ms, 2), "acquire_until with any clock");
}

template <class Semaphore> void every_call() {
  static_assert(!std::is_move_constructible_v<Semaphore> && !std::is_copy_constructible_v<Semaphore>);
  using permit = typename Semaphore::permit;
  static_assert(std::is_nothrow_move_constructible_v<permit> && !std::is_copy_constructible_v<permit>);
  static_assert(noexcept(std::declval<Semaphore&>().try_acquire()));
  static_assert(!std::is_convertible_v<int, Semaphore>, "the constructor is explicit");

  expect_throws<std::invalid_argument>([] { Semaphore bad(-1); }, "fewer than 0 permits");
  expect_throws<std::invalid_argument>([] { Semaphore bad(Semaphore::max() + 1); }, "more than max() permits");

  Semaphore limit(4);
  sync_wait(every_wait(limit, std::stop_token{}));
  expect(limit.available_permits() == 4 && limit.in_use() == 0, "all permits have come back");

  expect_throws<std::invalid_argument>([&] { (void)limit.acquire(0); }, "acquire(0)");
  expect_throws<std::invalid_argument>([&] { (void)limit.acquire_blocking(Semaphore::max() + 1); }, "above max()");

  // Threads.
  {
    permit held = limit.acquire_blocking(4);
    expect_none(limit.try_acquire(), "try_acquire of nothing");
    expect_none(limit.try_acquire_for(2ms), "try_acquire_for of nothing");
    expect_none(limit.try_acquire_until(std::chrono::steady_clock::now() + 2ms, 2), "try_acquire_until of nothing");
    std::jthread other([&] {
      permit mine = limit.acquire_blocking(2);
      expect(mine.count() == 2, "acquire_blocking(2) in another thread");
    });
    while (limit.waiters() == 0) std::this_thread::yield();
    permit part = held.split(1);
    expect(part.count() == 1 && held.count() == 3, "split");
    held.merge(std::move(part));
    expect(held.count() == 4 && part.count() == 0, "merge");
    Semaphore stranger(1);
    auto foreign = stranger.try_acquire();
    expect_throws<std::invalid_argument>([&] { held.merge(std::move(*foreign)); }, "merge of a stranger's permit");
    expect(foreign->count() == 1, "a refused merge changes nothing");
    expect_throws<std::invalid_argument>([&] { (void)held.split(5); }, "split of more than there is");
    held.release();
    expect(held.count() == 0, "release empties");
  }

  // Resuming elsewhere.
  surewake::thread_pool pool(1);
  std::thread::id resumed_by;
  auto on_pool = [&]() -> task<> {
    auto p = co_await limit.acquire_on(pool, 4);
    resumed_by = std::this_thread::get_id();
  };
  {
    permit all = limit.acquire_blocking(4);
    std::jthread waits([&] { sync_wait(on_pool()); });
    while (limit.waiters() == 0) std::this_thread::yield();
    all.release();
    waits.join();
    expect(resumed_by != std::this_thread::get_id(), "acquire_on resumes elsewhere");
  }

  // Stopping.
  {
    permit all = limit.acquire_blocking(4);
    std::stop_source source;
    std::jthread stops([&] {
      while (limit.waiters() == 0) std::this_thread::yield();
      source.request_stop();
    });
    auto stopped = [&]() -> task<bool> {
      auto const p = co_await limit.acquire(source.get_token());
      co_return !p;
    };
    expect(sync_wait(stopped()), "a stopped acquire is empty");
  }

  // Limits that change.
  limit.add_permits(2);
  expect(limit.max_permits() == 6 && limit.available_permits() == 6, "add_permits");
  expect_throws<std::overflow_error>([&] { limit.add_permits(Semaphore::max()); }, "add_permits beyond max()");
  expect(limit.reduce_permits(3) == 3 && limit.max_permits() == 3, "reduce_permits says how many it took");
  limit.try_acquire(2)->forget();
  expect(limit.max_permits() == 1 && limit.available_permits() == 1, "forget");
  expect(limit.reduce_permits(5) == 1 && limit.max_permits() == 0, "reduce_permits takes what is there");
  limit.add_permits(1);

  // Closing.
  {
    permit last = limit.acquire_blocking();
    std::jthread closes([&] {
      while (limit.waiters() == 0) std::this_thread::yield();
      limit.close();
    });
    auto waits = [&]() -> task<> { auto p = co_await limit.acquire(); };
    expect_throws<surewake::closed_error>([&] { sync_wait(waits()); }, "close wakes with closed_error");
    closes.join();
    expect(limit.is_closed(), "is_closed");
    expect_throws<surewake::closed_error>([&] { (void)limit.acquire_blocking(); }, "acquire after close");
    expect_none(limit.try_acquire(), "try_acquire after close");
  }
  expect(limit.in_use() == 0, "a permit may come back after close");
}

task<> wait_for_all(surewake::auto_reset_event& signal, surewake::manual_reset_event& state, surewake::latch& done,
                    surewake::barrier<>& round, std::stop_token stop) {
  co_await signal.wait();
  bool const held = co_await state.wait(stop);
  expect(held, "an event that is set ends a wait with a stop token");
  co_await done.wait();
  co_await round.arrive_and_wait();
}

void every_primitive() {
  surewake::auto_reset_event signal;
  surewake::manual_reset_event state;
  surewake::latch done(1);
  surewake::barrier<> round(2);
  expect(!signal.try_wait() && !state.try_wait_for(1ms) && !done.try_wait(), "nothing has happened yet");
  signal.set();
  state.set();
  done.count_down();
  auto const token = round.arrive();
  expect(!round.try_wait(token), "one of two has not arrived");
  sync_wait(wait_for_all(signal, state, done, round, std::stop_token{}));
  expect(round.try_wait(token) && state.reset() && !signal.is_set(), "what was waited for has happened");

  surewake::channel<int> values(1);
  expect(values.try_send(1) == surewake::channel_status::done, "there is room for a value");
  expect(values.try_send_for(1ms, 2) == surewake::channel_status::given_up, "and for no second one");
  values.close();
  expect(values.receive_blocking().value() == 1, "what is inside is received after close()");
  expect(values.receive_blocking().status() == surewake::channel_status::closed, "and then it says closed");
}

// A mutex and a condition variable: a coroutine and a thread pass a token to and fro.
void every_wait_inside() {
  surewake::mutex m;
  surewake::condition_variable changed;
  int turn = 0;
  auto const even = [&]() -> task<> {
    for (int i = 0; i < 10; i += 2) {
      auto held = co_await m.lock();
      co_await changed.wait(held, [&] { return turn == i; });
      ++turn;
      changed.notify_all();
    }
  };
  std::thread odd([&] {
    for (int i = 1; i < 10; i += 2) {
      surewake::guard held = m.lock_blocking();
      changed.wait_blocking(held, [&] { return turn == i; });
      ++turn;
      changed.notify_all();
    }
  });
  sync_wait(even());
  odd.join();
  expect(turn == 10, "a coroutine and a thread take turns");
  surewake::guard held = m.lock_blocking();
  expect(!changed.wait_blocking_for(held, 1ms), "a wait ends with its limit");
  expect(held.mutex() == &m, "and with the mutex");
  expect_none(m.try_lock(), "which is locked");
  surewake::shared_mutex shared(2);
  {
    auto const one = shared.lock_shared_blocking();
    auto const other = shared.try_lock_shared();
    expect(other.has_value() && shared.most_readers() == 2, "two readers share a mutex");
    expect_none(shared.try_lock(), "and no writer is beside them");
  }
  auto const reads = surewake::shared_mutex::downgrade(shared.lock_blocking());
  expect(reads.mutex() == &shared && shared.is_locked(), "a writer becomes a reader");
  auto const timed = [&]() -> task<> {
    surewake::optional_guard const none = co_await m.lock_for(1ms);
    expect(!none, "a lock with a limit is empty");
  };
  sync_wait(timed());
}

}  // namespace

int main() {
  every_primitive();
  every_wait_inside();
  every_call<surewake::semaphore>();
  every_call<surewake::basic_semaphore<surewake::mutex_deque>>();
  every_call<surewake::basic_semaphore<surewake::intrusive_list, surewake::std_platform, surewake::barging>>();
  every_call<surewake::basic_semaphore<surewake::mutex_deque, surewake::std_platform, surewake::barging>>();

  surewake::semaphore limit(0);
  bool had_it = false;
  take_one(limit, had_it);
  expect(!had_it && limit.waiters() == 1, "a coroutine of any type waits");
  limit.add_permits(1);
  expect(had_it && limit.waiters() == 0, "and is resumed by who releases");
  expect(front_door_permits() == 1, "two files include the front door");
  std::printf("consumer: %d checks\n", checks);
}
