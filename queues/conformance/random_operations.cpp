// surewake-random: random operations on every call of every strategy and discipline, from several threads, for as long
// as one likes; best under ThreadSanitizer or AddressSanitizer.
//
// A round takes one semaphore and lets its threads loose on it, each operation drawn by chance: all ways to acquire one
// or several permits, to give up (stopped, timed out, destroyed), to release, split, merge and forget, add_permits,
// reduce_permits, and close. Checked:
//   always      permits held never exceed permits that exist; who holds all of them writes a plain field that everybody
//               who holds one reads: a race for ThreadSanitizer where exclusion or visibility is broken
//   meanwhile   the watchdog: 30 s without a single step end the program, and it says who waits for what
//   at the end  nobody waits; available == max_permits() == created - forgotten - reduced; nothing is in use
// No operation holds a permit while it waits for another, and there are always as many permits as anybody asks for: so
// every round must come to its end.
// Exit status  0 all held · 134 (abort) a law was broken · 64 usage.
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/queues/iocp_port.hpp>
#include <surewake/queues/strategies.hpp>
#include <surewake/semaphore.hpp>
#if __has_include(<liburing.h>)
#include <surewake/queues/uring_futex.hpp>
#endif

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace surewake;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

struct options {
  double seconds = 10;
  unsigned threads = 4;
  std::uint64_t seed = std::random_device{}();
};

enum class op : std::size_t {
  acquire, acquire_stop, acquire_stopped, acquire_for, acquire_until, acquire_on_pool, acquire_on_inline,
  acquire_on_stop_limit, two_at_once, released_elsewhere, blocking, blocking_no_spin, blocking_stop_limit, try_acquire,
  try_for, try_until, destroyed, short_lived, change_number, snapshots, count
};
constexpr std::size_t ops = static_cast<std::size_t>(op::count);
constexpr std::array<char const*, ops> op_names = {
    "acquire", "acquire(stop)", "acquire(stopped meanwhile)", "acquire_for", "acquire_until", "acquire_on(pool)",
    "acquire_on(inline)", "acquire_on(pool, stop, limit)", "two at once, timed", "released on another thread",
    "acquire_blocking", "acquire_blocking, no spin", "acquire_blocking(stop, limit)", "try_acquire", "try_acquire_for",
    "try_acquire_until", "destroyed while waiting", "semaphore gone at once", "add, reduce, forget", "snapshots"};

struct totals {
  std::array<std::atomic<std::uint64_t>, ops> started{};
  std::atomic<std::uint64_t> granted{0}, empty{0}, closed{0}, rounds{0};
};

/// What the watchdog looks at, and what is printed when a law is broken.
struct {
  std::atomic<std::uint64_t> steps{0};
  std::atomic<std::uint64_t> seed{0};
  std::atomic<char const*> semaphore{"none"};
} now;

[[noreturn]] void broken(std::string const& what) {
  std::fprintf(stderr, "surewake-random: BROKEN: %s (%s, round seed %llu)\n", what.c_str(), now.semaphore.load(),
               static_cast<unsigned long long>(now.seed.load()));
  std::abort();
}

/// A generator for each task, so that tasks share nothing.
class dice {
 public:
  explicit dice(std::uint64_t seed) noexcept : state_(seed * 0x9E37'79B9'7F4A'7C15U | 1U) {}
  std::uint64_t below(std::uint64_t n) noexcept {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return (state_ >> 11) % n;
  }
  bool one_in(std::uint64_t n) noexcept { return below(n) == 0; }
  dice another() noexcept { return dice(below(std::uint64_t{1} << 40)); }

 private:
  std::uint64_t state_;
};

/// Counts a coroutine while its frame lives.
class counted {
 public:
  explicit counted(std::atomic<std::int64_t>& c) noexcept : count_(&c) { c.fetch_add(1); }
  counted(counted&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
  counted& operator=(counted&&) = delete;
  ~counted() {
    if (count_ != nullptr) count_->fetch_sub(1);
  }

 private:
  std::atomic<std::int64_t>* count_;
};

/// A coroutine that is destroyed with this object, wherever it is suspended.
class doomed {
 public:
  struct promise_type {
    doomed get_return_object() noexcept { return doomed{std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
  doomed(doomed&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  doomed& operator=(doomed&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~doomed() { end(); }
  void end() noexcept {
    if (auto const frame = std::exchange(frame_, nullptr)) frame.destroy();
  }

 private:
  explicit doomed(std::coroutine_handle<promise_type> h) noexcept : frame_(h) {}
  std::coroutine_handle<promise_type> frame_;
};

/// What a thread has beside it: nothing.
struct no_loop {
  void poll() const noexcept {}
};
template <class S> struct companion {
  using type = no_loop;
};
/// Where the strategy waits at ports: a loop, if this is Windows.
template <class Discipline, template <class> class Queue>
  requires std::same_as<strategy<Queue>, strategy<iocp_port>>
struct companion<basic_semaphore<Queue, std_platform, Discipline>> {
  using type = typename Queue<std_platform>::loop_type;
};
#if __has_include(<liburing.h>)
/// Where the strategy knows of rings, and the kernel has them: a loop.
class maybe_loop {
 public:
  maybe_loop() {
    if (uring_support::probe().futex) loop_.emplace();
  }
  void poll() {
    if (loop_) loop_->poll();
  }

 private:
  std::optional<uring_loop> loop_;
};
template <class Discipline> struct companion<basic_semaphore<uring_futex, std_platform, Discipline>> {
  using type = maybe_loop;
};
template <class Discipline> struct companion<basic_semaphore<uring_futex_per_waiter, std_platform, Discipline>> {
  using type = maybe_loop;
};
#endif

template <class S> class round_of {
  using permit = typename S::permit;

 public:
  round_of(options const& o, std::uint64_t seed, totals& t)
      : threads_(o.threads), seed_(seed), totals_(t),
        most_(seed % 2 == 0 ? 3 : 1 + static_cast<std::int64_t>(seed % 3)), elastic_(seed / 2 % 3 == 0),
        closes_(seed / 2 % 5 == 1), semaphore_(most_), unheld_(most_) {}

  void run(std::chrono::milliseconds length) {
    auto const until = steady::now() + length;
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < threads_; ++i) {
      threads.emplace_back([this, i, until] {
        dice const d(seed_ * 131 + i);
        i % 2 == 0 ? work<no_loop>(d, until) : work<typename companion<S>::type>(d, until);
      });
    }
    if (closes_) {
      std::this_thread::sleep_for(length / 2);
      semaphore_.close();
      if (!semaphore_.is_closed()) broken("is_closed() is false after close()");
    }
    for (auto& t : threads) t.join();
    stop_.request_stop();
    while (tasks_.load() != 0) std::this_thread::sleep_for(50us);
    check_rest();
    totals_.rounds.fetch_add(1);
  }

 private:
  void check_rest() {
    auto const& s = semaphore_;
    auto const check = [&](bool holds, char const* what) {
      if (holds) return;
      broken(std::string(what) + ": available " + std::to_string(s.available_permits()) + ", max " +
             std::to_string(s.max_permits()) + ", in use " + std::to_string(s.in_use()) + ", waiters " +
             std::to_string(s.waiters()) + ", expected " + std::to_string(unheld_.load()));
    };
    check(s.waiters() == 0, "somebody waits at the end");
    check(s.max_permits() == unheld_.load(), "max_permits() is not what was created less what is gone");
    check(s.available_permits() == s.max_permits(), "permits were lost or doubled");
    check(s.in_use() == 0, "something is in use at rest");
    if (closes_) return;
    auto const all = semaphore_.try_acquire(s.max_permits());
    check(all.has_value(), "not all permits can be had");
  }

  // unheld_ = permits that exist less those held. It grows before permits come and shrinks after they have gone, so
  // that it is never negative unless one permit was given to two.
  void enter(std::int64_t n) {
    if (unheld_.fetch_sub(n) < n) broken("more permits are held than exist");
  }
  void leave(std::int64_t n) { unheld_.fetch_add(n); }

  /// Uses a permit that was granted, and gives it back.
  void use(permit p, dice& d) {
    std::int64_t const n = p.count();
    if (n < 1 || n > most_) broken("a permit of " + std::to_string(n) + " was granted");
    enter(n);
    totals_.granted.fetch_add(1, std::memory_order_relaxed);
    if (!elastic_) {
      if (n == most_) {
        ++plain_;
      } else if (plain_ < 0) {
        broken("the plain field holds nonsense");
      }
    }
    if (d.one_in(8)) std::this_thread::yield();
    if (n > 1 && d.one_in(4)) {
      auto part = p.split(static_cast<std::ptrdiff_t>(1 + d.below(static_cast<std::uint64_t>(n))));
      leave(part.count());
      part.release();
    }
    if (d.one_in(8)) {
      if (auto more = semaphore_.try_acquire()) {
        enter(1);
        p.merge(std::move(*more));
      }
    }
    leave(p.count());
  }
  void use(std::optional<permit> p, dice& d) {
    if (p) return use(std::move(*p), d);
    totals_.empty.fetch_add(1, std::memory_order_relaxed);
  }

  void note_closed() {
    if (!closes_) broken("closed_error from a semaphore that nobody closed");
    totals_.closed.fetch_add(1, std::memory_order_relaxed);
  }

  // The coroutines. Acquire makes an awaitable.

  template <class Acquire> task<> visit(counted, Acquire acquire, dice d) {
    try {
      for (auto left = 1 + d.below(3); left != 0; --left) {
        use(co_await acquire(), d);
        ++now.steps;
      }
    } catch (closed_error const&) {
      note_closed();
    }
  }
  template <class Acquire> void launch(dice& d, Acquire acquire) {
    start_detached(visit(counted(tasks_), std::move(acquire), d.another()));
  }

  task<> two_at_once(counted, std::ptrdiff_t n, std::chrono::microseconds limit, dice d) {
    try {
      auto got = co_await when_all(semaphore_.acquire_for(limit), semaphore_.acquire_for(limit, n));
      use(std::move(std::get<0>(got)), d);
      use(std::move(std::get<1>(got)), d);
    } catch (closed_error const&) {
      note_closed();
    }
  }

  task<> released_elsewhere(counted, std::ptrdiff_t n, dice d) {
    try {
      permit p = co_await semaphore_.acquire(n);
      co_await thread_pool::shared().schedule();
      use(std::move(p), d);
    } catch (closed_error const&) {
      note_closed();
    }
  }

  static doomed wait(S& limit, manual_executor* ex, std::ptrdiff_t n) {
    if (ex != nullptr) {
      auto const p = co_await limit.acquire_on(*ex, n);
    } else {
      auto const p = co_await limit.acquire_for(1h, n);
    }
  }

  /// Destroys waiters. A thread may do that if it keeps grants away from them meanwhile: the semaphore is its own here.
  static void destroy_waiters(dice& d) {
    S own(static_cast<std::ptrdiff_t>(d.below(2)));
    manual_executor ex;
    {
      std::vector<doomed> waiting;
      for (int i = 0; i < 4; ++i) {
        waiting.push_back(wait(own, d.one_in(2) ? &ex : nullptr, static_cast<std::ptrdiff_t>(1 + d.below(3))));
      }
      while (!waiting.empty()) {
        if (d.one_in(2)) own.add_permits(static_cast<std::ptrdiff_t>(1 + d.below(2)));
        if (d.one_in(3)) ex.run_one();
        auto const victim = waiting.begin() + static_cast<std::ptrdiff_t>(d.below(waiting.size()));
        std::swap(*victim, waiting.back());
        waiting.pop_back();
      }
    }
    if (own.waiters() != 0 || own.available_permits() != own.max_permits()) broken("a destroyed waiter kept something");
  }

  /// A semaphore that the thread destroys which gets its only permit.
  void short_lived(dice& d) {
    auto const own = std::make_unique<S>(0);
    start_detached([](counted, S& limit) -> task<> {
      co_await thread_pool::shared().schedule();
      limit.add_permits(1);
    }(counted(tasks_), *own));
    if (d.one_in(2)) {
      sync_wait(own->acquire()).forget();
    } else {
      own->acquire_blocking(1, {.spin = d.one_in(2) ? 0ns : 2us}).forget();
    }
  }

  void change_number(dice& d) {
    if (!elastic_) return;
    S& s = semaphore_;
    if (d.one_in(2)) {
      if (extra_.fetch_add(1) < 8) {
        leave(1);
        s.add_permits(1);
        removable_.fetch_add(1);
      } else {
        extra_.fetch_sub(1);
      }
    } else if (removable_.fetch_sub(1) < 1) {  // only those that were added: most_ remain
      removable_.fetch_add(1);
    } else {
      std::int64_t gone = 0;
      if (d.one_in(2)) {
        gone = s.reduce_permits(1);
      } else if (auto p = s.try_acquire()) {
        p->forget();
        gone = 1;
      }
      unheld_.fetch_sub(gone);
      extra_.fetch_sub(gone);
      if (gone == 0) removable_.fetch_add(1);
    }
  }

  void look() const {
    auto const& s = semaphore_;
    if (s.available_permits() < 0 || s.in_use() < 0) broken("a negative snapshot");
    std::ptrdiff_t const all = s.max_permits();
    if (all < most_ || all > most_ + 8) broken("max_permits() is " + std::to_string(all));
    if (s.waiters() > 1'000'000) broken("waiters() is " + std::to_string(s.waiters()));
  }

  /// A thread with a loop leaves it while its coroutines wait. It may not block for a permit that one of them could
  /// have been granted: they would not get to run.
  template <class Loop> void work(dice d, steady::time_point until) {
    Loop loop;
    while (steady::now() < until) {
      loop.poll();
      op const o = static_cast<op>(d.below(ops));
      if (!std::is_same_v<Loop, no_loop> && (o == op::blocking || o == op::blocking_no_spin || o == op::short_lived)) {
        continue;
      }
      if (o < op::blocking && tasks_.load() > 32 * static_cast<std::int64_t>(threads_)) continue;
      totals_.started[static_cast<std::size_t>(o)].fetch_add(1, std::memory_order_relaxed);
      try {
        step(o, d);
      } catch (closed_error const&) {
        note_closed();
      }
      ++now.steps;
    }
  }

  void step(op o, dice& d) {
    S& s = semaphore_;
    auto const n = static_cast<std::ptrdiff_t>(1 + (d.one_in(2) ? d.below(static_cast<std::uint64_t>(most_)) : 0));
    auto const limit = std::chrono::microseconds(d.below(300));
    switch (o) {
      case op::acquire: return launch(d, [&s, n] { return s.acquire(n); });
      case op::acquire_stop: return launch(d, [&s, n, t = stop_.get_token()] { return s.acquire(t, n); });
      case op::acquire_stopped: {
        std::stop_source source;
        launch(d, [&s, n, t = source.get_token()] { return s.acquire(t, n); });
        if (d.one_in(2)) std::this_thread::yield();
        source.request_stop();
        return;
      }
      case op::acquire_for: return launch(d, [&s, n, limit] { return s.acquire_for(limit, n); });
      case op::acquire_until:
        return launch(d, [&s, n, limit] { return s.acquire_until(std::chrono::system_clock::now() + limit, n); });
      case op::acquire_on_pool: return launch(d, [&s, n] { return s.acquire_on(thread_pool::shared(), n); });
      case op::acquire_on_inline: return launch(d, [this, n] { return semaphore_.acquire_on(inline_, n); });
      case op::acquire_on_stop_limit:
        return launch(d, [&s, n, limit, t = stop_.get_token()] {
          return s.acquire_on(thread_pool::shared(), t, limit, n);
        });
      case op::two_at_once: return start_detached(two_at_once(counted(tasks_), n, limit, d.another()));
      case op::released_elsewhere: return start_detached(released_elsewhere(counted(tasks_), n, d.another()));
      case op::blocking: return use(s.acquire_blocking(n), d);
      case op::blocking_no_spin: return use(s.acquire_blocking(n, {.spin = 0ns}), d);
      case op::blocking_stop_limit:
        return use(s.acquire_blocking(stop_.get_token(), limit, n, {.spin = d.one_in(2) ? 0ns : 2us}), d);
      case op::try_acquire: return use(s.try_acquire(n), d);
      case op::try_for: return use(s.try_acquire_for(limit, n, {.spin = 0ns}), d);
      case op::try_until: return use(s.try_acquire_until(steady::now() + limit, n), d);
      case op::destroyed: return destroy_waiters(d);
      case op::short_lived: return short_lived(d);
      case op::change_number: return change_number(d);
      case op::snapshots: return look();
      case op::count: return;
    }
  }

  unsigned threads_;
  std::uint64_t seed_;
  totals& totals_;
  std::int64_t most_;   // permits that always exist, and the most that anybody asks for
  bool elastic_;        // permits are added and removed
  bool closes_;
  S semaphore_;
  inline_executor inline_;
  std::stop_source stop_;
  std::atomic<std::int64_t> tasks_{0};
  std::atomic<std::int64_t> unheld_;
  std::atomic<std::int64_t> extra_{0}, removable_{0};  // permits beyond most_; those nobody is removing
  std::int64_t plain_ = 0;  // guarded by the semaphore, where not elastic: written by who holds all permits
};

struct entry {
  std::string name;
  std::function<void(options const&, std::uint64_t, totals&)> run;
};

template <template <class> class Queue> void add(std::vector<entry>& all, std::string const& name) {
  auto const add_one = [&]<class S>(std::type_identity<S>) {
    all.push_back({name + ", " + S::discipline_type::name,
                   [](options const& o, std::uint64_t seed, totals& t) { round_of<S>(o, seed, t).run(200ms); }});
  };
  add_one(std::type_identity<basic_semaphore<Queue>>());
  if constexpr (detail::fits<Queue<std_platform>, barging>) {
    add_one(std::type_identity<basic_semaphore<Queue, std_platform, barging>>());
  }
}

/// segmented_queue as the checker sees it: rare paths are common.
template <class Platform> using small_segments = segmented_by<2>::queue<Platform>;

std::vector<entry> all_semaphores() {
  std::vector<entry> all;
  strategies::for_each([&]<template <class> class Queue>(strategy<Queue>) {
    if constexpr (included<strategy<Queue>>) add<Queue>(all, Queue<std_platform>::name);
  });
  add<small_segments>(all, "segments of 2 cells");
  return all;
}

/// Ends the program when nothing moves.
class watchdog {
 public:
  watchdog() : thread_([this] { watch(); }) {}
  watchdog(watchdog const&) = delete;
  watchdog& operator=(watchdog const&) = delete;
  ~watchdog() {
    {
      std::lock_guard const lock(mutex_);
      over_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

 private:
  void watch() {
    std::unique_lock lock(mutex_);
    std::uint64_t seen = now.steps;
    while (!changed_.wait_for(lock, 30s, [this] { return over_; })) {
      std::uint64_t const steps = now.steps;
      if (steps == seen) broken("nothing has moved for 30 s: somebody waits for a permit that nobody holds");
      seen = steps;
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;  // last: it uses what is above
};

/// Reads the value of an option; ends the program, with its name, the text and the limits, where it is not allowed.
template <class T> void read(char const* name, char const* text, T& value, T least, T most) {
  std::string_view const all = text == nullptr ? "" : text;
  auto const r = std::from_chars(all.data(), all.data() + all.size(), value);
  if (r.ec == std::errc() && r.ptr == all.data() + all.size() && value >= least && value <= most) return;
  std::ostringstream limits;
  limits << least << " to " << most;
  std::fprintf(stderr, "surewake-random: %s '%s': it must be from %s\n", name, text == nullptr ? "" : text,
               limits.str().c_str());
  std::exit(64);
}

}  // namespace

int main(int count, char** arguments) {
  options o;
  for (int i = 1; i < count; i += 2) {
    std::string_view const name = arguments[i];
    char const* const value = arguments[i + 1];  // a null pointer after the last
    if (name == "--seconds") {
      read("--seconds", value, o.seconds, 0.001, 31'536'000.0);
    } else if (name == "--threads") {
      read("--threads", value, o.threads, 1U, 256U);
    } else if (name == "--seed") {
      read("--seed", value, o.seed, std::uint64_t{0}, ~std::uint64_t{0});
    } else {
      std::fprintf(stderr, "surewake-random: '%s' is not expected; it takes --seconds S, --threads N, --seed S\n",
                   arguments[i]);
      return 64;
    }
  }
  std::printf("surewake-random --seconds %g --threads %u --seed %llu\n", o.seconds, o.threads,
              static_cast<unsigned long long>(o.seed));
  std::fflush(stdout);

  totals t;
  {
    watchdog const dog;
    auto const all = all_semaphores();
    auto const end = steady::now() + std::chrono::duration<double>(o.seconds);
    for (std::uint64_t round = 0; round < all.size() || steady::now() < end; ++round) {
      entry const& e = all[round % all.size()];
      now.seed = o.seed + round / all.size();
      now.semaphore = e.name.c_str();
      e.run(o, now.seed, t);
    }
  }
  for (std::size_t i = 0; i < ops; ++i) {
    std::printf("%12llu  %s\n", static_cast<unsigned long long>(t.started[i].load()), op_names[i]);
  }
  std::printf("%llu rounds: %llu permits granted, %llu waits given up, %llu ended by close; every law held\n",
              static_cast<unsigned long long>(t.rounds.load()), static_cast<unsigned long long>(t.granted.load()),
              static_cast<unsigned long long>(t.empty.load()), static_cast<unsigned long long>(t.closed.load()));
}
