#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/core/coroutine/schedule.hpp>
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/core/coroutine/sync_wait.hpp>
#include <surewake/core/coroutine/thread_pool.hpp>
#include <surewake/core/coroutine/when_all.hpp>
#include <surewake/core/platform/sanitizers.test.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace when_all_test {

using namespace surewake;

namespace {

using testing::counting_platform;
using testing::plain;

template <class T = void> using counted = task<T, counting_platform>;

task<int> give(int v) { co_return v; }
task<> nothing() { co_return; }
task<int> fails(std::string what) {
  throw std::runtime_error(what);
  co_return 0;
}
template <platform P> task<int, P> later(manual_executor& e, int v, int& live) {
  struct guard {
    explicit guard(int& n) : count(n) { ++count; }
    guard(guard const&) = delete;
    guard& operator=(guard const&) = delete;
    ~guard() { --count; }
    int& count;
  } const g(live);
  co_await schedule(e);
  co_return v;
}

template <class A> plain run(A a, bool& done) {
  co_await std::move(a);
  done = true;
}

struct unmovable : std::suspend_never {
  unmovable() = default;
  unmovable(unmovable&&) = delete;
  [[nodiscard]] int await_resume() const noexcept { return 6; }
};

constexpr int many = surewake::testing::asan || surewake::testing::tsan ? 100'000 : 1'000'000;

}  // namespace

TEST_CASE("when_all yields the results in the order of its arguments, void as monostate") {
  int x = 0;
  auto const reference = [](int& r) -> task<int&> { co_return r; };
  auto const only_moves = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(3); };
  auto [a, b, c, d] = sync_wait(when_all(give(1), nothing(), reference(x), only_moves()));
  CHECK(a == 1);
  static_assert(std::is_same_v<decltype(b), std::monostate>);
  CHECK(&c == &x);
  CHECK(*d == 3);
}

TEST_CASE("when_all of nothing is done at once") {
  CHECK(sync_wait(when_all()) == std::tuple<>());
  CHECK(sync_wait(when_all(std::vector<task<int>>())).empty());
  sync_wait(when_all(std::vector<task<>>()));
}

TEST_CASE("when_all awaits lvalues and unmovable awaiters where they are") {
  unmovable u;
  CHECK(sync_wait(when_all(u, give(2))) == std::tuple(6, 2));
  auto const f = []() -> task<int> {
    auto const [a, b] = co_await when_all(unmovable{}, unmovable{});
    co_return a + b;
  };
  CHECK(sync_wait(f()) == 12);
}

TEST_CASE("when_all of a vector yields a vector; references as reference_wrapper; nothing for task<>") {
  std::vector<task<int>> tasks;
  for (int i = 0; i < 10; ++i) tasks.push_back(give(i));
  auto const r = sync_wait(when_all(std::move(tasks)));
  REQUIRE(r.size() == 10);
  for (int i = 0; i < 10; ++i) CHECK(r[static_cast<std::size_t>(i)] == i);

  int x = 0;
  auto const reference = [](int& v) -> task<int&> { co_return v; };
  std::vector<task<int&>> references;
  references.push_back(reference(x));
  CHECK(&sync_wait(when_all(std::move(references))).front().get() == &x);

  std::vector<task<>> voids;
  voids.push_back(nothing());
  static_assert(std::is_void_v<decltype(sync_wait(when_all(std::move(voids))))>);
  sync_wait(when_all(std::move(voids)));
}

TEST_CASE("when_all starts all of them before any goes on, and resumes the awaiting one after the last") {
  manual_executor e;
  int live = 0;
  bool done = false;
  auto both = when_all(later<std_platform>(e, 1, live), later<std_platform>(e, 2, live));
  CHECK(live == 0);  // lazy
  plain const p = run(std::move(both), done);
  CHECK(live == 2);
  CHECK(e.run_one());
  CHECK_FALSE(done);
  CHECK(e.run_one());
  CHECK(done);
  CHECK(e.empty());
}

TEST_CASE("when_all rethrows the first exception in the order of the arguments, after all have ended") {
  manual_executor e;
  int live = 0;
  bool ended = false;
  auto const slow_failure = [&e, &ended]() -> task<int> {
    co_await schedule(e);
    ended = true;
    throw std::runtime_error("first");
  };
  std::string caught;
  start_detached([](task<std::tuple<int, int, int>> t, std::string& c) -> task<> {
    try {
      co_await std::move(t);
    } catch (std::runtime_error const& x) {
      c = x.what();
    }
  }(when_all(slow_failure(), fails("second"), later<std_platform>(e, 1, live)), caught));
  CHECK(caught.empty());
  e.run();
  CHECK(ended);
  CHECK(caught == "first");
  CHECK(live == 0);

  std::vector<task<int>> tasks;
  tasks.push_back(give(1));
  tasks.push_back(fails("a"));
  tasks.push_back(fails("b"));
  CHECK_THROWS_WITH_AS(sync_wait(when_all(std::move(tasks))), "a", std::runtime_error);
}

TEST_CASE("a when_all that is dropped destroys its children: not started, waiting or ended") {
  manual_executor e;
  int live = 0;
  bool done = false;
  auto const make = [&] {
    std::vector<counted<int>> tasks;
    for (int i = 0; i < 3; ++i) tasks.push_back(later<counting_platform>(e, i, live));
    return when_all(std::move(tasks));
  };
  { auto const never_started = make(); }
  CHECK(counting_platform::frames == 0);
  {
    plain const p = run(make(), done);
    CHECK(live == 3);
    e.run_one();  // one has ended
    CHECK(live == 2);
  }
  CHECK(live == 0);
  CHECK(counting_platform::frames == 0);
  CHECK(e.empty());  // they withdrew
  {
    auto both = when_all<counting_platform>(later<counting_platform>(e, 1, live), later<counting_platform>(e, 2, live));
    plain const p = run(std::move(both), done);
    e.run_one();
    CHECK(live == 1);
  }
  CHECK(live == 0);
  CHECK(counting_platform::frames == 0);
  CHECK_FALSE(done);
}

namespace {

struct probe {
  probe() { here(); }
  probe(probe const&) = delete;
  probe& operator=(probe const&) = delete;
  ~probe() { here(); }
  [[gnu::noinline]] static void here() {
    char* const p = static_cast<char*>(__builtin_frame_address(0));
    low = low == nullptr ? p : std::min(low, p);
    high = std::max(high, p);
  }
  static inline char* low = nullptr;
  static inline char* high = nullptr;
};

/// n when_alls in each other; at the bottom `e` is waited for.
counted<int> tree(manual_executor& e, int n, int& live) {
  probe const p;
  if (n == 0) co_return co_await later<counting_platform>(e, 1, live);
  auto const at_once = []() -> counted<int> { co_return 0; };
  auto const [a, b, c] =
      co_await when_all<counting_platform>(later<counting_platform>(e, 0, live), tree(e, n - 1, live), at_once());
  co_return a + b + c;
}

}  // namespace

TEST_CASE("many when_alls in each other start, end and are dropped on bounded stack") {
  constexpr int deep = many / 50;
  manual_executor e;
  int live = 0;
  bool done = false;
  {
    plain const p = run(tree(e, deep, live), done);
    CHECK(live == deep + 1);
    CHECK(e.run() == deep + 1);
    CHECK(done);
  }
  done = false;
  {
    plain const p = run(tree(e, deep, live), done);
    CHECK(live == deep + 1);
    for (int i = 0; i < deep / 2; ++i) e.run_one();  // half of the branches have ended
  }
  CHECK(live == 0);
  CHECK_FALSE(done);
  CHECK(e.empty());
  CHECK(counting_platform::frames == 0);
  CHECK(probe::high - probe::low < 200'000);
}

TEST_CASE("a million tasks that end at once take bounded stack") {
  std::vector<task<int>> tasks;
  tasks.reserve(many);
  for (int i = 0; i < many; ++i) tasks.push_back(give(1));
  CHECK(sync_wait(when_all(std::move(tasks))).size() == many);
}

TEST_CASE("a million tasks that wait and are made ready one by one take bounded stack") {
  manual_executor e;
  long sum = 0;
  int live = 0;
  start_detached([](manual_executor& x, long& s, int& l) -> task<> {
    std::vector<task<int>> tasks;
    tasks.reserve(many);
    for (int i = 0; i < many; ++i) tasks.push_back(later<std_platform>(x, 1, l));
    for (int const v : co_await when_all(std::move(tasks))) s += v;
  }(e, sum, live));
  CHECK(e.run() == many);
  CHECK(sum == many);
}

TEST_CASE("a loop of a million when_alls takes bounded stack") {
  auto const f = []() -> task<long> {
    long sum = 0;
    for (int i = 0; i < many / 4; ++i) {
      auto const [a, b] = co_await when_all(give(1), give(2));
      sum += a + b;
    }
    co_return sum;
  };
  CHECK(sync_wait(f()) == 3L * (many / 4));
}

TEST_CASE("children that end on four threads hand all their results to the awaiting one") {
  thread_pool pool(4);
  auto const hop = [](thread_pool& p, int i) -> task<std::unique_ptr<int>> {
    co_await p.schedule();
    co_return std::make_unique<int>(i);
  };
  for (int round = 0; round < 50; ++round) {
    std::vector<task<std::unique_ptr<int>>> tasks;
    for (int i = 0; i < 100; ++i) tasks.push_back(hop(pool, i));
    auto const r = sync_wait(when_all(std::move(tasks)));
    long sum = 0;
    for (auto const& p : r) sum += *p;
    CHECK(sum == 4950);
  }
}

}  // namespace when_all_test
