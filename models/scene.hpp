// surewake/models/scene.hpp: what most models begin with: one semaphore, whose permits somebody holds.
#pragma once

#include <surewake/models/law.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace surewake::models {

using namespace std::chrono_literals;

/// A time limit. Under a checker it passes when the schedule says so: at once, later or, if the permit comes, never.
inline constexpr auto a_moment = 1ms;

/// A coroutine that is destroyed with this object.
template <platform P> class destroyed_while_waiting {
 public:
  struct promise_type : platform_frame<P> {
    destroyed_while_waiting get_return_object() noexcept {
      return destroyed_while_waiting{std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
  explicit destroyed_while_waiting(std::coroutine_handle<promise_type> h) noexcept : frame_(h) {}
  destroyed_while_waiting(destroyed_while_waiting&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  destroyed_while_waiting& operator=(destroyed_while_waiting const&) = delete;
  ~destroyed_while_waiting() {
    if (frame_) frame_.destroy();
  }

 private:
  std::coroutine_handle<promise_type> frame_;
};

template <platform P, template <class> class Queue, class Discipline> class scene {
 public:
  using semaphore = basic_semaphore<Queue, P, Discipline>;
  using permit = typename semaphore::permit;
  static constexpr bool in_order = std::derived_from<Discipline, hand_off>;

  /// A semaphore of `permits`, of which `held()` has `taken`.
  explicit scene(std::ptrdiff_t permits, std::ptrdiff_t taken = 0)
      : gate_(permits), held_(taken > 0 ? *gate_.try_acquire(taken) : permit{}) {}

  [[nodiscard]] std::string state() const {
    return std::to_string(gate_.available_permits()) + " of " + std::to_string(gate_.max_permits()) +
           " permits free, " + std::to_string(gate_.waiters()) + " waiters registered";
  }

 protected:
  [[nodiscard]] semaphore& gate() noexcept { return gate_; }
  /// A coroutine that keeps what it gets: a permit that came back would hide that another one was lost.
  [[nodiscard]] task<void, P> keep(permit& kept, std::ptrdiff_t n = 1) { kept = co_await gate_.acquire(n); }
  /// Acquires on this thread; false where the semaphore was closed.
  bool visit_unless_closed(std::ptrdiff_t n = 1) {
    try {
      static_cast<void>(gate_.acquire_blocking(n));
      return true;
    } catch (closed_error const&) {
      return false;
    }
  }
  /// Held from the beginning.
  [[nodiscard]] permit& held() noexcept { return held_; }

 private:
  semaphore gate_;
  permit held_;  // after gate_: given back before it goes
};

}  // namespace surewake::models
