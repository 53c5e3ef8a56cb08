#include <surewake/core/coroutine/awaitable.hpp>
#include <surewake/core/coroutine/sync_wait.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace awaitable_test {

using namespace surewake;

namespace {

struct ready {
  [[nodiscard]] bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  [[nodiscard]] int await_resume() const noexcept { return 5; }
};
struct by_member {
  [[nodiscard]] ready operator co_await() const noexcept { return {}; }
};
struct by_function {};
[[nodiscard]] ready operator co_await(by_function) noexcept { return {}; }
struct only_as_rvalue {
  [[nodiscard]] ready operator co_await() && noexcept { return {}; }
};
struct unmovable : ready {
  unmovable() = default;
  unmovable(unmovable&&) = delete;
};
struct gives_rvalue : std::suspend_never {
  [[nodiscard]] std::string&& await_resume() noexcept { return std::move(text); }
  std::string text = "moved";
};

static_assert(awaitable<ready> && awaitable<ready&> && awaitable<unmovable>);
static_assert(awaitable<by_member> && awaitable<by_member const&> && awaitable<by_function>);
static_assert(awaitable<only_as_rvalue> && !awaitable<only_as_rvalue&>);
static_assert(awaitable<task<int>> && !awaitable<task<int>&>, "a task is awaited once: as an rvalue");
static_assert(!awaitable<int> && !awaitable<std::string>);
static_assert(std::is_same_v<await_result_t<by_member>, int>);
static_assert(std::is_same_v<await_result_t<task<int&>>, int&>);
static_assert(std::is_same_v<await_value_t<gives_rvalue>, std::string>);
static_assert(std::is_void_v<await_result_t<std::suspend_always>>);

}  // namespace

TEST_CASE("everything awaitable is awaited the way co_await does it") {
  CHECK(sync_wait(ready{}) == 5);
  CHECK(sync_wait(by_member{}) == 5);
  CHECK(sync_wait(by_function{}) == 5);
  CHECK(sync_wait(only_as_rvalue{}) == 5);
  ready r;
  CHECK(sync_wait(r) == 5);
}

TEST_CASE("an awaiter that is its own awaitable is neither copied nor moved") { CHECK(sync_wait(unmovable{}) == 5); }

TEST_CASE("an rvalue reference that the awaiter would take with it is kept as a value") {
  CHECK(sync_wait(gives_rvalue{}) == "moved");
}

}  // namespace awaitable_test
