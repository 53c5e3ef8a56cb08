// surewake/core/primitives/mutex.hpp: a mutex for coroutines and threads, which is handed from holder to holder.
//
//   free --lock, try_lock--> held --unlock, nobody waits--> free
//                            held --unlock, somebody waits--> held by the first waiter, which is resumed
//
// It is the synchronizer of a semaphore with one permit (core/semaphore/semaphore.hpp, whose laws 2 to 8 hold), with a
// guard for the permit. What a semaphore can do besides is not here, since none of it is what a mutex is for:
//   several permits     one holder at a time
//   close()             what a mutex guards can be closed, by a flag that it guards; its waiters then see it in turn.
//                       Were there a close() of the mutex, nobody could clean up what it guards
//   add, reduce, forget a permit that vanishes is a mutex that stays locked
// Terms     the *holder* has the guard. Under hand_off, the default, an unlock makes the first waiter the holder. Under
//           barging it is free for all (core/README.md, discipline).
// Not recursive: a holder that locks again waits for itself.
// Progress  as the semaphore's.   Fairness  the discipline's.   Cost  uncontended: one RMW to lock, one to unlock.
// Checked   models/primitives/mutex_excludes.hpp, and by all models of the synchronizer.
#pragma once

#include <surewake/core/primitives/guard.hpp>
#include <surewake/core/primitives/lock_calls.hpp>
#include <surewake/core/semaphore/counter_synchronizer.hpp>

#include <cassert>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// A mutex whose waiters `Queue` keeps (queues/), on the platform P, under `Discipline`. The ways to lock it:
/// core/primitives/lock_calls.hpp.
///
/// Threads   every call may be made by any number of threads at once; construction and destruction by one, alone, while
///           nobody holds it or waits.
/// Resumes   unlock, and a wait that is given up, may resume coroutines before they return, as core/node/trampoline.hpp
///           says; they may use the mutex, and destroy it.
/// Signals   no call is async-signal-safe.
template <template <class> class Queue, platform P = std_platform, class Discipline = hand_off>
  requires waiter_queue<Queue<P>, P>
class basic_mutex : public detail::lock_calls<basic_mutex<Queue, P, Discipline>, P> {
 public:
  using platform_type = P;
  using queue_type = Queue<P>;
  using discipline_type = Discipline;
  using synchronizer_type = typename synchronizer_for<Queue, Discipline>::template type<P>;
  using guard = basic_guard<basic_mutex>;
  using optional_guard = basic_optional_permit<guard>;

  basic_mutex() noexcept : synchronizer_(1) {}
  /// The same with a discipline that has something to say at run time.   Errors  std::invalid_argument, where that is
  /// out of its range.
  explicit basic_mutex(Discipline d)
    requires std::constructible_from<synchronizer_type, std::int64_t, Discipline>
      : synchronizer_(1, detail::checked(d)) {}
  basic_mutex(basic_mutex const&) = delete;
  basic_mutex& operator=(basic_mutex const&) = delete;
  ~basic_mutex() {
    assert(synchronizer_.waiters() == 0 && "surewake: a mutex was destroyed while somebody waits");
  }

  /// Snapshots for monitoring: whether somebody holds it, and how many locks are registered and wait.
  [[nodiscard]] bool is_locked() const noexcept { return synchronizer_.available() == 0; }
  [[nodiscard]] std::size_t waiters() const noexcept { return synchronizer_.waiters(); }

 private:
  // What the ways to wait ask of whatever has permits.
  using permit = guard;
  using optional_permit = optional_guard;
  friend guard;
  friend detail::lock_calls<basic_mutex, P>;
  friend detail::blocking_acquire<basic_mutex>;
  template <class, class> friend class detail::acquire_awaiter;
  template <class, class, template <class> class, class> friend class detail::cancellable_awaiter;
  template <class, class> friend class detail::mutex_wait;

  [[nodiscard]] static constexpr std::uint32_t permits() noexcept { return 1; }
  void give_back(std::int64_t) noexcept { synchronizer_.give_back(1); }
  guard make_permit(std::ptrdiff_t) noexcept { return guard(*this); }

  synchronizer_type synchronizer_;  // of one permit
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
