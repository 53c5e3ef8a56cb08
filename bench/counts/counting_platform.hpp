// surewake/bench/counts/counting_platform.hpp: the real machine, with every step of an algorithm counted.
//
// What an algorithm asks of its platform does not depend on the processor, the clock or the compiler's options. On one
// thread the counts of an operation are therefore the same on every machine, so that a test can ask for equality where
// a timing could only be compared. The algorithms themselves pay nothing: they are other instances of the templates.
//
//   counted: P::atomic, P::fence and its pair, P::mutex, P::futex_…, P::allocate.   not counted: P::plain, P::local
//
// What differs from std_platform, so that counts are exact: spin() looks once, and backoff() returns at once, because
// how often either looks is a question of time.
// Threads   each thread counts for itself; steps() is what the calling thread has done.
// Cost      a thread-local increment for each step.   Errors  none of its own.
#pragma once

#include <surewake/core/platform/std_platform.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <surewake/core/platform/macros_push.hpp>

namespace surewake::bench {

/// What a thread asks of the machine. A read-modify-write is an exchange or a fetch_…; a compare-exchange is counted
/// apart, and once more where it fails. Weak fences are those below seq_cst. A mutex step is lock, try_lock or unlock.
enum class step : std::uint8_t {
  load,
  store,
  rmw,
  cas,
  failed_cas,
  weak_fence,
  full_fence,
  light_fence,
  heavy_fence,
  mutex,
  futex_wait,
  futex_wake,
  allocation,
};
inline constexpr std::array step_names{
    "load",        "store",       "rmw",   "cas",        "failed cas", "weak fence", "full fence",
    "light fence", "heavy fence", "mutex", "futex wait", "futex wake", "allocation"};
inline constexpr std::size_t step_kinds = step_names.size();

/// How many steps of each kind.
struct step_counts {
  std::array<std::uint64_t, step_kinds> of{};

  [[nodiscard]] std::uint64_t operator[](step s) const noexcept { return of[static_cast<std::size_t>(s)]; }
  friend step_counts operator-(step_counts a, step_counts const& b) noexcept {
    for (std::size_t i = 0; i < step_kinds; ++i) a.of[i] -= b.of[i];
    return a;
  }
  friend step_counts operator+(step_counts a, step_counts const& b) noexcept {
    for (std::size_t i = 0; i < step_kinds; ++i) a.of[i] += b.of[i];
    return a;
  }
  friend bool operator==(step_counts const&, step_counts const&) = default;
};

namespace counting {

inline step_counts& mine() noexcept {
  thread_local constinit step_counts counts{};
  return counts;
}
inline void count(step s) noexcept { ++mine().of[static_cast<std::size_t>(s)]; }

template <class T> class atomic {
  using order = std_platform::order;

 public:
  constexpr atomic(T v = T{}) noexcept : value_(v) {}

  [[nodiscard]] T load(order o) const noexcept { return count(step::load), value_.load(o); }
  void store(T v, order o) noexcept { count(step::store), value_.store(v, o); }
  T exchange(T v, order o) noexcept { return count(step::rmw), value_.exchange(v, o); }
  T fetch_add(T v, order o) noexcept requires std::is_integral_v<T> { return count(step::rmw), value_.fetch_add(v, o); }
  T fetch_sub(T v, order o) noexcept requires std::is_integral_v<T> { return count(step::rmw), value_.fetch_sub(v, o); }
  T fetch_and(T v, order o) noexcept requires std::is_integral_v<T> { return count(step::rmw), value_.fetch_and(v, o); }
  T fetch_or(T v, order o) noexcept requires std::is_integral_v<T> { return count(step::rmw), value_.fetch_or(v, o); }
  bool compare_exchange_strong(T& expected, T desired, order success, order failure) noexcept {
    return counted(value_.compare_exchange_strong(expected, desired, success, failure));
  }
  /// Never fails spuriously, as on x86, so that the count is the same elsewhere.
  bool compare_exchange_weak(T& expected, T desired, order success, order failure) noexcept {
    return counted(value_.compare_exchange_strong(expected, desired, success, failure));
  }

  [[nodiscard]] std::atomic<T> const& uncounted() const noexcept { return value_; }

 private:
  static bool counted(bool succeeded) noexcept {
    count(step::cas);
    if (!succeeded) count(step::failed_cas);
    return succeeded;
  }

  std::atomic<T> value_;
};

class SUREWAKE_LOCK mutex {
 public:
  void lock() SUREWAKE_LOCKS() { count(step::mutex), mutex_.lock(); }
  [[nodiscard]] bool try_lock() SUREWAKE_TRIES_TO_LOCK { return count(step::mutex), mutex_.try_lock(); }
  void unlock() SUREWAKE_UNLOCKS() { count(step::mutex), mutex_.unlock(); }

 private:
  std_platform::mutex mutex_;
};

}  // namespace counting

struct counting_platform {
  using native = std_platform;
  using order = native::order;
  static constexpr order relaxed = native::relaxed;
  static constexpr order acquire = native::acquire;
  static constexpr order release = native::release;
  static constexpr order acq_rel = native::acq_rel;
  static constexpr order seq_cst = native::seq_cst;

  template <class T> using atomic = counting::atomic<T>;
  template <class T> using plain = native::plain<T>;
  using mutex = counting::mutex;
  using clock = native::clock;
  using word = atomic<std::uint32_t>;
  static_assert(std::is_standard_layout_v<word> && sizeof(word) == sizeof(std::uint32_t));

  /// Returns what the calling thread has done so far.
  [[nodiscard]] static step_counts steps() noexcept { return counting::mine(); }
  /// Returns how many futex waits the threads of the process have begun: each is counted just before it may sleep.
  [[nodiscard]] static std::uint64_t waits_begun() noexcept { return waits_begun_.load(seq_cst); }

  static void fence(order o) noexcept {
    counting::count(o == seq_cst ? step::full_fence : step::weak_fence);
    native::fence(o);
  }
  static void light_fence(order o = seq_cst) noexcept { counting::count(step::light_fence), native::light_fence(o); }
  static void heavy_fence(order o = seq_cst) noexcept { counting::count(step::heavy_fence), native::heavy_fence(o); }
  static void prepare_fences() noexcept { native::prepare_fences(); }

  static void futex_wait(word const& w, std::uint32_t expected) noexcept {
    begin_wait();
    native::futex_wait(w.uncounted(), expected);
  }
  static bool futex_wait_until(word const& w, std::uint32_t expected, clock::time_point deadline) noexcept {
    begin_wait();
    return native::futex_wait_until(w.uncounted(), expected, deadline);
  }
  /// Only the address of `w` is used, which is that of the native atomic in it.
  static void futex_wake(word const* w, int n) noexcept {
    counting::count(step::futex_wake);
    native::futex_wake(reinterpret_cast<std::atomic<std::uint32_t> const*>(w), n);
  }
  template <class T, class Pred> static bool spin(atomic<T> const& w, Pred pred, order o, std::chrono::nanoseconds) {
    return pred(w.load(o));
  }
  template <class T, class Pred> static T await(atomic<T> const& w, Pred pred, order o) {
    counting::count(step::load);
    return native::await(w.uncounted(), pred, o);
  }
  static void yield() noexcept { native::yield(); }
  template <class T> static void backoff(atomic<T> const&, std::size_t) noexcept {}
  static void relax() noexcept { native::relax(); }

  [[nodiscard]] static void* allocate(std::size_t bytes, std::size_t align) {
    counting::count(step::allocation);
    return native::allocate(bytes, align);
  }
  static void deallocate(void* p, std::size_t bytes, std::size_t align) noexcept {
    native::deallocate(p, bytes, align);
  }
  template <class T> using default_delete = native::default_delete<T>;
  template <class T> [[nodiscard]] static T& local() { return native::local<T>(); }
  template <class T> [[nodiscard]] static T& shared() { return native::shared<T>(); }
  static constexpr std::size_t scaled(std::size_t shipped, std::size_t few) noexcept {
    return native::scaled(shipped, few);
  }
  [[nodiscard]] static clock::time_point now() noexcept { return native::now(); }
  [[noreturn]] static void broken(char const* law) { native::broken(law); }

 private:
  static void begin_wait() noexcept {
    counting::count(step::futex_wait);
    waits_begun_.fetch_add(1, seq_cst);
  }
  static inline std::atomic<std::uint64_t> waits_begun_{0};
};

static_assert(platform<counting_platform>);

}  // namespace surewake::bench

#include <surewake/core/platform/macros_pop.hpp>
