#include <surewake/verify/engine/graph/search.test.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdint>

// Futexes, deadlines, mutexes, loops that yield, and what happens without a reason. The numbers of executions are
// counted by hand, beside each model.

using namespace std::chrono_literals;
using surewake::verify::verdict;
using surewake::verify::graph::passes;
using surewake::verify::graph::search;
using surewake::verify::graph::search_outcome;
using P = surewake::verify::graph_platform;

namespace {

enum class wakes { after_store, before_store, never };

/// The sleeper's look comes first and sees 0 (it sleeps, and is woken) or 1; or the wake comes first, and it sees 1.
template <wakes When> struct sleep_and_wake {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) return P::futex_wait(word, 0);
    if (When == wakes::before_store) P::futex_wake(&word, 1);
    word.store(1, P::relaxed);
    if (When == wakes::after_store) P::futex_wake(&word, 1);
  }
  void after() {}
  P::atomic<std::uint32_t> word{0U};
};

/// Two sleeps of one thread, each as above. Nothing orders the two wakers.
struct sleeps_twice {
  static constexpr unsigned threads = 3;
  void thread(unsigned i) {
    if (i == 0) {
      P::futex_wait(words[0], 0);
      P::futex_wait(words[1], 0);
    } else {
      words[i - 1].store(1, P::relaxed);
      P::futex_wake(&words[i - 1], 1);
    }
  }
  void after() {}
  std::array<P::atomic<std::uint32_t>, 2> words{P::atomic<std::uint32_t>(0U), P::atomic<std::uint32_t>(0U)};
};

/// Two sleepers and a wake, in 6 orders. Both first: looks 00, 01, 11 in either order of the two. One first: 0 or 1, in
/// either order of the two. None first: one way, in either order.
template <int Sleepers> struct wakes_several {
  static constexpr unsigned threads = 3;
  void thread(unsigned i) {
    if (i != 0) return P::futex_wait(word, 0);
    word.store(1, P::relaxed);
    P::futex_wake(&word, Sleepers);
  }
  void after() {}
  P::atomic<std::uint32_t> word{0U};
};

/// The sleeper is woken; or it ends its sleep, and the wake comes before that sleep, before the second look, or last.
template <bool Wakes> struct sleeps_at_most {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      P::clock::time_point const deadline = P::now() + 1ms;
      bool const in_time = P::futex_wait_until(word, 0, deadline);
      if (in_time != (P::now() < deadline)) P::broken("the time is not that of the deadline");
      if (!in_time && P::futex_wait_until(word, 0, deadline)) P::broken("a deadline that has passed comes again");
    } else if (Wakes) {
      P::futex_wake(&word, 1);
    }
  }
  void after() {}
  P::atomic<std::uint32_t> word{0U};
};

/// The word is gone when its waker wakes.
struct word_goes {
  using word = P::atomic<std::uint32_t>;
  static constexpr unsigned threads = 2;
  word_goes() : it(std::construct_at(static_cast<word*>(P::allocate(sizeof(word), alignof(word))), 0U)) {}
  void thread(unsigned i) {
    if (i == 1) {
      it->store(1, P::release);
      return P::futex_wake(it, 1);
    }
    P::await(*it, [](std::uint32_t v) { return v == 1; }, P::acquire);
    std::destroy_at(it);
    P::deallocate(it, sizeof(word), alignof(word));
  }
  void after() {}
  word* it;
};

/// Sleeping and waking order nothing else.
struct wake_publishes_nothing {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 1) {
      data.set(1);
      word.store(1, P::relaxed);
      return P::futex_wake(&word, 1);
    }
    while (word.load(P::relaxed) == 0) P::futex_wait(word, 0);
    static_cast<void>(data.get());
  }
  void after() {}
  P::atomic<std::uint32_t> word{0U};
  P::plain<int> data{0};
};

enum class misuse { twice, tries_twice, anothers, ends_held };
template <misuse What> struct misuses {
  static constexpr unsigned threads = 1;
  misuses() {
    if (What == misuse::anothers) lock.lock();
  }
  void thread(unsigned) {
    if (What != misuse::anothers) lock.lock();
    if (What == misuse::twice) lock.lock();
    if (What == misuse::tries_twice) static_cast<void>(lock.try_lock());
    if (What == misuse::anothers) lock.unlock();
  }
  void after() {}
  P::mutex lock{};
};

/// Each round but the last reads 0.
template <bool Stores> struct looks_and_yields {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 1) return Stores ? flag.store(1, P::release) : void();
    while (flag.load(P::acquire) == 0) P::yield();
  }
  void after() {}
  P::atomic<int> flag{0};
};

struct yields_alone {
  static constexpr unsigned threads = 1;
  void thread(unsigned) {}
  void after() {
    for (;;) P::yield();
  }
};

/// The first one of two succeeds. If one of them fails without a reason, the other one succeeds.
struct two_weak {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    int expected = 0;
    won[i] = word.compare_exchange_weak(expected, 1, P::relaxed, P::relaxed);
    if (!won[i] && expected != 0 && expected != 1) P::broken("a value that was never there");
  }
  void after() {
    if (won[0] == won[1]) P::broken("both fail, or both succeed");
  }
  P::atomic<int> word{0};
  std::array<bool, 2> won{};
};

struct trusts_weak {
  static constexpr unsigned threads = 1;
  void thread(unsigned) {
    int expected = 0;
    if (!word.compare_exchange_weak(expected, 1, P::relaxed, P::relaxed)) P::broken("it failed without a reason");
  }
  void after() {}
  P::atomic<int> word{0};
};

void light(P::order o) { P::light_fence(o); }
void heavy(P::order o) { P::heavy_fence(o); }

/// Announces, then looks: with a light fence in one thread and a heavy one in the other, one of them sees the other.
template <void (*First)(P::order), void (*Second)(P::order)> struct announces {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    mine[i].store(1, P::relaxed);
    i == 0 ? First(P::seq_cst) : Second(P::seq_cst);
    seen[i] = mine[1 - i].load(P::relaxed);
  }
  void after() {
    if (seen[0] + seen[1] == 0) P::broken("neither sees the other");
  }
  std::array<P::atomic<int>, 2> mine{P::atomic<int>(0), P::atomic<int>(0)};
  std::array<int, 2> seen{};
};

}  // namespace

TEST_CASE("graph waiting: a wake that is missing or comes too early is a deadlock") {
  passes(search<sleep_and_wake<wakes::after_store>>({.rare = 0}), 3);
  CHECK(search<sleep_and_wake<wakes::before_store>>().result == verdict::deadlock);
  CHECK(search<sleep_and_wake<wakes::never>>().result == verdict::deadlock);
}

TEST_CASE("graph waiting: who sleeps again is woken again") { passes(search<sleeps_twice>({.rare = 0}), 9); }

TEST_CASE("graph waiting: a sleeper wakes without a reason, once") {
  search_outcome const found = search<sleep_and_wake<wakes::after_store>>();
  passes(found, 3);
  CHECK(found.spurious == 1);
}

TEST_CASE("graph waiting: as many wake as are woken") {
  passes(search<wakes_several<2>>({.rare = 0}), 12);
  CHECK(search<wakes_several<1>>({.rare = 0}).result == verdict::deadlock);
}

TEST_CASE("graph waiting: a deadline passes or does not, and a sleeper with one is never stuck") {
  passes(search<sleeps_at_most<true>>({.rare = 0}), 4);
  passes(search<sleeps_at_most<false>>({.rare = 0}), 1);
}

TEST_CASE("graph waiting: a wake uses the address only, and publishes nothing") {
  passes(search<word_goes>(), 1);
  CHECK(search<wake_publishes_nothing>().result == verdict::data_race);
}

TEST_CASE("graph waiting: misuse of a mutex") {
  CHECK(search<misuses<misuse::twice>>().result == verdict::mutex_misuse);
  CHECK(search<misuses<misuse::tries_twice>>().result == verdict::mutex_misuse);
  CHECK(search<misuses<misuse::anothers>>().result == verdict::mutex_misuse);
  CHECK(search<misuses<misuse::ends_held>>().result == verdict::mutex_misuse);
}

TEST_CASE("graph waiting: rounds of a loop that yields are bounded, and it shows") {
  search_outcome const found = search<looks_and_yields<true>>({.yields = 3});
  passes(found, 4);  // the number of rounds: 0 to 3
  CHECK(found.cut == 1);
  CHECK(search<looks_and_yields<false>>().result == verdict::livelock);
  CHECK(search<yields_alone>().result == verdict::livelock);
}

TEST_CASE("graph waiting: a weak compare-exchange fails without a reason, once") {
  search_outcome const found = search<two_weak>();
  passes(found, 2);
  CHECK(found.spurious == 2);
  CHECK(search<trusts_weak>().result == verdict::broken_law);
  passes(search<trusts_weak>({.rare = 0}), 1);
}

TEST_CASE("graph waiting: light and heavy fences") {
  passes(search<announces<light, heavy>>(), 3);
  passes(search<announces<heavy, heavy>>(), 3);
  CHECK(search<announces<light, light>>().result == verdict::broken_law);
}
