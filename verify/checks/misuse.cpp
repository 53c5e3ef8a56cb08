// What the compiler refuses, and what it must not: misuse.py compiles this and compares. Each line that ends in
// `// error` must be one, each that ends in `// warning` must get one, and no other line may. (g++ 12 says nothing of
// what a co_await yields and nobody keeps: `// warning of clang`.)
#include <surewake/condition_variable.hpp>
#include <surewake/semaphore.hpp>
#include <surewake/shared_mutex.hpp>

using namespace std::chrono_literals;

namespace {

struct any_coroutine {
  struct promise_type {
    any_coroutine get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

}  // namespace

// A permit that is tested as a temporary is given back before the code that the test guards.
void tests_temporaries(surewake::semaphore& limit) {
  if (limit.try_acquire()) return;                         // error
  if (!limit.try_acquire(2)) return;                       // error
  while (limit.try_acquire_for(1ms)) return;               // error
  if (limit.try_acquire_until(std::chrono::system_clock::now())) return;  // error
  if (limit.try_acquire().has_value()) return;             // warning
  if (limit.try_acquire() != std::nullopt) return;         // error
  if (std::nullopt == limit.try_acquire()) return;         // error
  if (limit.try_acquire() && limit.is_closed()) return;    // error
  static_cast<void>(limit.try_acquire() ? 1 : 2);          // error
  bool const got(limit.try_acquire());                     // error
  if (*limit.try_acquire()) return;                        // error
  if (limit.acquire_blocking()) return;                    // error
  static_cast<void>(got);
}
surewake::task<> tests_stopped(surewake::semaphore& limit, std::stop_token stop) {
  if (co_await limit.acquire(stop)) co_return;             // error
}
surewake::task<> tests_timed(surewake::semaphore& limit) {
  if (co_await limit.acquire_for(5ms)) co_return;          // error
}
any_coroutine tests_elsewhere(surewake::semaphore& limit) {
  if (!co_await limit.acquire_for(5ms, 2)) co_return;      // error
}
any_coroutine tests_permit(surewake::semaphore& limit) {
  if (co_await limit.acquire()) co_return;                 // error
}

// A permit that nobody keeps is given back at once; an awaitable that nobody awaits does nothing.
surewake::optional_permit gives_permit();
surewake::task<> gives_task();
void discards(surewake::semaphore& limit, surewake::inline_executor& ex, std::stop_token stop) {
  limit.try_acquire();                                     // warning
  limit.try_acquire_for(1ms);                              // warning
  limit.try_acquire_until(std::chrono::steady_clock::now());  // warning
  limit.acquire_blocking();                                // warning
  limit.acquire();                                         // warning
  limit.acquire(stop);                                     // warning
  limit.acquire_for(1ms);                                  // warning
  limit.acquire_until(std::chrono::steady_clock::now());   // warning
  limit.acquire_on(ex);                                    // warning
  auto two = limit.acquire_blocking(2);
  two.split(1);                                            // warning
  gives_permit();                                          // warning
  gives_task();                                            // warning
}
surewake::task<> discards_awaited(surewake::semaphore& limit) {
  co_await limit.acquire();                                // warning of clang
}
surewake::task<> discards_timed(surewake::semaphore& limit) {
  co_await limit.acquire_for(1ms);                         // warning of clang
}

// The same of the guard of a mutex.
void tests_guards(surewake::mutex& m) {
  if (m.try_lock()) return;                                // error
  if (!m.try_lock_for(1ms)) return;                        // error
  if (m.lock_blocking()) return;                           // error
}
surewake::task<> tests_awaited_guards(surewake::mutex& m) {
  if (co_await m.lock_for(1ms)) co_return;                 // error
}
void discards_guards(surewake::mutex& m, surewake::inline_executor& ex, std::stop_token stop) {
  m.try_lock();                                            // warning
  m.try_lock_for(1ms);                                     // warning
  m.lock_blocking();                                       // warning
  m.lock();                                                // warning
  m.lock(stop);                                            // warning
  m.lock_for(1ms);                                         // warning
  m.lock_on(ex);                                           // warning
}
surewake::task<> discards_awaited_guard(surewake::mutex& m) {
  co_await m.lock();                                       // warning of clang
}
void tests_shared_guards(surewake::shared_mutex& m) {
  if (m.try_lock_shared()) return;                         // error
  if (m.lock_shared_blocking()) return;                    // error
}
void discards_shared_guards(surewake::shared_mutex& m, surewake::inline_executor& ex, std::stop_token stop) {
  m.try_lock_shared();                                     // warning
  m.try_lock_shared_for(1ms);                              // warning
  m.lock_shared_blocking();                                // warning
  m.lock_shared();                                         // warning
  m.lock_shared(stop);                                     // warning
  m.lock_shared_for(1ms);                                  // warning
  m.lock_shared_on(ex);                                    // warning
  surewake::shared_mutex::downgrade(m.lock_blocking());    // warning
}
void downgrades_named_guard(surewake::shared_mutex& m) {
  auto held = m.lock_blocking();
  auto const read = surewake::shared_mutex::downgrade(held);  // error
}
void discards_waits(surewake::condition_variable& c, surewake::guard& held, std::stop_token stop) {
  c.wait(held);                                            // warning
  c.wait(held, stop);                                      // warning
  c.wait(held, [] { return true; });                       // warning
  c.wait_for(held, 1ms);                                   // warning
}
surewake::task<> awaits_wait_twice(surewake::condition_variable& c, surewake::guard& held) {
  auto a = c.wait(held);
  co_await a;                                              // error
}

// What is awaited by name could be awaited twice.
surewake::task<> awaits_twice(surewake::semaphore& limit) {
  auto a = limit.acquire();
  auto const p = co_await a;                               // error
}
surewake::task<> awaits_timed_twice(surewake::semaphore& limit) {
  auto a = limit.acquire_for(1ms);
  auto const p = co_await a;                               // error
}
any_coroutine awaits_elsewhere(surewake::semaphore& limit, surewake::inline_executor& ex) {
  auto a = limit.acquire_on(ex);
  auto const p = co_await a;                               // error
}
surewake::task<> awaits_task_twice(surewake::semaphore& limit) {
  auto t = awaits_twice(limit);
  co_await t;                                              // error
}

// Copies of what is one's own.
void copies(surewake::semaphore& limit) {
  auto const p = limit.try_acquire();
  auto const q = p;                                        // error
  auto const r = *p;                                       // error
}

void copies_guard(surewake::mutex& m) {
  auto const g = m.lock_blocking();
  auto const h = g;                                        // error
}

// All of this is right.
surewake::task<> waits(surewake::mutex& m, surewake::condition_variable& c, std::stop_token stop) {
  auto held = co_await m.lock();
  co_await c.wait(held);
  co_await c.wait(held, stop);  // whether it was notified says the predicate of one's own
  if (co_await c.wait_for(held, 1ms, [] { return true; })) held.unlock();
  auto a = c.wait(held);
  co_await std::move(a);
}
void named(surewake::semaphore& limit) {
  if (auto p = limit.try_acquire()) p->release();
  if (auto const p = limit.try_acquire_for(1ms); p && p.has_value()) return;
  if (auto p = limit.try_acquire(); p != std::nullopt) p.reset();
  while (auto const p = limit.try_acquire(3)) return;
  std::optional<surewake::permit> kept = limit.try_acquire();
  if (!kept) kept = limit.try_acquire(2);
  surewake::optional_permit ours = limit.try_acquire();
  ours = limit.acquire_blocking();
  ours = std::nullopt;
  ours = std::move(kept);
  auto one = limit.acquire_blocking();
  if (one) one.release();
  surewake::permit const had = std::move(limit.try_acquire()).value();
  surewake::permit const mine = *limit.try_acquire();
  static_cast<void>(limit.try_acquire());
}
any_coroutine named_awaits(surewake::semaphore& limit, std::stop_token stop) {
  if (auto const p = co_await limit.acquire(stop)) co_return;
  if (auto const p = co_await limit.acquire_for(1ms); !p) co_return;
  auto a = limit.acquire(2);
  auto const p = co_await std::move(a);
  auto b = limit.acquire_for(1ms);
  auto const q = co_await std::move(b);
}
