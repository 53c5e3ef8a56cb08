// The engine's own check of progress: each kind of claim, kept, broken, and weaker than the source.
#include <surewake/core/platform/spin_lock.hpp>
#include <surewake/verify/engine/case.hpp>

#include <mutex>

namespace cases_of_engine_progress {

using namespace surewake;
using P = verify::checked_platform;
using verify::bounds;
using verify::labels;
using verify::scheduler;
using verify::verdict;
using word = P::atomic<std::uint32_t>;

struct in {
  explicit in(char const* operation) noexcept : name(operation) { P::begin_operation(name); }
  ~in() { P::end_operation(name); }
  in(in const&) = delete;
  in& operator=(in const&) = delete;
  char const* name;
};

/// A lock that is entered without a wait that the platform could see.
class naked_lock {
 public:
  void lock() noexcept {
    while (held_.exchange(1U, P::acquire) != 0U) P::yield();
  }
  void unlock() noexcept { held_.store(0U, P::release); }

 private:
  word held_{0U};
};

/// A lock whose waiters sleep in the kernel.
class sleeping_lock {
 public:
  void lock() noexcept {
    while (held_.exchange(1U, P::acquire) != 0U) P::futex_wait(held_, 1U);
  }
  void unlock() noexcept {
    held_.store(0U, P::release);
    P::futex_wake(&held_, 1);
  }

 private:
  word held_{0U};
};

/// Two may be inside: a thread waits only while both stall.
class room_for_two {
 public:
  void lock() noexcept {
    P::await(inside_, [](std::uint32_t n) { return n < 2U; }, P::relaxed);
    inside_.fetch_add(1U, P::acquire);
  }
  void unlock() noexcept { inside_.fetch_sub(1U, P::release); }

 private:
  word inside_{0U};
};

/// Both threads count under a lock.
template <class Lock, unsigned Threads = 2> struct locked {
  static constexpr unsigned threads = Threads;
  static constexpr std::array<char const*, 1> operations{"count"};
  void thread(unsigned) {
    in const operation("count");
    std::scoped_lock const hold(lock);
    counter.fetch_add(1U, P::relaxed);
  }
  void after() {
    if (counter.load(P::relaxed) != Threads) P::broken("somebody did not count");
  }
  Lock lock{};
  word counter{0U};
};

/// Both threads count without one; the second operation is called where the template argument says so.
template <bool Reads = true> struct counting {
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> operations{"count", "read"};
  void thread(unsigned) {
    {
      in const operation("count");
      counter.fetch_add(1U, P::relaxed);
    }
    if constexpr (Reads) {
      in const operation("read");
      static_cast<void>(counter.load(P::relaxed));
    }
  }
  void after() {}
  word counter{0U};
};

/// Both threads count by compare-exchange.
struct retrying {
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 1> operations{"count"};
  void thread(unsigned) {
    in const operation("count");
    std::uint32_t now = 0;
    while (!counter.compare_exchange_strong(now, now + 1, P::relaxed, P::relaxed)) {
    }
  }
  void after() {
    if (counter.load(P::relaxed) != 2U) P::broken("somebody did not count");
  }
  word counter{0U};
};

constexpr bounds everything{.search = scheduler::full, .schedules = 100'000};
constexpr bounds twice{.search = scheduler::bound, .schedules = 100'000, .context_bound = 2};

labels held(char const* variant, char const* claims) { return {.variant = variant, .claims = claims}; }
labels broken(char const* variant, char const* bug, char const* claims, verdict by) {
  return {.variant = variant, .bug = bug, .expect = by, .claims = claims};
}

verify::suite const cases =
    verify::suite("engine/progress", "Is a claim of progress that is kept told from one that is not?")
        .add<locked<P::mutex>>(held("mutex", "count blocking under mutex"), twice)
        .add<locked<spin_lock<P>>>(held("await", "count blocking under spin_lock"), twice)
        .add<locked<naked_lock>>(held("loop", "count blocking under engine_progress"), twice)
        .add<locked<sleeping_lock>>(held("futex", "count blocking under engine_progress"), twice)
        .add<retrying>(held("retry", "count lock-free"), everything)
        .add<counting<>>(held("count", "count wait-free in 1 step; read obstruction-free"), everything)
        .add<locked<P::mutex>>(broken("mutex", "lock_free", "count lock-free", verdict::blocked), twice)
        .add<locked<P::mutex>>(broken("mutex", "obstruction_free", "count obstruction-free", verdict::blocked), twice)
        .add<locked<P::mutex>>(broken("mutex", "elsewhere", "count blocking under spin_lock", verdict::blocked), twice)
        .add<locked<P::mutex>>(broken("mutex", "lock_free", "count lock-free", verdict::blocked))
        .add<locked<spin_lock<P>>>(broken("await", "lock_free", "count lock-free", verdict::blocked), twice)
        .add<locked<naked_lock>>(broken("loop", "lock_free", "count lock-free", verdict::blocked), twice)
        .add<locked<naked_lock>>(broken("loop", "lock_free", "count lock-free", verdict::blocked))
        .add<locked<sleeping_lock>>(broken("futex", "lock_free", "count lock-free", verdict::blocked), twice)
        .add<locked<room_for_two, 3>>(broken("all_but_one", "lock_free", "count lock-free", verdict::blocked), twice)
        .add<retrying>(broken("retry", "wait_free", "count wait-free in 1 step", verdict::too_many_steps), twice)
        .add<retrying>(broken("retry", "blocking", "count blocking under mutex", verdict::weak_claim), twice)
        .add<counting<>>(broken("count", "more_steps", "count wait-free in 2 steps; read lock-free",
                                verdict::weak_claim),
                         everything)
        .add<counting<false>>(broken("count", "never_called", "count and read lock-free", verdict::weak_claim),
                              everything);

}  // namespace cases_of_engine_progress
