// surewake/core/coroutine/coroutines.test.hpp: what the tests of coroutines share. Not installed.
#pragma once

#include <surewake/core/platform/std_platform.hpp>

#include <coroutine>
#include <cstddef>
#include <exception>
#include <new>

namespace surewake::testing {

/// The std platform, counting frames; for tests on one thread.
struct counting_platform : std_platform {
  static inline long frames = 0;
  static inline long refuse_after = -1;  // frames that can still be had; negative: any number
  static void* allocate(std::size_t n, std::size_t align) {
    if (refuse_after == 0) throw std::bad_alloc();
    if (refuse_after > 0) --refuse_after;
    ++frames;
    return std_platform::allocate(n, align);
  }
  static void deallocate(void* p, std::size_t n, std::size_t align) noexcept {
    --frames;
    std_platform::deallocate(p, n, align);
  }
};
static_assert(platform<counting_platform>);

/// A coroutine that starts at once and can be dropped at any time.
struct plain {
  struct promise_type {
    plain get_return_object() { return plain{std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
  explicit plain(std::coroutine_handle<promise_type> h) : frame(h) {}
  plain(plain const&) = delete;
  plain& operator=(plain const&) = delete;
  ~plain() { frame.destroy(); }
  std::coroutine_handle<promise_type> frame;
};

}  // namespace surewake::testing
