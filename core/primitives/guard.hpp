// surewake/core/primitives/guard.hpp: the right to be inside of a mutex, as an object: its holder unlocks by destroying
// it.
//
//   empty <--unlock/move from/a wait of a condition variable-- holding
//
// Invariants
//   I1  At most one guard of a mutex holds it.
//   I2  To unlock may resume a coroutine inside the call, and that one may destroy this very guard, or the mutex. So a
//       call has changed all of its guard before it unlocks, and touches nothing of it afterwards.
//   I3  A guard that is tested has a name, as a permit's (core/semaphore/permit.hpp, I3). One that nobody keeps is a
//       warning.
// Thread safety  one guard is one thread's at a time; different ones are independent. The thread that unlocks need not
//                be the one that locked.
// Checked  core/primitives/mutex.test.cpp, verify/checks/misuse.cpp.
#pragma once

#include <surewake/core/semaphore/permit.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

template <class ConditionVariable, class Mutex> class mutex_wait;

}  // namespace detail

/// Holds a Mutex, and unlocks it when it is destroyed. It can be moved, not copied.
///
/// Side     as what it holds it: of a shared mutex, its readers' side for a guard that others may share.
template <class Mutex, class Side = Mutex> class [[nodiscard]] basic_guard {
 public:
  using mutex_type = Mutex;

  /// An empty guard.
  basic_guard() noexcept = default;
  basic_guard(basic_guard&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
  /// Takes over what `other` holds, then unlocks what this one held.
  ///
  /// Orders, Runs   as unlock().
  basic_guard& operator=(basic_guard&& other) noexcept {
    basic_guard taken(std::move(other));
    swap(taken);
    return *this;  // I2: `taken`, which is nobody else's, unlocks what was here
  }
  void swap(basic_guard& other) noexcept { std::swap(mutex_, other.mutex_); }
  friend void swap(basic_guard& a, basic_guard& b) noexcept { a.swap(b); }
  /// As unlock().
  ~basic_guard() {
    if (mutex_ != nullptr) static_cast<Side*>(mutex_)->give_back(1);
  }

  /// Unlocks the mutex, and becomes empty; on an empty one nothing happens.
  ///
  /// Orders   releases: what this thread did before is visible to the next holder.
  /// Runs     the next holder may be resumed inside the call (core/node/trampoline.hpp says when).
  /// Signals  not async-signal-safe.
  /// Lifetime the next holder may destroy the mutex, which is not accessed once it can be had.
  void unlock() noexcept {
    if (Side* const m = std::exchange(mutex_, nullptr)) m->give_back(1);
  }

  /// The mutex that is held; null where the guard is empty.
  [[nodiscard]] Mutex* mutex() const noexcept { return mutex_; }
  /// Whether it holds one. Of a named guard only: I3.
  [[nodiscard]] explicit operator bool() const& noexcept { return mutex_ != nullptr; }
  explicit operator bool() const&& = delete;

 private:
  friend Mutex;
  friend Side;
  template <class, class> friend class detail::mutex_wait;
  explicit basic_guard(Mutex& m) noexcept : mutex_(&m) {}

  Mutex* mutex_ = nullptr;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
