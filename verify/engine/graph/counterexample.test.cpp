#include <surewake/models/published/protected_while_read.hpp>
#include <surewake/verify/engine/graph/counterexample.hpp>
#include <surewake/verify/engine/graph/search.test.hpp>
#include <surewake/verify/program/report.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>

using namespace surewake;
using verify::action;
using verify::verdict;
using verify::graph::counterexample;
using verify::graph::search_limits;
using verify::graph::search_outcome;
using P = verify::graph_platform;

namespace {

struct nothing_after {
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"writer", "reader"};
  void after() {}
};

template <P::order Store> struct message : nothing_after {
  void thread(unsigned i) {
    if (i == 0) {
      data.set(1);
      flag.store(1, Store);
    } else if (flag.load(P::acquire) == 1) {
      static_cast<void>(data.get());
    }
  }
  P::plain<int> data{0};
  P::atomic<int> flag{0};
};

template <P::order Store> struct message_by_atomics : nothing_after {
  void thread(unsigned i) {
    if (i == 0) {
      data.store(1, P::relaxed);
      flag.store(1, Store);
    } else if (flag.load(P::acquire) == 1 && data.load(P::relaxed) == 0) {
      P::broken("the message is not seen");
    }
  }
  P::atomic<int> data{0};
  P::atomic<int> flag{0};
};

struct store_buffering {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    mine[i].store(1, P::seq_cst);
    seen[i] = mine[1 - i].load(i == 0 ? P::acquire : P::seq_cst);
  }
  void after() {
    if (seen[0] + seen[1] == 0) P::broken("both threads saw nothing");
  }
  std::array<P::atomic<int>, 2> mine{P::atomic<int>(0), P::atomic<int>(0)};
  std::array<int, 2> seen{};
};

/// The same, but for the values.
struct stores_two : store_buffering {
  void thread(unsigned i) {
    mine[i].store(2, P::seq_cst);
    seen[i] = mine[1 - i].load(i == 0 ? P::acquire : P::seq_cst);
  }
};

/// A version beside a value, which two stores can set to the same.
struct loses_version {
  struct versioned {
    std::uint64_t value = 0;
    std::uint64_t version = 0;
  };
  static constexpr unsigned threads = 2;
  void thread(unsigned) {
    versioned const before = head.load(P::relaxed);
    head.store({1, before.version + 1}, P::relaxed);
  }
  void after() {
    if (head.load(P::relaxed).version != 2) P::broken("a version was lost");
  }
  P::atomic<versioned> head{};
};

/// An increment that is no RMW is lost in an interleaving, too.
struct loses_increment {
  static constexpr unsigned threads = 2;
  void thread(unsigned) { word.store(word.load(P::seq_cst) + 1, P::seq_cst); }
  void after() {
    if (word.load(P::relaxed) != 2) P::broken("an increment was lost");
  }
  P::atomic<int> word{0};
};

/// The waker looks whether somebody waits before it sees the sleeper.
struct sleeps_unseen {
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"sleeper", "waker"};
  sleeps_unseen() {
    shown_as<P>(permits, "permits");
    shown_as<P>(waiters, "waiters");
    shown_as<P>(word, "word", [](std::uint32_t v) { return std::string(v == 0 ? "asleep" : "awake"); });
  }
  void thread(unsigned i) {
    if (i == 0) {
      if (permits.load(P::seq_cst) != 0) return;
      waiters.store(1, P::seq_cst);
      P::futex_wait(word, 0);
    } else {
      permits.store(1, P::seq_cst);
      if (waiters.load(P::seq_cst) == 0) return;
      word.store(1, P::release);
      P::futex_wake(&word, 1);
    }
  }
  void after() {}
  [[nodiscard]] std::string state() const { return std::to_string(permits.load(P::relaxed)) + " permit free"; }
  P::atomic<int> permits{0};
  P::atomic<int> waiters{0};
  P::atomic<std::uint32_t> word{0U};
};

/// The wake comes before the sleep, because the word is stored too late.
struct wakes_too_early {
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"sleeper", "waker"};
  void thread(unsigned i) {
    if (i == 0) return P::futex_wait(word, 0);
    P::futex_wake(&word, 1);
    word.store(1, P::relaxed);
  }
  void after() {}
  P::atomic<std::uint32_t> word{0U};
};

struct waits_for_more : nothing_after {
  void thread(unsigned i) {
    if (i == 0) return word.store(1, P::release);
    static_cast<void>(P::await(word, [](int v) { return v == 2; }, P::acquire));
  }
  P::atomic<int> word{0};
};

struct keeps_lock : nothing_after {
  void thread(unsigned) { lock.lock(); }
  P::mutex lock{};
};

struct frees_early : nothing_after {
  using object = P::atomic<int>;
  frees_early() : it(std::construct_at(static_cast<object*>(P::allocate(sizeof(object), alignof(object))), 0)) {}
  void thread(unsigned i) {
    if (i == 1) return static_cast<void>(it->load(P::relaxed));
    std::destroy_at(it);
    P::deallocate(it, sizeof(object), alignof(object));
  }
  object* it;
};

struct fails_without_reason : nothing_after {
  void thread(unsigned i) {
    int expected = 0;
    if (i == 0 && !word.compare_exchange_weak(expected, 1, P::relaxed, P::relaxed)) P::broken("it failed");
  }
  P::atomic<int> word{0};
};

struct gives_up : nothing_after {
  void thread(unsigned i) {
    if (i == 0 && !P::futex_wait_until(word, 0, P::now() + std::chrono::milliseconds(1))) P::broken("time is over");
  }
  P::atomic<std::uint32_t> word{0U};
};

struct never_ends : nothing_after {
  void thread(unsigned i) {
    while (i == 0 && word.load(P::acquire) == 0) P::yield();
  }
  P::atomic<int> word{0};
};

/// Two steps of the same object, and one of a reader that sees them the wrong way round, with forty steps before them.
struct long_one : nothing_after {
  void thread(unsigned i) {
    if (i == 0) {
      for (int n = 0; n != 40; ++n) static_cast<void>(own.fetch_add(1, P::relaxed));
      data.store(1, P::relaxed);
      flag.store(1, P::relaxed);
    } else if (flag.load(P::acquire) == 1 && data.load(P::relaxed) == 0) {
      P::broken("the message is not seen");
    }
  }
  P::atomic<int> own{0};
  P::atomic<int> data{0};
  P::atomic<int> flag{0};
};

template <class M> counterexample found(search_limits const& limits = {}) {
  verify::model_type const type = verify::detail::type_of<M>();
  verify::graph::runtime r(type, limits);
  search_outcome const outcome = r.search();
  return explain(r, outcome);
}

template <class M> std::string report(counterexample const& c) {
  verify::test_case tested{.name = "a_model", .type = verify::detail::type_of<M>()};
  tested.what.question = "Does it hold?";
  verify::result_row row{.tested = &tested};
  copy_to(c, row.result.found);
  return trace_of(row, {});
}

/// Finds, tells, and replays the token in another runtime, as another process would.
template <class M> std::string told(verdict v, search_limits const& limits = {}) {
  counterexample const c = found<M>(limits);
  CHECK(c.found.result == v);
  verify::graph::token const t = verify::graph::parse_token(c.token);
  verify::model_type const type = verify::detail::type_of<M>();
  verify::graph::runtime other(type, limits_for(t));
  search_outcome const again = replay(other, t);
  CHECK(again.result == v);
  counterexample const d = explain(other, again);
  CHECK(d.token == c.token);
  CHECK(d.found.message == c.found.message);
  CHECK(d.notes == c.notes);
  std::string const text = report<M>(c);
  CHECK(std::count(text.begin(), text.end(), '\n') <= 30);
  return text;
}

/// Looks for a part, which the report may have broken into two lines.
void has(std::string const& text, std::string const& part) {
  INFO(text);
  std::string unbroken;
  for (std::size_t i = 0; i != text.size(); ++i) {
    unbroken += text[i] == '\n' ? ' ' : text[i];
    if (text.compare(i, 3, "\n  ") == 0 && text.compare(i + 3, 1, " ") != 0) i += 2;
  }
  CHECK(unbroken.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("graph counterexample: a race names both sides, what lost the order, and the order to raise") {
  std::string const text = told<message<P::relaxed>>(verdict::data_race);
  has(text, "data race: reader reads what writer writes at ");
  has(text, "step 1 and step 4 are not ordered: step 3 reads what step 2 stored, but the store is relaxed");
  has(text, "An interleaving has the same values");
  has(text, "(step 2) from relaxed to release.");
}

TEST_CASE("graph counterexample: a stale read names the store that it misses, and why nothing orders the two") {
  std::string const text = told<message_by_atomics<P::relaxed>>(verdict::broken_law);
  has(text, "= 0 (stale) relaxed");
  has(text, "step 4 is stale: writer has stored a newer value");
  has(text, "step 3 reads what step 2 stored, but the store is relaxed, not release");
  has(text, "It needs weak memory");
  has(text, "One order, raised, forbids it: ");
  has(text, "(step 2) from relaxed to release.");
  std::string const buffers = told<store_buffering>(verdict::broken_law);
  has(buffers, "thread 0 has read nothing that thread 1 stored after that");
  has(buffers, "(step 4) from acquire to seq_cst.");
}

TEST_CASE("graph counterexample: what interleavings show is no matter of orders") {
  std::string const text = told<loses_increment>(verdict::broken_law);
  has(text, "It needs no weak memory");
  CHECK(text.find("raised") == std::string::npos);
  CHECK(text.find("stale") == std::string::npos);
}

TEST_CASE("graph counterexample: a wait without an end names the state, and the step that missed it") {
  std::string const unseen = told<sleeps_unseen>(verdict::deadlock);
  has(unseen, "deadlock: sleeper sleeps for ever (futex at ");
  has(unseen, ": 1 permit free");
  has(unseen, "step 3: waker reads waiters = 0, and so misses what sleeper stores at step 4");
  has(unseen, "futex_wait word: is asleep");
  has(told<wakes_too_early>(verdict::deadlock), "step 1: waker wakes, and nobody sleeps there yet");
  has(told<waits_for_more>(verdict::deadlock), "is 1, and no later store comes");
  has(told<keeps_lock>(verdict::deadlock), "writer has held ");
  has(told<never_ends>(verdict::livelock), "writer goes on for ever");
}

TEST_CASE("graph counterexample: what is freed early, fails without a reason, or is given up") {
  has(told<frees_early>(verdict::use_after_free), "step 1: writer frees the memory of ");
  has(told<fails_without_reason>(verdict::broken_law), " fails: is 0 relaxed");
  has(told<gives_up>(verdict::broken_law), "time is over");
}

TEST_CASE("graph counterexample: an address that comes back is told") {
  using model = models::published::protected_while_read<P, models::published::keeping::while_read>;
  has(told<model>(verdict::broken_law, {.reuse = true}), ": quick is given the memory that quick freed at step ");
}

TEST_CASE("graph counterexample: a value of sixteen bytes is two words") {
  std::string const text = told<loses_version>(verdict::broken_law);
  has(text, "head = {0, 0} relaxed");
  has(text, "head := {1, 1} relaxed");
}

TEST_CASE("graph counterexample: a long one is cut to what matters") {
  std::string const text = told<long_one>(verdict::broken_law);
  has(text, " more (--all)");
  has(text, "step 44 is stale");
}

TEST_CASE("graph counterexample: a token of another model is refused") {
  counterexample const c = found<sleeps_unseen>();
  verify::graph::token const t = verify::graph::parse_token(c.token);
  verify::model_type const one = verify::detail::type_of<waits_for_more>();
  {
    verify::graph::runtime other(one, limits_for(t));
    CHECK_THROWS_AS(static_cast<void>(replay(other, t)), std::invalid_argument);
  }
  verify::model_type const repaired = verify::detail::type_of<message_by_atomics<P::release>>();
  {
    counterexample const relaxed = found<message_by_atomics<P::relaxed>>();
    verify::graph::token const mistake = verify::graph::parse_token(relaxed.token);
    verify::graph::runtime other(repaired, limits_for(mistake));
    CHECK_THROWS_WITH_AS(static_cast<void>(replay(other, mistake)),
                         "the token is of another model, or the model has changed since: what should be read, or its "
                         "place, does not exist here",
                         std::invalid_argument);
  }
  {
    counterexample const early = found<store_buffering>();
    verify::graph::token const mistake = verify::graph::parse_token(early.token);
    verify::model_type const changed = verify::detail::type_of<stores_two>();
    verify::graph::runtime other(changed, limits_for(mistake));
    CHECK_THROWS_WITH_AS(static_cast<void>(replay(other, mistake)),
                         "the token is of another model, or the model has changed since: it does something else, or "
                         "sees other values",
                         std::invalid_argument);
  }
  verify::graph::token three = t;
  three.threads = 3;
  verify::graph::runtime other(one, limits_for(t));
  CHECK_THROWS_AS(static_cast<void>(replay(other, three)), std::invalid_argument);
}

TEST_CASE("graph counterexample: an execution that comes to something else is not explained") {
  verify::model_type const type = verify::detail::type_of<loses_increment>();
  verify::graph::runtime r(type, {});
  search_outcome found = r.search();
  found.result = verdict::leak;
  CHECK_THROWS_AS(static_cast<void>(explain(r, found)), std::logic_error);
}
