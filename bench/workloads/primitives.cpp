// surewake/bench/workloads/primitives.cpp: what is built over the same queues, beside peers that have the same thing.
//
// On one thread: `mutex` and `read`, one lock and unlock where nobody else wants it; `notify_all`, 1,000 coroutines
// that wait on a condition variable and lock the mutex again, and `event`, 1,000 that wait for one, per waiter;
// `channel`, one value from a coroutine to another, with room for 16. In contention, `mutex` and `read` in windows as
// in `contended`.
#include <surewake/bench/measure/contended_window.hpp>
#include <surewake/bench/measure/strategies.hpp>
#include <surewake/bench/peers/primitive_peer.hpp>
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/core/primitives/channel.hpp>
#include <surewake/core/primitives/condition_variable.hpp>
#include <surewake/core/primitives/event.hpp>
#include <surewake/core/primitives/shared_mutex.hpp>

#include <fmt/format.h>

#include <optional>
#include <string_view>

namespace surewake::bench {
namespace {

/// The calls of a mutex, and of a reader's side of one that is shared.
struct alone {
  template <class M> static auto lock(M& m) { return m.lock_blocking(); }
};
struct shared {
  template <class M> static auto lock(M& m) { return m.lock_shared_blocking(); }
};

template <class Mutex, class Side> [[gnu::noinline]] void lock_loop(Mutex& m, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) auto const held = Side::lock(m);
}
template <class Mutex, class Side> sample timed_locks(std::uint64_t n) {
  Mutex m;
  stopwatch watch;
  watch.start();
  lock_loop<Mutex, Side>(m, n);
  watch.stop(static_cast<double>(n));
  expect(!m.is_locked(), "it is unlocked");
  return watch.total();
}

/// What threads of a window lock.
template <class Mutex, class Side> struct ours {
  template <class... Discipline>
  explicit ours(Discipline... d) : mutex(d...), held(std::in_place, mutex.lock_blocking()) {}
  void open() { held.reset(); }
  [[nodiscard]] bool all_wait(unsigned threads) const { return mutex.waiters() == threads; }
  void contend(contention const& told) {
    for (std::uint64_t acquired = 0; !told.stop->load(std::memory_order_relaxed);) {
      auto const inside = Side::lock(mutex);
      if (told.inside != nullptr) ++*told.inside;
      told.acquired->store(++acquired, std::memory_order_relaxed);
    }
  }
  void rescue() {}
  [[nodiscard]] bool all_back() const { return !mutex.is_locked() && mutex.waiters() == 0; }
  Mutex mutex;
  std::optional<typename Mutex::guard> held;
};
struct theirs {
  explicit theirs(primitive_peer const& p) : who(p), lock(p.make()) {}
  void open() { who.open(lock); }
  [[nodiscard]] bool all_wait(unsigned) const { return false; }  // cannot be asked: they get the time
  void contend(contention const& told) { who.contend(lock, &told); }
  void rescue() {}
  [[nodiscard]] bool all_back() { return who.destroy(lock); }
  primitive_peer const& who;
  void* lock;
};

constexpr std::uint64_t crowd = 1'000;

template <template <class> class Queue> task<> wait_inside(basic_mutex<Queue>& m, basic_condition_variable<Queue>& c,
                                                           std::uint64_t& ended) {
  auto held = co_await m.lock();
  co_await c.wait(held);
  ++ended;
}
template <template <class> class Queue> sample timed_notify_all(std::uint64_t) {
  basic_mutex<Queue> m;
  basic_condition_variable<Queue> changed;
  std::uint64_t ended = 0;
  for (std::uint64_t i = 0; i < crowd; ++i) start_detached(wait_inside<Queue>(m, changed, ended));
  stopwatch watch;
  watch.start();
  {
    auto const held = m.lock_blocking();
    changed.notify_all();
  }
  watch.stop(crowd);
  expect(ended == crowd && !m.is_locked(), "every waiter was notified, and has left");
  return watch.total();
}

template <class Event> task<> hear(Event& e, std::uint64_t& heard) {
  co_await e.wait();
  ++heard;
}
template <template <class> class Queue> sample timed_event(std::uint64_t) {
  basic_manual_reset_event<Queue> event;
  std::uint64_t heard = 0;
  for (std::uint64_t i = 0; i < crowd; ++i) start_detached(hear(event, heard));
  stopwatch watch;
  watch.start();
  event.set();
  watch.stop(crowd);
  expect(heard == crowd, "every wait has ended");
  return watch.total();
}

template <class Channel> task<> receive_all(Channel& c, std::uint64_t& sum) {
  for (;;) {
    auto const value = co_await c.receive();
    if (!value) break;
    sum += *value;
  }
}
template <class Channel> task<> send_all(Channel& c, std::uint64_t n) {
  for (std::uint64_t i = 1; i <= n; ++i) {
    std::uint64_t value = i;
    co_await c.send(std::move(value));
  }
  c.close();
}
template <template <class> class Queue> sample timed_channel(std::uint64_t n) {
  basic_channel<std::uint64_t, Queue> values(16);
  std::uint64_t sum = 0;
  stopwatch watch;
  watch.start();
  start_detached(receive_all(values, sum));
  start_detached(send_all(values, n));
  watch.stop(static_cast<double>(n));
  expect(sum == n * (n + 1) / 2, "every value was received");
  return watch.total();
}

sample timed_game(peer_game const& game, std::uint64_t n) {
  void* const it = game.prepare(n);
  stopwatch watch;
  watch.start();
  game.run(it);
  watch.stop(static_cast<double>(n));
  expect(game.finish(it), "a peer did all that it was to do");
  return watch.total();
}

/// Calls f.operator()<Queue>(name) for each strategy that waits without a ring, and grants in order.
template <class F> void for_each_strategy(F&& f) {
  strategies::for_each([&]<template <class> class Queue>(strategy<Queue>) {
    if constexpr (included<strategy<Queue>>) {
      if (!std::string_view(Queue<std_platform>::name).starts_with("uring")) {
        f.template operator()<Queue>(std::string(Queue<std_platform>::name) + "/hand_off");
      }
    }
  });
}

void add_peers(scenario& add, std::string_view row, std::uint64_t n) {
  for (primitive_peer const& p : primitive_peers()) {
    if (p.row != row) continue;
    add.contestants.push_back({p.name, kind::peer, [&p, n](std::uint64_t operations) {
                                 return timed_game(*p.game, n == 0 ? operations : n);
                               }});
  }
}

/// A window of a lock; `permits`: 1 if one is inside at a time, else 0.
void add_window(scenarios& all, std::string_view row, unsigned threads, unsigned permits, effort const& e) {
  auto const window = e.smoke ? std::chrono::milliseconds{2} : std::chrono::milliseconds{40};
  scenario add{.workload = "primitives",
               .name = fmt::format("{}, {} threads", row, threads),
               .threads = threads,
               .permits = permits,
               .operations = 1,  // a window is as long as it is
               .weight = 3,
               .max_repeats = 20};
  auto const push = [&]<class M, class Side, class... D>(std::string name, std::type_identity<M>, Side, D... d) {
    add.contestants.push_back({std::move(name), kind::strategy, [=](std::uint64_t) {
                                 ours<M, Side> subject(d...);
                                 return timed_window(subject, threads, permits, window);
                               }});
  };
  for_each_strategy([&]<template <class> class Queue>(std::string const& name) {
    if (permits == 1) push(name, std::type_identity<basic_mutex<Queue>>(), alone());
    else push(name, std::type_identity<basic_shared_mutex<Queue>>(), shared());
  });
  if (permits == 1) {
    using unfair = basic_mutex<intrusive_list, std_platform, barging>;
    using bounded = basic_mutex<intrusive_list, std_platform, bounded_barging<>>;
    push("intrusive_list/barging", std::type_identity<unfair>(), alone());
    push(name_on_dial(64), std::type_identity<bounded>(), alone(), bounded_barging<>{.k = 64});
  }
  for (primitive_peer const& p : primitive_peers()) {
    if (p.row != row) continue;
    add.contestants.push_back({p.name, kind::peer, [=, &p](std::uint64_t) {
                                 theirs subject(p);
                                 return timed_window(subject, threads, permits, window);
                               }});
  }
  all.push_back(std::move(add));
}

}  // namespace

void add_primitives(scenarios& all, effort const& e) {
  scenario mutex{.workload = "primitives", .name = "mutex", .permits = 1};
  scenario read{.workload = "primitives", .name = "read", .permits = 0};
  scenario notify{.workload = "primitives", .name = "notify_all", .waiters = crowd, .operations = crowd};
  scenario event{.workload = "primitives", .name = "event", .waiters = crowd, .operations = crowd};
  scenario channel{.workload = "primitives", .name = "channel", .permits = 16};
  for_each_strategy([&]<template <class> class Queue>(std::string const& name) {
    mutex.contestants.push_back({name, kind::strategy, &timed_locks<basic_mutex<Queue>, alone>});
    read.contestants.push_back({name, kind::strategy, &timed_locks<basic_shared_mutex<Queue>, shared>});
    notify.contestants.push_back({name, kind::strategy, &timed_notify_all<Queue>});
    event.contestants.push_back({name, kind::strategy, &timed_event<Queue>});
    channel.contestants.push_back({name, kind::strategy, &timed_channel<Queue>});
  });
  add_peers(mutex, "mutex", 0);
  add_peers(read, "read", 0);
  add_peers(notify, "notify_all", crowd);
  add_peers(event, "event", crowd);
  add_peers(channel, "channel", 0);
  for (scenario* const s : {&mutex, &read, &notify, &event, &channel}) all.push_back(std::move(*s));
  for (unsigned const threads : {2U, 8U}) add_window(all, "mutex", threads, 1, e);
  add_window(all, "read", 2, 0, e);
}

}  // namespace surewake::bench
