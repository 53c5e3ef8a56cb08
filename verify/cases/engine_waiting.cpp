// The engine's own check, waiting: a signal that does not come is a deadlock, and one that comes is not.
#include <surewake/verify/engine/case.hpp>

#include <mutex>

namespace cases_of_engine_waiting {

using namespace surewake;
using P = verify::checked_platform;
using verify::scheduler;
using verify::verdict;
using word = P::atomic<std::uint32_t>;

constexpr auto is_one = [](std::uint32_t v) { return v == 1U; };

/// One thread awaits a word that the other changes, or does not.
template <bool Signalled> struct awaiting {
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"signaller", "waiter"};
  void thread(unsigned i) {
    if (i == 1) {
      P::await(x, is_one, P::acquire);
    } else if constexpr (Signalled) {
      x.store(1U, P::release);
    }
  }
  void after() {}
  [[nodiscard]] std::string state() const { return "the word is " + std::to_string(x.load(P::relaxed)); }
  word x{0U};
};

enum class wake { after_store, before_store, never };

/// A futex sleeper, and a waker in one of three orders. The kernel looks at the value again before it sleeps.
template <wake When> struct futex {
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"waker", "sleeper"};
  void thread(unsigned i) {
    if (i == 1) {
      while (x.load(P::acquire) == 0U) P::futex_wait(x, 0U);
      return;
    }
    if constexpr (When == wake::before_store) P::futex_wake(&x, 1);
    x.store(1U, P::release);
    if constexpr (When == wake::after_store) P::futex_wake(&x, 1);
  }
  void after() {}
  word x{0U};
};

/// Two sleepers, one wake of one: the other one sleeps on.
struct one_wake_for_two {
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"waker", "first", "second"};
  void thread(unsigned i) {
    if (i == 0) {
      x.store(1U, P::release);
      P::futex_wake(&x, 1);
    } else {
      while (x.load(P::acquire) == 0U) P::futex_wait(x, 0U);
    }
  }
  void after() {}
  word x{0U};
};

/// A futex may return for no reason: a caller that takes a return for a wake is wrong.
struct spurious_wake {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      done.store(1U, P::seq_cst);
      x.store(1U, P::seq_cst);
      P::futex_wake(&x, 1);
    } else {
      P::futex_wait(x, 0U);
      if (done.load(P::seq_cst) == 0U) P::broken("a return of futex_wait is a wake");
    }
  }
  void after() {}
  word x{0U};
  word done{0U};
};

/// Nobody wakes: the time-out must end the wait, and the clock must have passed the deadline.
struct time_out {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i != 0) return;
    auto const deadline = P::now() + std::chrono::seconds{1};
    while (P::futex_wait_until(x, 0U, deadline)) {
    }
    if (P::now() < deadline) P::broken("after a time-out the deadline has passed");
    if (P::futex_wait_until(x, 0U, deadline)) P::broken("a deadline in the past does not wait");
  }
  void after() {}
  word x{0U};
};

/// The wake comes, or the time is over first: both must happen.
template <bool ClaimsWake> struct wake_or_time_out {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      x.store(1U, P::release);
      P::futex_wake(&x, 1);
    } else {
      bool in_time = true;
      auto const deadline = P::now() + std::chrono::seconds{1};
      while (in_time && x.load(P::acquire) == 0U) in_time = P::futex_wait_until(x, 0U, deadline);
      if (in_time != ClaimsWake) P::broken("it always ends the same way");
    }
  }
  void after() {}
  word x{0U};
};

/// Two mutexes, locked in the same order or in opposite ones.
template <bool Opposite> struct two_locks {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    std::size_t const first = Opposite ? i : 0;
    std::lock_guard const outer(m[first]);
    std::lock_guard const inner(m[1 - first]);
    data.set(data.get() + 1);
  }
  void after() {
    if (data.get() != 2) P::broken("both were inside");
  }
  std::array<P::mutex, 2> m{};
  P::plain<int> data{0};
};

enum class misuse { twice, foreign, held };

template <misuse How> struct mutex_misuse {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      m.lock();
      if constexpr (How == misuse::twice) m.lock();
      if constexpr (How == misuse::foreign) locked.store(1U, P::release);
    } else if constexpr (How == misuse::foreign) {
      P::await(locked, is_one, P::acquire);
      m.unlock();
    }
  }
  void after() {}
  P::mutex m;
  word locked{0U};
};

/// Two threads that give way to each other for ever.
struct politeness {
  static constexpr unsigned threads = 2;
  void thread(unsigned) {
    while (x.load(P::relaxed) == 0U) P::yield();
  }
  void after() {}
  word x{0U};
};

enum class wait { awaits, sleeps, locks, looks };

/// What it waits for in its destructor a thread has done, or has not. Nothing else runs by then.
template <wait How, bool Done> struct waits_at_the_end {
  static constexpr unsigned threads = 2;
  ~waits_at_the_end() {
    if constexpr (How == wait::awaits) P::await(done, is_one, P::acquire);
    if constexpr (How == wait::sleeps) {
      while (done.load(P::acquire) == 0U) P::futex_wait(done, 0U);
    }
    if constexpr (How == wait::locks) std::lock_guard const again(held);
    if constexpr (How == wait::looks) {
      while (done.load(P::acquire) == 0U) {
      }
    }
  }
  void thread(unsigned i) {
    if constexpr (How == wait::locks) {
      if (i == 0) held.lock();
      if (i == 0 && Done) held.unlock();
    } else if (i == 0 && Done) {
      done.store(1U, P::release);
    }
  }
  void after() {}
  word done{0U};
  P::mutex held;
};

verify::bounds const full{.search = scheduler::full, .schedules = 5'000'000, .seconds = 60};

verify::suite const awaits =
    verify::suite("engine/await", "One thread awaits a word: does it wake when the word changes, and only then?")
        .add<awaiting<true>>({}, full)
        .add<awaiting<false>>({.bug = "no_signal", .expect = verdict::deadlock}, full);

verify::suite const futexes =
    verify::suite("engine/futex", "A thread sleeps on a futex word: which wakes reach it?")
        .add<futex<wake::after_store>>({}, full)
        .add<futex<wake::after_store>>({.variant = "random"})
        .add<futex<wake::before_store>>({.bug = "wake_before_store", .expect = verdict::deadlock}, full)
        .add<futex<wake::never>>({.bug = "no_wake", .expect = verdict::deadlock}, full)
        .add<one_wake_for_two>({.bug = "one_wake_for_two", .expect = verdict::deadlock})
        .add<spurious_wake>({.bug = "return_taken_for_wake", .expect = verdict::broken_law})
        .add<spurious_wake>({.bug = "return_taken_for_wake", .expect = verdict::broken_law}, full)
        .add<time_out>({.variant = "time_out"}, full)
        .add<wake_or_time_out<true>>({.bug = "always_woken", .expect = verdict::broken_law}, full)
        .add<wake_or_time_out<false>>({.bug = "always_times_out", .expect = verdict::broken_law}, full);

verify::suite const mutexes =
    verify::suite("engine/mutex", "Does a mutex exclude, order and deadlock as mutexes do?")
        .add<two_locks<false>>({}, full)
        .add<two_locks<true>>({.bug = "opposite_order", .expect = verdict::deadlock}, full)
        .add<mutex_misuse<misuse::twice>>({.bug = "locked_twice", .expect = verdict::mutex_misuse})
        .add<mutex_misuse<misuse::foreign>>({.bug = "unlocked_by_another", .expect = verdict::mutex_misuse})
        .add<mutex_misuse<misuse::held>>({.bug = "destroyed_held", .expect = verdict::mutex_misuse});

// Relacy does not count the steps of what runs alone: there the loop has no end.
verify::bounds const graphs{.search = scheduler::graph, .schedules = 1'000'000, .seconds = 60};

verify::suite const ends =
    verify::suite("engine/end", "A model's destructor waits: does a wait for what no thread has done end the search?")
        .add<waits_at_the_end<wait::awaits, true>>({.variant = "awaits"}, full)
        .add<waits_at_the_end<wait::awaits, false>>({.bug = "awaits_in_vain", .expect = verdict::deadlock}, full)
        .add<waits_at_the_end<wait::sleeps, true>>({.variant = "sleeps"}, full)
        .add<waits_at_the_end<wait::sleeps, false>>({.bug = "sleeps_in_vain", .expect = verdict::deadlock}, full)
        .add<waits_at_the_end<wait::locks, true>>({.variant = "locks"}, full)
        .add<waits_at_the_end<wait::locks, false>>({.bug = "locks_in_vain", .expect = verdict::deadlock}, full)
        .add<waits_at_the_end<wait::looks, true>>({.variant = "looks"}, full)
        .add<waits_at_the_end<wait::looks, false>>({.bug = "looks_in_vain", .expect = verdict::livelock}, graphs);

verify::suite const livelocks =
    verify::suite("engine/livelock", "Is a schedule without an end seen?")
        .add<politeness>({.bug = "politeness", .expect = verdict::livelock})
        .add<politeness>({.bug = "politeness", .expect = verdict::livelock}, {.search = scheduler::bound});

}  // namespace cases_of_engine_waiting
