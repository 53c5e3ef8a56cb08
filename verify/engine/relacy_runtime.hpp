// surewake/verify/engine/relacy_runtime.hpp: what the Relacy platform asks of its engine, without a word of Relacy.
//
// Relacy's header replaces operator new and defines macros for `new`, `delete`, `assert`, `$` and the memory orders, so
// two files of the engine alone see it, by engine/relacy.hpp. Models, strategies and the platform compile against this
// header instead.
//
// An iteration is one execution of one schedule. Outside of an iteration (`frozen()`) nothing here may be called: the
// platform then answers from the newest values it saw, so that a model's state() can be asked after a deadlock.
#pragma once

#include <surewake/verify/engine/shown.hpp>

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <string>

namespace surewake::verify::relacy {

using where = std::source_location;

using verify::action;
using verify::order;
using verify::shown;
using verify::step_info;
using verify::value_text;

namespace detail {
inline bool is_frozen = true;     // no iteration runs: never call the engine
inline bool is_observed = false;  // a trace is recorded
}  // namespace detail

[[nodiscard]] inline bool frozen() noexcept { return detail::is_frozen; }
[[nodiscard]] inline bool observed() noexcept { return detail::is_observed; }
void record(step_info const& s, where at) noexcept;
/// Names the `bytes` at `object` `name` in the trace from here on, and puts values in them into words by `text`, if it
/// is not null.
void name_object(void const* object, std::size_t bytes, char const* name, value_text text) noexcept;

/// Reports a finding and does not return: the schedule ends here.
[[noreturn]] void broken_law(char const* law, where at) noexcept;

/// Reports likewise that element i of n is accessed.
[[noreturn]] void out_of_range(std::uint64_t i, std::uint64_t n, where at) noexcept;

/// Names what the thread does until end_operation(), for the claims of a case (verify/engine/progress.hpp). They nest.
void begin_operation(char const* name, where at) noexcept;
void end_operation(char const* name) noexcept;

/// Detects accesses after the end of a lifetime. The writes are volatile: they must survive in objects about to be
/// freed.
class alive {
 public:
  alive() noexcept { const_cast<std::uint32_t volatile&>(mark_) = living; }
  ~alive() { const_cast<std::uint32_t volatile&>(mark_) = 0; }
  alive(alive const&) = delete;
  alive& operator=(alive const&) = delete;
  void check(where at) const noexcept {
    if (const_cast<std::uint32_t const volatile&>(mark_) != living) [[unlikely]]
      dead(at);
  }

 private:
  static constexpr std::uint32_t living = 0x51A11ED5;
  [[noreturn]] static void dead(where at) noexcept;
  std::uint32_t mark_;
};

/// The history of one atomic: which of its last stores a read may see. The values themselves are the platform's, one
/// slot for each store that is still visible.
class history {
 public:
  static constexpr unsigned slots = 3;

  explicit history(where at) noexcept;
  ~history();
  history(history const&) = delete;
  history& operator=(history const&) = delete;

  /// The scheduling point before every operation; ends the schedule when the atomic is gone.
  void enter(where at) const noexcept;
  /// Each returns the slot that was read or written. `read` may see an older store; the others see the newest.
  [[nodiscard]] unsigned read(action what, order o, where at) const noexcept;
  [[nodiscard]] unsigned read_newest(action what, order o, where at) const noexcept;
  [[nodiscard]] unsigned write(action what, order o, where at) noexcept;
  [[nodiscard]] unsigned modify(action what, order o, where at) noexcept;
  /// Returns whether a weak compare-exchange fails though the value is the expected one.
  [[nodiscard]] bool fail_spuriously() noexcept;
  /// Returns whether a compare-exchange reads what a load could read, which may be an older value and make it fail.
  [[nodiscard]] bool looks_back() noexcept;
  /// Wakes the threads in sleep_on(this): called after the new value is in its slot.
  void changed() const noexcept;

  [[nodiscard]] unsigned newest() const noexcept { return newest_; }
  void check(where at) const noexcept { alive_.check(at); }

 private:
  void* data_ = nullptr;  // Relacy's record
  unsigned newest_ = 0;
  bool failed_once_ = false;
  bool looked_back_ = false;
  alive alive_;
};

/// Checks the accesses to one plain variable: races end the schedule.
class accesses {
 public:
  explicit accesses(bool initialised) noexcept;
  ~accesses();
  accesses(accesses const&) = delete;
  accesses& operator=(accesses const&) = delete;
  void read(where at) const noexcept;
  void write(where at) noexcept;

 private:
  void* data_ = nullptr;
  bool initialised_ = false;
  int written_by_ = -1;  // the thread that wrote last, and where: for the report of a race
  mutable int read_by_ = -1;
  where written_at_{};
  mutable where read_at_{};
  alive alive_;
};

class mutex_state {
 public:
  mutex_state() noexcept;
  ~mutex_state();
  mutex_state(mutex_state const&) = delete;
  mutex_state& operator=(mutex_state const&) = delete;
  void lock(where at) noexcept;
  [[nodiscard]] bool try_lock(where at) noexcept;
  void unlock(where at) noexcept;

 private:
  void* data_ = nullptr;
  int owner_ = -1;
  alive alive_;
};

using time_point = std::chrono::steady_clock::time_point;

/// Sleeps until an operation changes the atomic. Nothing comes between the caller's look at the value and the sleep.
void sleep_on(history const& h, where at) noexcept;
/// Sleeps until futex_wake(address), a spurious wake, or, with a deadline, a time-out. Returns false for a time-out.
bool futex_sleep(void const* address, time_point const* deadline, where at) noexcept;
void futex_wake(void const* address, int n, where at) noexcept;
/// Returns a clock that does not advance, except that a time-out moves it to the deadline.
[[nodiscard]] time_point now() noexcept;

/// Executes a fence of any order; or a half of a pair, whose order is seq_cst. A seq_cst one makes the thread's later
/// loads see what happened before the earlier ones that it is ordered with: of a full fence all full and heavy ones, of
/// a light one the heavy ones, of a heavy one all three. It does nothing more: it does not make that happen before.
void fence(order o, where at) noexcept;
void light_fence(order o, where at) noexcept;
void heavy_fence(order o, where at) noexcept;
void yield(where at) noexcept;
[[nodiscard]] void* allocate(std::size_t bytes, std::size_t align, where at);
void deallocate(void* p, std::size_t bytes, std::size_t align, where at) noexcept;

/// Returns this thread's object of the type that `key` identifies. It is made at first use, and destroyed where the
/// thread ends, in its schedule as on a machine. What runs alone before and after the threads has its own object,
/// destroyed with the iteration.
[[nodiscard]] void* local(void const* key, std::size_t bytes, std::size_t align, void (*construct)(void*),
                          void (*destroy)(void*));

/// Returns the iteration's one object of that type; made at first use, which every later one sees, and destroyed last.
[[nodiscard]] void* shared(void const* key, std::size_t bytes, std::size_t align, void (*construct)(void*),
                           void (*destroy)(void*));

}  // namespace surewake::verify::relacy
