// surewake/core/platform/std_platform.hpp: the real machine. Every member is the bare instruction, system call or C++
// facility.
//
// Costs nothing over hand-written std::atomic: queues/zero_cost.test.cpp compares the machine code.
#pragma once

#include <surewake/core/platform/asymmetric_fence.hpp>
#include <surewake/core/platform/platform.hpp>
#include <surewake/core/platform/riscv_atomic.hpp>
#include <surewake/core/platform/system_futex.hpp>
#include <surewake/core/platform/thread_object.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <thread>
#include <type_traits>
#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

struct std_platform {
  using order = std::memory_order;
  static constexpr order relaxed = std::memory_order_relaxed;
  static constexpr order acquire = std::memory_order_acquire;
  static constexpr order release = std::memory_order_release;
  static constexpr order acq_rel = std::memory_order_acq_rel;
  static constexpr order seq_cst = std::memory_order_seq_cst;
  static void fence(order o) noexcept { asymmetric_fence_platform::fence(o); }
  static void light_fence(order o = seq_cst) noexcept { asymmetric_fence_platform::light_fence(o); }
  static void heavy_fence(order o = seq_cst) noexcept { asymmetric_fence_platform::heavy_fence(o); }
  static void prepare_fences() noexcept { asymmetric_fence_platform::prepare(); }

#if defined(__riscv) && !defined(__clang__) && __GNUC__ < 14
  template <class T> using atomic = detail::riscv_atomic<T>;
#else
  template <class T> using atomic = std::atomic<T>;
#endif
  template <class T> using users_atomic = std::atomic<T>;  // what a program reads and writes itself
  /// A std::mutex, and clang can see who holds it.
  class SUREWAKE_LOCK mutex : public std::mutex {
   public:
    void lock() SUREWAKE_LOCKS() { std::mutex::lock(); }
    [[nodiscard]] bool try_lock() SUREWAKE_TRIES_TO_LOCK { return std::mutex::try_lock(); }
    void unlock() SUREWAKE_UNLOCKS() { std::mutex::unlock(); }
  };

  /// Shared data that the algorithm keeps free of races: exactly a T.
  template <class T> class plain {
   public:
    plain() = default;
    constexpr plain(T v) : value_(std::move(v)) {}
    [[nodiscard]] T get() const { return value_; }
    void set(T v) { value_ = std::move(v); }

   private:
    T value_;
  };

  using clock = std::chrono::steady_clock;
  [[nodiscard]] static clock::time_point now() noexcept { return clock::now(); }

  /// Sleeps while `word == expected`. Returns on a wake, a changed value, a signal, or spuriously, so the caller looks
  /// again.
  static void futex_wait(std::atomic<std::uint32_t> const& word, std::uint32_t expected) noexcept {
    detail::system_futex::wait(word, expected);
  }

  /// Sleeps as futex_wait does. Returns false once `deadline` has passed (an absolute time of the steady clock).
  static bool futex_wait_until(std::atomic<std::uint32_t> const& word, std::uint32_t expected,
                               clock::time_point deadline) noexcept {
    return detail::system_futex::wait_until(word, expected, deadline);
  }

  /// Wakes at most `n` sleepers of `word`. Only the address is used, so the word may have been destroyed.
  static void futex_wake(std::atomic<std::uint32_t> const* word, int n) noexcept {
    detail::system_futex::wake(word, n);
  }

  /// Returns true once `pred(word)`, false after about `limit`.
  template <class T, class Pred>
  static bool spin(std::atomic<T> const& word, Pred pred, order o, std::chrono::nanoseconds limit) {
    if (limit <= std::chrono::nanoseconds::zero()) return pred(word.load(o));
    auto const begin = now();
    auto const end = limit < clock::time_point::max() - begin ? begin + limit : clock::time_point::max();
    for (;;) {
      for (int i = 0; i < 16; ++i) {
        if (pred(word.load(o))) return true;
        relax();
      }
      if (now() >= end) return false;
    }
  }

  /// Blocks until `pred(word)`, for waits that another running thread ends within instructions. It spins, then yields,
  /// then sleeps 50 µs at a time (1 ms on Windows), so that a preempted (or lower-priority) thread gets the
  /// processor it needs.
  template <class T, class Pred> static T await(std::atomic<T> const& word, Pred pred, order o) {
    for (unsigned round = 0;; ++round) {
      if (T v = word.load(o); pred(v)) return v;
      if (round < 64) {
        relax();
      } else if (round < 256) {
        yield();
      } else {
        detail::system_futex::nap();
      }
    }
  }

  static void yield() noexcept { std::this_thread::yield(); }

  /// Returns once `word` has not changed for 1.5 µs, after `looks` times that long at the latest, so that a thread that
  /// collides with others lets them go on. Between two looks it touches no memory.
  template <class T> static void backoff(std::atomic<T> const& word, std::size_t looks) noexcept {
    // relaxed: a guess whether other threads are here. And relaxed: likewise.
    for (T last = word.load(std_platform::relaxed); looks != 0; --looks) {
      for (auto const end = now() + std::chrono::nanoseconds{1'500}; now() < end;) {
        for (int i = 0; i < 16; ++i) relax();
      }
      if (T const seen = word.load(std_platform::relaxed); std::exchange(last, seen) == seen) return;
    }
  }

  [[nodiscard]] static void* allocate(std::size_t bytes, std::size_t align) {
    return align > __STDCPP_DEFAULT_NEW_ALIGNMENT__ ? ::operator new (bytes, std::align_val_t{align})
                                                    : ::operator new(bytes);
  }
  static void deallocate(void* p, std::size_t bytes, std::size_t align) noexcept {
#ifdef __cpp_sized_deallocation
    if (align > __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
      ::operator delete(p, bytes, std::align_val_t{align});
    } else {
      ::operator delete(p, bytes);
    }
#else  // no sized form is declared: clang before 19 unless asked, any compiler with -fno-sized-deallocation
    static_cast<void>(bytes);
    if (align > __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
      ::operator delete(p, std::align_val_t{align});
    } else {
      ::operator delete(p);
    }
#endif
  }

  /// The deleter for what allocate() gives, which is memory of `new`.
  template <class T> using default_delete = std::default_delete<T>;

  /// Returns the calling thread's own T. It never dangles, because once the thread has destroyed it
  /// (thread_object.hpp), the next use makes another T.
  ///
  /// Errors  what T's constructor throws.
  /// Cost    as a thread_local: a look at a flag if T has a destructor. On Windows: thread_object.hpp.
  template <class T> [[nodiscard]] static T& local() {
    if constexpr (std::is_trivially_destructible_v<T> && detail::thread_locals_stay) {
      thread_local T mine{};
      return mine;
    } else {
      return detail::thread_object<T>::mine();
    }
  }

  /// Returns the T of the process. It is never destroyed, so that threads which outlive main() may go on; what it owns
  /// stays reachable.
  ///
  /// An earlier version assumed that a static of an inline function exists once in a process. With -fvisibility=hidden
  /// each library had its own, and a hazard domain freed what another library's held. So the namespace of every header
  /// has default visibility (check.layers); what a program must export: core/README.md, Ends.
  template <class T> [[nodiscard]] static T& shared() {
    alignas(T) static std::byte storage[sizeof(T)];
    static T& only = *std::construct_at(reinterpret_cast<T*>(storage));
    return only;
  }

  static constexpr std::size_t scaled(std::size_t shipped, std::size_t) noexcept { return shipped; }

  [[noreturn]] static void broken(char const* law) {
    std::fprintf(stderr, "surewake: broken law: %s\n", law);
    std::abort();
  }

  /// Hints to the processor that this is a spin loop.
  static void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#elif defined(__riscv)
    __asm__ __volatile__(".4byte 0x0100000f");  // pause, a hint that older processors and assemblers do not know
#endif
  }
};

static_assert(platform<std_platform>);

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
