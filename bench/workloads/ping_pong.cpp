// surewake/bench/workloads/ping_pong.cpp: two coroutines on one thread hand one permit to and fro.
//
// One operation = one hand-off: one release, and one acquire that has to suspend. `ping_pong_inline`: the releaser's
// thread resumes the waiter, by symmetric transfer. `ping_pong_executor`: the waiter resumes through a manual_executor.
// `two semaphores`: each player waits at its own, and adds a permit to the other's; permits are forgotten.
// Under barging an acquire that waits for an executor competes only when that runs it; by then the releaser has taken
// the permit again, and nothing is handed over: that combination is left out. A peer's
// tasks run on an executor that is hardly more than a queue.
#include <surewake/bench/measure/coroutine.hpp>
#include <surewake/bench/measure/strategies.hpp>
#include <surewake/bench/peers/peers.hpp>
#include <surewake/core/coroutine/manual_executor.hpp>

namespace surewake::bench {
namespace {

/// Counts how often the permit changed hands.
struct turns {
  unsigned last = 2;
  std::uint64_t changes = 0;
  void visit(unsigned me) noexcept {
    changes += static_cast<std::uint64_t>(last != me);
    last = me;
  }
};

template <class Semaphore>
probe inline_player(frame_arena&, Semaphore& s, turns& t, unsigned me, std::uint64_t rounds) {
  for (std::uint64_t i = 0; i < rounds; ++i) {
    auto const permit = co_await s.acquire();
    t.visit(me);
  }
}

template <class Semaphore>
probe executor_player(frame_arena&, Semaphore& s, manual_executor& ex, turns& t, unsigned me, std::uint64_t rounds) {
  for (std::uint64_t i = 0; i < rounds; ++i) {
    auto const permit = co_await s.acquire_on(ex);
    t.visit(me);
  }
}

/// Lets both players wait; then releases the permit they wait for, and `drive` runs them to their ends.
template <class Semaphore, class Make, class Drive>
sample timed_game(std::uint64_t n, Make make, Drive drive) {
  frame_arena arena(std::size_t{1} << 16);
  Semaphore s(1);
  turns t;
  std::uint64_t const rounds = (n + 1) / 2;
  auto permit = s.try_acquire();
  expect(permit.has_value(), "the permit is free at first");
  probe one = make(arena, s, t, 0U, rounds);
  probe two = make(arena, s, t, 1U, rounds);
  one.start();
  two.start();
  expect(s.waiters() == 2, "both wait");
  stopwatch watch;
  watch.start();
  permit->release();
  drive();
  watch.stop(static_cast<double>(2 * rounds));
  expect(one.done() && two.done(), "both players reach their ends");
  expect(t.changes == 2 * rounds, "the permit changes hands every time");
  expect(s.available_permits() == 1, "the permit is back");
  return watch.total();
}

template <class Semaphore>
sample timed_inline(std::uint64_t n) {
  return timed_game<Semaphore>(
      n, [](auto&&... with) { return inline_player(with...); }, [] {});
}

template <class Semaphore>
sample timed_executor(std::uint64_t n) {
  manual_executor ex;
  return timed_game<Semaphore>(
      n, [&](auto& arena, auto& s, auto&&... with) { return executor_player(arena, s, ex, with...); },
      [&] { ex.run(); });
}

/// Player 0 adds a permit to `there` and waits at `back`, the other one the other way round.
template <class Semaphore>
probe relay_player(frame_arena&, Semaphore& there, Semaphore& back, manual_executor& ex, turns& t, unsigned me,
                   std::uint64_t rounds) {
  for (std::uint64_t i = 0; i < rounds; ++i) {
    if (me == 0) there.add_permits(1);
    auto permit = co_await (me == 0 ? back : there).acquire_on(ex);
    permit.forget();
    t.visit(me);
    if (me == 1) back.add_permits(1);
  }
}

/// Times `drive`, which brings both players from where they wait to their ends.
template <class Drive>
sample timed_match(probe const& one, probe const& two, turns const& t, std::uint64_t rounds, Drive drive) {
  stopwatch watch;
  watch.start();
  drive();
  watch.stop(static_cast<double>(2 * rounds));
  expect(one.done() && two.done() && t.changes == 2 * rounds, "both reach their ends, by turns");
  return watch.total();
}

template <class Semaphore>
sample timed_relay(std::uint64_t n) {
  frame_arena arena(std::size_t{1} << 16);
  manual_executor ex;
  Semaphore there(1);
  Semaphore back(1);
  there.try_acquire()->forget();
  back.try_acquire()->forget();
  turns t;
  std::uint64_t const rounds = (n + 1) / 2;
  probe one = relay_player(arena, there, back, ex, t, 0U, rounds);
  probe two = relay_player(arena, there, back, ex, t, 1U, rounds);
  two.start();
  expect(there.waiters() == 1, "the second one waits");
  sample const timed = timed_match(one, two, t, rounds, [&] {
    one.start();
    ex.run();
  });
  expect(there.available_permits() == 0 && back.available_permits() == 0, "every permit was taken");
  return timed;
}

sample timed_peer_game(peer_game const& game, std::uint64_t n) {
  std::uint64_t const rounds = (n + 1) / 2;
  void* const prepared = game.prepare(rounds);
  stopwatch watch;
  watch.start();
  game.run(prepared);
  watch.stop(static_cast<double>(2 * rounds));
  expect(game.finish(prepared), "both players reach their ends by turns, every permit is back");
  return watch.total();
}

// The floors.

struct baton {
  std::coroutine_handle<> other;
};

probe transfer_player(frame_arena&, baton& mine, std::coroutine_handle<>& me, std::uint64_t rounds) {
  struct swap_over {
    baton& b;
    std::coroutine_handle<>& me;
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> self) const noexcept {
      me = self;
      return b.other;
    }
    void await_resume() const noexcept {}
  };
  for (std::uint64_t i = 0; i < rounds; ++i) co_await swap_over{mine, me};
}

sample timed_transfer(std::uint64_t n) {
  frame_arena arena(std::size_t{1} << 16);
  baton to_two;
  baton to_one;
  std::uint64_t const rounds = (n + 1) / 2;
  probe one = transfer_player(arena, to_two, to_one.other, rounds);
  probe two = transfer_player(arena, to_one, to_two.other, rounds);
  to_two.other = two.handle();
  to_one.other = one.handle();
  stopwatch watch;
  watch.start();
  one.start();
  watch.stop(static_cast<double>(2 * rounds));
  expect(one.done(), "the first one reaches its end");
  return watch.total();
}

probe suspending(frame_arena&, std::uint64_t& resumed) {
  for (;;) {
    co_await std::suspend_always{};
    keep(++resumed);
  }
}

sample timed_resume(std::uint64_t n) {
  frame_arena arena(std::size_t{1} << 16);
  std::uint64_t resumed = 0;
  probe p = suspending(arena, resumed);
  p.start();
  stopwatch watch;
  watch.start();
  for (std::uint64_t i = 0; i < n; ++i) p.start();
  watch.stop(static_cast<double>(n));
  expect(resumed == n, "every resumption arrives");
  return watch.total();
}

/// The least that hands a permit over by a count and a list: one RMW on the count and one spin-locked list operation on
/// either side. No permit object, no close, no withdrawal, no bound of the stack.
class hand_written_semaphore {
 public:
  struct node {
    hand_written_semaphore& limit;
    node* next = nullptr;
    std::coroutine_handle<> waiter{};

    bool await_ready() const noexcept { return limit.word_.fetch_sub(1, std::memory_order_acquire) > 0; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> h) noexcept {
      waiter = h;
      limit.lock();
      (limit.tail_ != nullptr ? limit.tail_->next : limit.head_) = this;
      limit.tail_ = this;
      limit.unlock();
      auto const ready = std::exchange(limit.ready_, {});
      return ready ? ready : std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };

  [[nodiscard]] node acquire() noexcept { return {*this}; }
  void release() noexcept {
    if (word_.fetch_add(1, std::memory_order_release) >= 0) return;
    lock();
    node* const first = head_;
    head_ = first->next;
    if (head_ == nullptr) tail_ = nullptr;
    unlock();
    ready_ = first->waiter;
  }
  [[nodiscard]] std::coroutine_handle<> take_ready() noexcept { return std::exchange(ready_, {}); }

 private:
  void lock() noexcept {
    while (locked_.exchange(1, std::memory_order_acquire) != 0) {
    }
  }
  void unlock() noexcept { locked_.store(0, std::memory_order_release); }

  std::atomic<std::int64_t> word_{0};
  std::atomic<std::uint32_t> locked_{0};
  node* head_ = nullptr;
  node* tail_ = nullptr;
  std::coroutine_handle<> ready_{};
};

probe hand_written_player(frame_arena&, hand_written_semaphore& limit, turns& t, unsigned me, std::uint64_t rounds) {
  for (std::uint64_t i = 0; i < rounds; ++i) {
    co_await limit.acquire();
    t.visit(me);
    limit.release();
  }
}

sample timed_hand_written(std::uint64_t n) {
  frame_arena arena(std::size_t{1} << 16);
  hand_written_semaphore limit;
  turns t;
  std::uint64_t const rounds = (n + 1) / 2;
  probe one = hand_written_player(arena, limit, t, 0, rounds);
  probe two = hand_written_player(arena, limit, t, 1, rounds);
  one.start();
  two.start();
  return timed_match(one, two, t, rounds, [&] {
    limit.release();
    while (auto const h = limit.take_ready()) h.resume();
  });
}

/// Waits for its turn in the executor's queue, and for nothing else.
struct hop {
  manual_executor& ex;
  work<std_platform> self{};

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) noexcept {
    self.set_handle(h);
    ex.post(self);
  }
  void await_resume() const noexcept {}
};

probe hopping_player(frame_arena&, manual_executor& ex, turns& t, unsigned me, std::uint64_t rounds) {
  for (std::uint64_t i = 0; i < rounds; ++i) {
    co_await hop{ex};
    t.visit(me);
  }
}

sample timed_hop(std::uint64_t n) {
  frame_arena arena(std::size_t{1} << 16);
  manual_executor ex;
  turns t;
  std::uint64_t const rounds = (n + 1) / 2;
  probe one = hopping_player(arena, ex, t, 0, rounds);
  probe two = hopping_player(arena, ex, t, 1, rounds);
  one.start();
  two.start();
  return timed_match(one, two, t, rounds, [&] { ex.run(); });
}

/// Hands over as hand_written_player does; the player that it lets go on waits in the executor's queue.
probe hand_written_hopper(frame_arena&, hand_written_semaphore& limit, manual_executor& ex, work<std_platform>& next,
                          turns& t, unsigned me, std::uint64_t rounds) {
  for (std::uint64_t i = 0; i < rounds; ++i) {
    co_await limit.acquire();
    t.visit(me);
    limit.release();
    if (auto const ready = limit.take_ready()) {
      next.set_handle(ready);
      ex.post(next);
    }
  }
}

sample timed_hand_written_on_executor(std::uint64_t n) {
  frame_arena arena(std::size_t{1} << 16);
  hand_written_semaphore limit;
  manual_executor ex;
  work<std_platform> next;  // one permit, and so one that is ready
  turns t;
  std::uint64_t const rounds = (n + 1) / 2;
  probe one = hand_written_hopper(arena, limit, ex, next, t, 0, rounds);
  probe two = hand_written_hopper(arena, limit, ex, next, t, 1, rounds);
  one.start();
  two.start();
  return timed_match(one, two, t, rounds, [&] {
    limit.release();
    next.set_handle(limit.take_ready());
    ex.post(next);
    ex.run();
  });
}

}  // namespace

void add_ping_pong(scenarios& all, effort const&) {
  scenario in_place{.workload = "ping_pong_inline",
                    .name = "one thread",
                    .waiters = 1,
                    .contestants = {{"symmetric transfer", kind::floor, &timed_transfer},
                                    {"hand-written", kind::floor, &timed_hand_written}}};
  scenario executor{.workload = "ping_pong_executor",
                    .name = "one thread",
                    .waiters = 1,
                    .contestants = {{"hand-written, executor", kind::floor, &timed_hand_written_on_executor},
                                    {"executor hop", kind::floor, &timed_hop},
                                    {"resume + suspend", kind::floor, &timed_resume}}};
  scenario relay = executor;
  relay.name = "two semaphores";
  relay.permits = 0;
  in_place.left_out = "peers: none resumes a waiter inside its release; ping_pong_executor has them";
  for_each_semaphore([&]<class M>(M const& m) {
    using semaphore = typename M::semaphore;
    in_place.contestants.push_back({m.name, kind::strategy, &timed_inline<semaphore>, {}, "hand-written"});
    if constexpr (std::same_as<typename semaphore::discipline_type, hand_off>) {
      executor.contestants.push_back({m.name, kind::strategy, &timed_executor<semaphore>});
    }
    relay.contestants.push_back({m.name, kind::strategy, &timed_relay<semaphore>});
  });
  for (peer const& p : peers()) {
    auto const add = [&p](scenario& to, peer_game const* game) {
      if (game == nullptr) return;
      to.contestants.push_back({p.name, kind::peer, [game](std::uint64_t n) { return timed_peer_game(*game, n); }});
    };
    add(executor, p.one_semaphore);
    add(relay, p.two_semaphores);
  }
  all.push_back(std::move(in_place));
  all.push_back(std::move(executor));
  all.push_back(std::move(relay));
}

}  // namespace surewake::bench
