// surewake/bench/measure/coroutine.hpp: the coroutines that benchmarks make, start and destroy by hand, and where their
// frames lie.
//
// A probe starts suspended, so that making its frame stays out of the timed part, and stays at its end until it is
// destroyed. Its frame comes from a frame_arena: bump allocation, nothing given back one by one. Destroying a suspended
// probe then times the withdrawal alone, and not the allocator.
#pragma once

#include <sys/mman.h>

#include <coroutine>
#include <cstddef>
#include <exception>
#include <new>
#include <utility>

namespace surewake::bench {

/// Memory for coroutine frames, used again after reset(). One thread at a time.
class frame_arena {
 public:
  explicit frame_arena(std::size_t capacity) : capacity_(capacity) {
    void* const p =
        ::mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) throw std::bad_alloc{};
    base_ = static_cast<std::byte*>(p);
  }
  frame_arena(frame_arena const&) = delete;
  frame_arena& operator=(frame_arena const&) = delete;
  ~frame_arena() { ::munmap(base_, capacity_); }

  [[nodiscard]] void* take(std::size_t n) {
    std::size_t const rounded = (n + 15) & ~std::size_t{15};
    if (rounded > capacity_ - used_) throw std::bad_alloc{};
    void* const p = base_ + used_;
    used_ += rounded;
    return p;
  }
  [[nodiscard]] std::size_t used() const noexcept { return used_; }
  /// Takes the memory back: all frames are destroyed, so that it may be taken again.
  void reset() noexcept { used_ = 0; }

 private:
  std::size_t capacity_;
  std::size_t used_ = 0;
  std::byte* base_ = nullptr;
};

/// Where a probe's frame comes from: the frame_arena that is its first parameter.
struct frame_from_arena {
  template <class... Rest>
  static void* operator new(std::size_t n, frame_arena& arena, Rest&&...) {
    return arena.take(n);
  }
  static void operator delete(void*, std::size_t) noexcept {}
};

/// Makes `arena` the one of this thread that frames without a parameter for it come from, while this lives.
class in_arena {
 public:
  explicit in_arena(frame_arena& arena) noexcept : before_(std::exchange(now, &arena)) {}
  in_arena(in_arena const&) = delete;
  in_arena& operator=(in_arena const&) = delete;
  ~in_arena() { now = before_; }

 private:
  friend struct frame_from_arena_around;
  static inline thread_local frame_arena* now = nullptr;
  frame_arena* before_;
};

/// Where the frame of a lean_probe comes from. A parameter is copied into the frame, and would be 8 bytes there that
/// the semaphore has no use for, and that the task of a peer does not have.
struct frame_from_arena_around {
  static void* operator new(std::size_t n) { return in_arena::now->take(n); }
  static void operator delete(void*, std::size_t) noexcept {}
};

/// Where it comes from otherwise: the heap.
struct frame_from_heap {};

/// A coroutine that is started, and destroyed, by hand.
template <class Frame>
class basic_probe {
 public:
  struct promise_type : Frame {
    basic_probe get_return_object() noexcept {
      return basic_probe{std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
  };

  basic_probe(basic_probe&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  basic_probe& operator=(basic_probe&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~basic_probe() { destroy(); }

  /// Runs it until it suspends.
  void start() { handle_.resume(); }
  [[nodiscard]] bool done() const noexcept { return handle_.done(); }
  /// Destroys it where it is suspended.
  void destroy() noexcept {
    if (handle_) std::exchange(handle_, {}).destroy();
  }
  [[nodiscard]] std::coroutine_handle<> handle() const noexcept { return handle_; }

 private:
  explicit basic_probe(std::coroutine_handle<> h) noexcept : handle_(h) {}
  std::coroutine_handle<> handle_;
};

using probe = basic_probe<frame_from_arena>;
using lean_probe = basic_probe<frame_from_arena_around>;
using heap_probe = basic_probe<frame_from_heap>;

}  // namespace surewake::bench
