#include <surewake/core/platform/lock_hold.hpp>
#include <surewake/verify/program/runner.hpp>
#include <surewake/verify/engine/source_text.hpp>

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <string>

namespace runner_test {

using namespace surewake::verify;

namespace {

using P = checked_platform;

struct handover {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      flag.store(1U, P::release);
    } else {
      P::await(flag, [](std::uint32_t f) { return f == 1U; }, P::acquire);
    }
  }
  void after() {}
  P::atomic<std::uint32_t> flag{0U};
};

/// Sees the data by two operations, either of which is enough.
struct acquires_twice {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      data.set(1);
      flag.store(1U, P::release);
    } else if (std::uint32_t seen = flag.load(P::acquire); seen == 1) {
      flag.compare_exchange_strong(seen, 2U, P::acquire, P::relaxed);
      static_cast<void>(data.get());
    }
  }
  void after() {}
  P::atomic<std::uint32_t> flag{0U};
  P::plain<int> data{0};
};

struct lost {
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"idle", "waiter"};
  void thread(unsigned i) {
    if (i == 1) P::await(flag, [](std::uint32_t f) { return f == 1U; }, P::acquire);
  }
  void after() {}
  [[nodiscard]] std::string state() const { return "the flag is " + std::to_string(flag.load(P::relaxed)); }
  P::atomic<std::uint32_t> flag{0U};
};

/// A word of two parts, which knows how to put itself into words.
struct packed {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  friend std::string describe(packed p) { return std::to_string(p.high) + " of " + std::to_string(p.low); }
};

/// What a trace says of locks, of objects with names and of packed words. It breaks its law, so that it is traced.
struct named {
  static constexpr unsigned threads = 2;
  named() {
    surewake::shown_as<P>(flag, "flag", [](std::uint32_t v) { return std::string(v == 0 ? "down" : "up"); });
    surewake::shown_as<P>(box, "box");
  }
  void thread(unsigned i) {
    if (i == 0) return;
    {
      surewake::lock_hold const held(lock);
      flag.store(1U, P::relaxed);
    }
    {
      std::scoped_lock const held(lock);
      word.store({.low = 3, .high = 2}, P::relaxed);
    }
    box.inside.store(5U, P::relaxed);
    P::atomic<std::uint32_t> mine{0U};
    mine.store(1U, P::relaxed);
    link.store(&flag, P::relaxed);
    P::broken("as it should");
  }
  void after() {}
  P::mutex lock;
  P::atomic<std::uint32_t> flag{0U};
  P::atomic<packed> word;
  struct {
    P::atomic<std::uint32_t> before{0U};
    P::atomic<std::uint32_t> inside{0U};
  } box;
  P::atomic<P::atomic<std::uint32_t>*> link{nullptr};
};

/// Ends the search from inside, as a broken engine would.
struct dies {
  static constexpr unsigned threads = 1;
  void thread(unsigned) { _exit(0); }
  void after() {}
};

struct aborts {
  static constexpr unsigned threads = 1;
  void thread(unsigned) { std::raise(SIGKILL); }
  void after() {}
};

/// Has choices in its first schedule that it has in no other.
struct remembers {
  static constexpr unsigned threads = 2;
  remembers() : before(schedules++ != 0) {}
  void thread(unsigned) {
    if (!before) static_cast<void>(flag.load(P::relaxed));
    flag.store(1U, P::relaxed);
  }
  void after() {}
  static inline int schedules = 0;
  bool before;
  P::atomic<std::uint32_t> flag{0U};
};

/// Does not end in its fifth schedule.
struct endless {
  static constexpr unsigned threads = 2;  // with two steps each: six orders
  endless() { schedules = schedules + 1; }
  void thread(unsigned) {
    while (schedules == 5) usleep(1000);
    word.store(1U, P::relaxed);
    word.store(2U, P::relaxed);
  }
  void after() {}
  P::atomic<std::uint32_t> word{0U};
  static inline int volatile schedules = 0;
};

/// Breaks its law once it has been searched for a while.
struct worn {
  static constexpr unsigned threads = 1;
  void thread(unsigned) {}
  void after() {
    if (++runs > 100) P::broken("worn");
  }
  static inline int runs = 0;
};

template <class M> test_case case_of(char const* name) {
  return {.name = name, .model = name, .type = surewake::verify::detail::type_of<M>()};
}

test_case const good = case_of<handover>("good");
test_case const bad = case_of<lost>("bad");
test_case const twice = case_of<acquires_twice>("twice");
test_case const traced = case_of<named>("traced");
test_case const gone = case_of<dies>("gone");
test_case const hanging = case_of<endless>("hanging");
test_case const killed = case_of<aborts>("killed");
test_case const wears = case_of<worn>("wears");
test_case const differs = case_of<remembers>("differs");

bounds const small{.schedules = 1000};

}  // namespace

TEST_CASE("results come in the order of the jobs, whatever ran when") {
  auto const r = run_jobs(
      {{&good, {.limits = small}}, {&bad, {.limits = small}}, {&good, {.limits = {.search = scheduler::full}}}}, 2);
  REQUIRE(r.size() == 3);
  CHECK(r[0].found.result == verdict::pass);
  CHECK(r[0].found.covered == coverage::sampled);
  CHECK(r[0].found.schedules == 1000);
  CHECK(r[1].found.result == verdict::deadlock);
  CHECK(r[2].found.covered == coverage::exhaustive);
}

TEST_CASE("a search is repeated in its process where that is asked for, and its memory is told") {
  for (scheduler const s : {scheduler::full, scheduler::graph}) {
    job_result const once = run_job({&wears, {.limits = {.search = s}}});
    CHECK(once.found.result == verdict::pass);
    CHECK(once.first_seconds == once.found.seconds);
    CHECK(once.peak_bytes > 1'000'000);
    job_result const often = run_job({&wears, {.limits = {.search = s}}, 10});
    CHECK(often.found.result == verdict::broken_law);
    CHECK(often.first_seconds > 0);
    job_result const mean = run_job({&good, {.limits = {.search = s}}, 0.02});
    CHECK(mean.found.result == verdict::pass);
    CHECK(mean.found.seconds < 0.02);
    CHECK(mean.found.seconds > 0);
  }
}

TEST_CASE("a deadlock names the sleeper, the place and the model's state") {
  job_result const r = run_job({&bad, {.limits = small}});
  CHECK(r.found.message.find("waiter sleeps for ever (await at ") != std::string::npos);
  CHECK(r.found.message.find("runner.test.cpp:") != std::string::npos);
  CHECK(r.found.message.find("the flag is 0") != std::string::npos);
}

TEST_CASE("a search that dies, or ends without an answer, is an engine failure and no verdict") {
  auto const r = run_jobs({{&gone, {.limits = small}}, {&killed, {.limits = small}}, {&good, {.limits = small}}}, 1);
  CHECK(r[0].engine_failure.find("not understood") != std::string::npos);
  CHECK(r[1].engine_failure.find("signal 9") != std::string::npos);
  CHECK(r[2].engine_failure.empty());
}

TEST_CASE("a model that does not do the same in the same schedule is told so, with the place") {
  job_result const r = run_job({&differs, {.limits = {.search = scheduler::full}}});
  CHECK(r.engine_failure.find("the model does not do the same in the same schedule: ") != std::string::npos);
  CHECK(r.engine_failure.find("runner.test.cpp:") != std::string::npos);
  CHECK(r.engine_failure.find("RELACY") == std::string::npos);
}

TEST_CASE("a schedule that does not end is named by its seed, where the search is random") {
  run_hooks const hooks{.hang = std::chrono::seconds{1}};
  bounds limits{.search = scheduler::random, .schedules = 1000};
  auto const failure = [&](char const* seed) {
    return run_jobs({{&hanging, {.limits = limits, .seed = seed}}}, 1, hooks)[0].engine_failure;
  };
  CHECK(failure("").find("one schedule, the one with seed 5, did not end within 1 s") == 0);
  CHECK(failure("7").find("one schedule, the one with seed 11, did not end within 1 s") == 0);
  limits.search = scheduler::full;
  CHECK(failure("").find("one schedule did not end within 1 s") == 0);
}

TEST_CASE("a search that is cut off by time is sampled, not exhaustive") {
  bounds limits{.search = scheduler::random, .schedules = ~std::uint64_t{0}, .seconds = 0.05};
  job_result const r = run_job({&good, {.limits = limits}});
  CHECK(r.found.result == verdict::pass);
  CHECK(r.found.covered == coverage::sampled);
  CHECK(r.found.seconds < 5);
}

TEST_CASE("what is stopped was not run") {
  run_hooks hooks;
  hooks.stop = [] { return true; };
  auto const r = run_jobs({{&good, {.limits = small}}}, 1, hooks);
  CHECK(r[0].engine_failure == not_run);
}

TEST_CASE("a seed repeats its schedule, step for step") {
  job_result const found = run_job({&bad, {.limits = {.search = scheduler::bound}}});
  REQUIRE(found.found.result == verdict::deadlock);
  job_result const again = run_job({&bad, {.limits = small, .seed = found.found.seed, .replay = true, .trace = true}});
  CHECK(again.found.result == verdict::deadlock);
  CHECK(again.found.seed == found.found.seed);
  CHECK(again.found.steps == found.found.steps);
  CHECK_FALSE(again.found.trace.empty());
}

TEST_CASE("a trace names objects, puts words into words, and says where a lock was taken") {
  job_result const r = run_job({&traced, {.limits = small, .seed = "1", .replay = true, .trace = true}});
  REQUIRE(r.found.result == verdict::broken_law);
  auto const step_with = [&](relacy::action what, unsigned skip) -> step {
    for (step const& s : r.found.trace) {
      if (s.thread == 1 && s.what == what && skip-- == 0) return s;
    }
    FAIL("no such step");
    return {};
  };
  using relacy::action;
  unsigned guard = 0;
  auto const lines = source_lines(step_with(action::store, 0).file);
  for (unsigned i = 0; i != lines.size() && guard == 0; ++i) {
    if (lines[i].find("lock_hold const held(lock);") != std::string::npos) guard = i + 1;
  }
  for (action const what : {action::lock, action::unlock}) {
    CHECK(step_with(what, 0).line == guard);
    CHECK_FALSE(step_with(what, 0).near);
    CHECK(step_with(what, 1).near);  // the standard library's guard says nothing: it is where we were before
  }
  auto const object = [&](step const& s) { return r.found.objects.at(s.object - 1); };
  CHECK(object(step_with(action::store, 0)).name == "flag");
  CHECK(step_with(action::store, 0).after == "up");
  CHECK(object(step_with(action::store, 1)).name.empty());
  CHECK(step_with(action::store, 1).after == "2 of 3");
  CHECK(object(step_with(action::store, 2)).name == "box");
  CHECK(object(step_with(action::store, 2)).inside);
  CHECK(object(step_with(action::store, 3)).owner == 1);
  CHECK(object(step_with(action::store, 2)).owner == -1);
  CHECK(step_with(action::store, 4).after == "#" + std::to_string(step_with(action::store, 0).object));
}

TEST_CASE("every order that a case executes is reported, and can be lowered, alone and with others") {
  using relacy::action;
  using relacy::order;
  for (scheduler const search : {scheduler::full, scheduler::graph}) {
    CAPTURE(to_string(search));
    bounds const limits{.search = search, .schedules = 1'000'000'000, .seconds = 20};
    job_result const r = run_job({&twice, {.limits = limits, .sites = true}});
    auto const found = [&](action what, bool on_failure = false) {
      for (site const& s : r.found.sites) {
        if (s.what == what && s.on_failure == on_failure) return s;
      }
      return site{};
    };
    CHECK(r.found.sites.size() == 3);
    site const store = found(action::store);
    site const load = found(action::load);
    site const exchange = found(action::compare_exchange);
    CHECK(store.with == order::release);
    CHECK(load.with == order::acquire);
    CHECK(exchange.with == order::acquire);
    auto const searched = [&](std::vector<lowered> const& orders) {
      return run_job({&twice, {.limits = limits, .weaken = orders}}).found;
    };
    CHECK(searched({{store, order::relaxed}}).result == verdict::data_race);
    CHECK(searched({{load, order::relaxed}}).result == verdict::pass);
    CHECK(searched({{exchange, order::relaxed}}).result == verdict::pass);
    CHECK(searched({{exchange, order::relaxed}}).covered == coverage::exhaustive);
    CHECK(searched({{load, order::relaxed}, {exchange, order::relaxed}}).result == verdict::data_race);
  }
}

}  // namespace runner_test
