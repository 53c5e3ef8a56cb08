// What is no platform, part by part; and that the machine and nothing else is one.
#include <surewake/core/platform/std_platform.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace platform_test {

namespace {

using namespace surewake;
using namespace std::chrono_literals;

/// A platform with every part but one: PART hides that of std_platform.
#define LACKS(NAME, ...) \
  struct NAME : std_platform { \
    __VA_ARGS__; \
  }

struct whole : std_platform {};
LACKS(no_order, static constexpr int acq_rel = 0);
LACKS(no_fence, static void fence());
LACKS(no_light_fence, static void light_fence(int));
LACKS(no_heavy_fence, static void heavy_fence(int));
LACKS(no_lock, struct mutex { bool try_lock(); void unlock(); });
LACKS(no_try_lock, struct mutex { void lock(); void try_lock(); void unlock(); });
LACKS(no_unlock, struct mutex { void lock(); bool try_lock(); });
LACKS(no_plain_get, template <class T> struct plain { void set(T); });
LACKS(no_const_get, template <class T> struct plain { T get(); void set(T); });
LACKS(no_plain_set, template <class T> struct plain { T get() const; });
LACKS(no_exchange, template <class T> struct atomic : std::atomic<T> { void exchange(T, order); });
LACKS(no_strong, template <class T> struct atomic : std::atomic<T> { bool compare_exchange_strong(T, T, order); });
LACKS(no_weak, template <class T> struct atomic : std::atomic<T> { bool compare_exchange_weak(T, T, order); });
LACKS(no_fetch_add, template <class T> struct atomic : std::atomic<T> { T fetch_add(T) = delete; });
LACKS(no_fetch_sub, template <class T> struct atomic : std::atomic<T> { T fetch_sub(T) = delete; });
LACKS(no_fetch_and, template <class T> struct atomic : std::atomic<T> { T fetch_and(T) = delete; });
LACKS(no_fetch_or, template <class T> struct atomic : std::atomic<T> { T fetch_or(T) = delete; });
LACKS(no_now, static long now());
LACKS(no_wait, static void futex_wait(int));
LACKS(no_wait_until, static void futex_wait_until(atomic<std::uint32_t> const&, std::uint32_t, clock::time_point));
LACKS(no_wake, static void futex_wake(atomic<std::uint32_t>&, int));
LACKS(no_spin, static void spin(int));
LACKS(no_await, static void await(int));
LACKS(no_yield, static void yield(int));
LACKS(no_backoff, static void backoff(int));
LACKS(no_allocate, static void* allocate(std::size_t));
LACKS(no_deallocate, static void deallocate(void*));
LACKS(no_local, template <class T> static T local());
LACKS(no_shared, template <class T> static T* shared());
LACKS(no_scaled, static void scaled(std::size_t, std::size_t));
LACKS(no_broken, static void broken());
#undef LACKS

struct shows : std_platform {
  static inline void const* object = nullptr;
  static inline std::string said{};
  static void shown_as(auto const& o, char const* name) { object = &o, said = name; }
  static void shown_as(auto const& o, char const* name, auto text) { object = &o, said = name + text(o.get()); }
};
struct shows_names : std_platform {
  static inline int names = 0;
  static void shown_as(auto const&, char const*) { ++names; }
};

/// Whether `P` lacks just what `part` says. (`part` is a concept of which platform is made.)
#define ONLY_LACKS(PART, P) CHECK((!PART<P> && !platform<P>))

}  // namespace

TEST_CASE("the machine is a platform, and so is what derives from it") {
  CHECK(platform<std_platform>);
  CHECK(platform<whole>);
  CHECK(platform<shows>);
  CHECK_FALSE(platform<int>);
}

TEST_CASE("without its orders and fences it is none") {
  ONLY_LACKS(platform_orders, no_order);
  ONLY_LACKS(platform_orders, no_fence);
  ONLY_LACKS(platform_orders, no_light_fence);
  ONLY_LACKS(platform_orders, no_heavy_fence);
}

TEST_CASE("without a lock, plain data or an operation of its atomics it is none") {
  ONLY_LACKS(platform_mutex, no_lock);
  ONLY_LACKS(platform_mutex, no_try_lock);
  ONLY_LACKS(platform_mutex, no_unlock);
  ONLY_LACKS(platform_plain, no_plain_get);
  ONLY_LACKS(platform_plain, no_const_get);
  ONLY_LACKS(platform_plain, no_plain_set);
  auto const lacks = [](bool atomic, bool counter) { return !atomic && !counter; };
#define NOT_ATOMIC(P) CHECK(lacks(platform_atomic<P, void*>, platform<P>))
#define NOT_COUNTER(P) CHECK(lacks(platform_counter<P, std::int64_t>, platform<P>))
  NOT_ATOMIC(no_exchange);
  NOT_ATOMIC(no_strong);
  NOT_ATOMIC(no_weak);
  NOT_COUNTER(no_fetch_add);
  NOT_COUNTER(no_fetch_sub);
  NOT_COUNTER(no_fetch_and);
  NOT_COUNTER(no_fetch_or);
  CHECK(platform_atomic<no_fetch_or, std::int64_t>);  // which need not count
#undef NOT_ATOMIC
#undef NOT_COUNTER
}

TEST_CASE("without a way to wait, to wake or to know the time it is none") {
  ONLY_LACKS(platform_waiting, no_now);
  ONLY_LACKS(platform_waiting, no_wait);
  ONLY_LACKS(platform_waiting, no_wait_until);
  ONLY_LACKS(platform_waiting, no_wake);
  ONLY_LACKS(platform_waiting, no_spin);
  ONLY_LACKS(platform_waiting, no_await);
  ONLY_LACKS(platform_waiting, no_yield);
  ONLY_LACKS(platform_waiting, no_backoff);
}

TEST_CASE("without memory, a thread's own, what is one for all, or an end it is none") {
  ONLY_LACKS(platform_storage, no_allocate);
  ONLY_LACKS(platform_storage, no_deallocate);
  ONLY_LACKS(platform_storage, no_local);
  ONLY_LACKS(platform_storage, no_shared);
  ONLY_LACKS(platform_storage, no_scaled);
  CHECK_FALSE(platform<no_broken>);
}
#undef ONLY_LACKS

TEST_CASE("names and words reach a platform that shows them, each one that it takes, and cost the others nothing") {
  shows::plain<int> const x(7);
  auto const in_words = [](int v) { return " is " + std::to_string(v); };
  shown_as<shows>(x, "x");
  CHECK(shows::object == &x);
  CHECK(shows::said == "x");
  shown_as<shows>(x, "x", in_words);
  CHECK(shows::said == "x is 7");
  shown_as<shows_names>(x, "x");
  shown_as<shows_names>(x, "x", in_words);
  CHECK(shows_names::names == 1);
  static_assert([] {
    shown_as<std_platform>(1, "nothing");
    shown_as<std_platform>(1, "nothing", [](int) { return std::string(); });
    return true;
  }());
}

}  // namespace platform_test
