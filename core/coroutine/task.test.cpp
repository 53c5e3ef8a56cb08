#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/core/coroutine/schedule.hpp>
#include <surewake/core/coroutine/sync_wait.hpp>
#include <surewake/core/coroutine/task.hpp>
#include <surewake/core/platform/sanitizers.test.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

namespace task_test {

using namespace surewake;

namespace {

using testing::counting_platform;
using testing::plain;

template <class T = void> using counted = task<T, counting_platform>;

/// Suspends for good, and counts the awaiters that live.
struct never {
  explicit never(int& n) : alive(&n) { ++*alive; }
  never(never const&) = delete;
  never& operator=(never const&) = delete;
  ~never() { --*alive; }
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) noexcept { self = h; }
  void await_resume() const noexcept {}
  int* alive;
  std::coroutine_handle<> self;
};

plain run(counted<> t) { co_await std::move(t); }

/// How far apart in memory the stacks of its callers were.
struct stack_span {
  char* low = nullptr;
  char* high = nullptr;
  [[gnu::noinline]] void here() {
    char* const p = static_cast<char*>(__builtin_frame_address(0));
    low = low == nullptr ? p : std::min(low, p);
    high = std::max(high, p);
  }
  [[nodiscard]] std::ptrdiff_t bytes() const { return high - low; }
};

// Not inlined: clang would put the frame into its caller's.
[[gnu::noinline]] counted<int> give(int v) { co_return v; }
counted<int> fails() {
  throw std::runtime_error("from below");
  co_return 0;
}
counted<> waits(int& alive) { co_await never(alive); }
counted<> waits_below(int& alive) { co_await waits(alive); }

constexpr int many = surewake::testing::asan || surewake::testing::tsan ? 100'000 : 1'000'000;

}  // namespace

TEST_CASE("a task does not run before it is awaited") {
  bool ran = false;
  auto const f = [](bool& r) -> task<> {
    r = true;
    co_return;
  };
  task<> t = f(ran);
  CHECK_FALSE(ran);
  sync_wait(std::move(t));
  CHECK(ran);
}

TEST_CASE("a task yields values, references, nothing, and types that only move") {
  CHECK(sync_wait(give(3)) == 3);

  int there = 1;
  auto const reference = [](int& r) -> task<int&> { co_return r; };
  CHECK(&sync_wait(reference(there)) == &there);
  auto const constant = [](int const& r) -> task<int const&> { co_return r; };
  CHECK(&sync_wait(constant(there)) == &there);

  auto const only_moves = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(9); };
  CHECK(*sync_wait(only_moves()) == 9);

  struct no_default {
    explicit no_default(int v) : value(v) {}
    int value;
  };
  auto const without_default = []() -> task<no_default> { co_return no_default(4); };
  CHECK(sync_wait(without_default()).value == 4);

  auto const from_braces = []() -> task<std::pair<int, std::string>> { co_return {2, "two"}; };
  CHECK(sync_wait(from_braces()).second == "two");
}

TEST_CASE("a task yields types that only copy, and objects of any alignment") {
  struct copies {
    copies(int v) : value(v) {}
    copies(copies const&) = default;
    copies(copies&&) = delete;
    int value;
  };
  auto const only_copies = [](bool named) -> task<copies> {
    if (!named) co_return 41;
    copies const c(42);
    co_return c;
  };
  auto const both = [&]() -> task<int> {
    auto const a = co_await only_copies(false);
    auto const b = co_await only_copies(true);
    co_return a.value + b.value;
  };
  CHECK(sync_wait(only_copies(false)).value == 41);
  CHECK(sync_wait(both()) == 83);

  struct alignas(128) wide {
    explicit wide(bool& b) : aligned(b) { check(); }
    wide(wide const& other) : aligned(other.aligned) { check(); }
    ~wide() { check(); }
    void check() const { aligned = aligned && reinterpret_cast<std::uintptr_t>(this) % 128 == 0; }
    bool& aligned;
  };
  bool aligned = true;
  auto const is_wide = [](bool& b) -> task<wide> { co_return wide(b); };
  for (int i = 0; i < 20; ++i) sync_wait(is_wide(aligned)).check();
  CHECK(aligned);
}

TEST_CASE("an exception travels through every task to the one who awaits") {
  auto const middle = []() -> counted<int> { co_return 1 + co_await fails(); };
  CHECK_THROWS_WITH_AS(sync_wait(middle()), "from below", std::runtime_error);
  auto const catches = []() -> counted<bool> {
    try {
      co_await fails();
    } catch (std::runtime_error const&) {
      co_return true;
    }
    co_return false;
  };
  CHECK(sync_wait(catches()));
  CHECK(counting_platform::frames == 0);
}

TEST_CASE("a task is awaited once: the second time it is empty, which is a logic_error") {
  task<int, counting_platform> t = give(1);
  CHECK(t);
  CHECK(sync_wait(std::move(t)) == 1);
  CHECK_FALSE(t);
  CHECK_THROWS_AS(sync_wait(std::move(t)), std::logic_error);
  task<> empty;
  CHECK_FALSE(empty);
  CHECK_THROWS_AS(sync_wait(std::move(empty)), std::logic_error);
  task<int, counting_platform> from = give(2);
  task<int, counting_platform> to = std::move(from);
  CHECK_THROWS_AS(sync_wait(std::move(from)), std::logic_error);
  CHECK(sync_wait(std::move(to)) == 2);
}

TEST_CASE("a task that is dropped before it starts frees its frame and its parameters") {
  auto const held = std::make_shared<int>(1);
  {
    auto* volatile const f = +[](std::shared_ptr<int> p) -> counted<int> { co_return *p; };  // volatile: not inlined
    auto const t = f(held);
    CHECK(counting_platform::frames == 1);
    CHECK(held.use_count() == 2);
  }
  CHECK(counting_platform::frames == 0);
  CHECK(held.use_count() == 1);
}

TEST_CASE("a task that is dropped while a task below it waits destroys that one too") {
  int alive = 0;
  {
    plain const p = run(waits_below(alive));
    CHECK(alive == 1);
    CHECK(counting_platform::frames == 2);
  }
  CHECK(alive == 0);
  CHECK(counting_platform::frames == 0);
}

TEST_CASE("assigning to a task drops what it held") {
  auto t = give(1);
  t = give(2);
  CHECK(counting_platform::frames == 1);
  CHECK(sync_wait(std::move(t)) == 2);
  CHECK(counting_platform::frames == 0);
}

TEST_CASE("a frame is freed when the awaiting expression ends, finished or failed") {
  auto const f = []() -> counted<int> {
    int sum = 0;
    for (int i = 0; i < 3; ++i) {
      sum += co_await give(i);
      if (counting_platform::frames != 1) co_return -1;
    }
    co_return sum;
  };
  CHECK(sync_wait(f()) == 3);
  CHECK(counting_platform::frames == 0);
}

TEST_CASE("a frame that cannot be allocated is a bad_alloc of the call") {
  counting_platform::refuse_after = 0;
  CHECK_THROWS_AS(static_cast<void>(give(1)), std::bad_alloc);
  counting_platform::refuse_after = 1;
  auto const f = []() -> counted<int> { co_return co_await give(1); };
  CHECK_THROWS_AS(sync_wait(f()), std::bad_alloc);
  counting_platform::refuse_after = -1;
  CHECK(counting_platform::frames == 0);
}

TEST_CASE("a loop over a million tasks takes bounded stack, with tail calls and without") {
  stack_span span;
  auto const one = [](stack_span& s) -> task<int> {
    s.here();
    co_return 1;
  };
  auto const loop = [&one](stack_span& s) -> task<int> {
    int sum = 0;
    for (int i = 0; i < many; ++i) sum += co_await one(s);
    co_return sum;
  };
  CHECK(sync_wait(loop(span)) == many);
  CHECK(span.bytes() < 200'000);
}

TEST_CASE("a million tasks in each other take bounded stack, down and up again") {
  stack_span span;
  struct {
    task<long> operator()(stack_span& s, int n) const {
      s.here();
      long const below = n == 0 ? 0 : co_await (*this)(s, n - 1);
      s.here();
      co_return 1 + below;
    }
  } const nest;
  CHECK(sync_wait(nest(span, many)) == many + 1);
  CHECK(span.bytes() < 200'000);
}

namespace {

/// A local of each of many tasks in each other; it refers to that of the one above.
struct level {
  level(stack_span& s, int& n, level const* up) : span(s), alive(n), above(up) { ++alive; }
  level(level const&) = delete;
  level& operator=(level const&) = delete;
  ~level() {
    span.here();
    if (above != nullptr && !above->here) alive = -1'000'000;  // dropped after its parent
    here = false;
    --alive;
  }
  stack_span& span;
  int& alive;
  level const* above;
  bool here = true;
};

counted<long> nest(stack_span& span, int& alive, int n, counted<> (*bottom)(int&), level const* above = nullptr) {
  level const me(span, alive, above);
  if (n == 0) {
    co_await bottom(alive);
    co_return 0;
  }
  co_return 1 + co_await nest(span, alive, n - 1, bottom, &me);
}

plain keep(counted<long> t, long& result) { result = co_await std::move(t); }

}  // namespace

TEST_CASE("many tasks that wait in each other are dropped on bounded stack, from the bottom up") {
  stack_span span;
  int alive = 0;
  long result = -1;
  {
    plain const p = keep(nest(span, alive, many / 5, waits_below), result);
    CHECK(alive == many / 5 + 2);
  }
  CHECK(alive == 0);
  CHECK(result == -1);
  CHECK(counting_platform::frames == 0);
  CHECK(span.bytes() < 200'000);
}

TEST_CASE("an exception travels up through many tasks in each other on bounded stack") {
  stack_span span;
  int alive = 0;
  auto const bottom = [](int&) -> counted<> {
    throw std::runtime_error("from the bottom");
    co_return;
  };
  CHECK_THROWS_WITH_AS(sync_wait(nest(span, alive, many / 5, bottom)), "from the bottom", std::runtime_error);
  CHECK(alive == 0);
  CHECK(counting_platform::frames == 0);
  CHECK(span.bytes() < 200'000);
}

TEST_CASE("a task that goes on after others below it have ended is dropped alone") {
  int alive = 0;
  auto const f = [](int& n) -> counted<> {
    co_await give(1);
    co_await never(n);
  };
  { plain const p = run(f(alive)); }
  CHECK(alive == 0);
  CHECK(counting_platform::frames == 0);
}

TEST_CASE("a task that is resumed by nobody of ours takes bounded stack as well") {
  stack_span span;
  auto const one = [](stack_span& s) -> counted<> {
    s.here();
    co_return;
  };
  auto const loop = [&one](stack_span& s, int& n) -> counted<> {
    for (; n < many; ++n) co_await one(s);
  };
  int n = 0;
  {
    plain const p = run(loop(span, n));  // no scope is open on this thread
    CHECK(p.frame.done());
  }
  CHECK(n == many);
  CHECK(span.bytes() < 200'000);
  CHECK(counting_platform::frames == 0);
}

TEST_CASE("a task dropped while its transfer waits in the ready list is taken out of there") {
  // Transfers are counted per thread, so each number of tasks before the drop hits the bound at another place.
  for (int before = 0; before < 200; ++before) {
    trampoline<counting_platform>::scope const here;
    auto const some = [](int n) -> counted<> {
      for (int i = 0; i < n; ++i) co_await give(i);
    };
    { plain const p = run(some(before)); }
    CHECK(counting_platform::frames == 0);
    trampoline<counting_platform>::drain();
  }
}

TEST_CASE("a transfer through the ready list leaves alone what else is in there, whether the task ends or is dropped") {
  struct note : work<counting_platform> {
    explicit note(int& n) : work<counting_platform>(&count), total(n) {}
    static void count(work<counting_platform>& w) noexcept { ++static_cast<note&>(w).total; }
    int& total;
  };
  for (int before = 0; before < 140; ++before) {
    int noted = 0;
    int alive = 0;
    std::deque<note> notes;
    {
      trampoline<counting_platform>::scope const here;
      auto const some = [](std::deque<note>& l, int& t, int& a, int n) -> counted<> {
        for (int i = 0; i < n; ++i) {
          trampoline<counting_platform>::resume(l.emplace_back(t));
          co_await give(i);
        }
        co_await waits(a);
      };
      plain const p = run(some(notes, noted, alive, before));
      trampoline<counting_platform>::resume(notes.emplace_back(noted));  // after the transfer, where there is one
      trampoline<counting_platform>::drain();
      REQUIRE(alive == 1);
      trampoline<counting_platform>::resume(notes.emplace_back(noted));
    }
    REQUIRE(noted == before + 2);
    REQUIRE(counting_platform::frames == 0);
  }
}

TEST_CASE("a task goes on where what it waits for resumes it") {
  manual_executor e;
  int steps = 0;
  auto const f = [](manual_executor& x, int& n) -> counted<> {
    ++n;
    co_await schedule(x);
    ++n;
  };
  plain const p = run(f(e, steps));
  CHECK(steps == 1);
  CHECK(e.run() == 1);
  CHECK(steps == 2);
  CHECK(p.frame.done());
}

}  // namespace task_test
