// surewake/core/primitives/waits.hpp: the ways to wait for what leaves nothing to hold: an event, a latch, a barrier.
//
//   waiting_place   what the awaiters of core/semaphore/ take for a semaphore; its waits end with nothing, or with bool
//   waits           the calls that a primitive has from it, once for all of them
//
// Invariants
//   I1  A coroutine that is destroyed after its wait was granted and before it ran gives the grant back where grants
//       are final: that signal is another wait's. Where they are not, what it waited for holds for everybody.
// Place, Lifetime, Cost   those of acquire_awaiter.hpp and cancellable_awaiter.hpp: a wait allocates what the strategy
//           allocates, and its node is in the coroutine's frame.
// Checked   queues/conformance/event.test.cpp, latch.test.cpp and barrier.test.cpp over every strategy;
//           models/primitives/.
#pragma once

#include <surewake/core/semaphore/semaphore.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

template <template <class> class Queue, platform P, class Discipline> class waiting_place {
 public:
  using platform_type = P;
  using synchronizer_type = typename synchronizer_for<Queue, Discipline>::template type<P>;
  using permit = void;
  using optional_permit = bool;

  explicit waiting_place(std::int64_t first) noexcept : synchronizer_(first) {}
  waiting_place(waiting_place const&) = delete;
  waiting_place& operator=(waiting_place const&) = delete;
  ~waiting_place() { assert(waiters() == 0 && "surewake: destroyed while somebody waits"); }

  [[nodiscard]] auto wait(std::uint32_t n) noexcept {
    return acquire_awaiter<waiting_place, resume_in_place<P>>(*this, n, {});
  }
  template <executor<P> Executor> [[nodiscard]] auto wait_on(Executor& ex, std::uint32_t n) noexcept {
    return acquire_awaiter<waiting_place, resume_on<Executor>>(*this, n, {&ex});
  }
  template <class Stop>
    requires stop_source_for<P, Stop>
  [[nodiscard]] auto wait(Stop stop, std::uint32_t n) noexcept {
    return cancellable_awaiter<waiting_place, Stop, stop_traits<P, Stop>::template canceller>(*this, n,
                                                                                              std::move(stop));
  }
  /// Blocks. Returns whether the wait was granted, which without a limit it is.
  bool block(std::uint32_t n, wait_options const& options, std::optional<time_limit<P>> const& until = {}) {
    take_result const taken = synchronizer_.take(n);
    if (taken.is_granted()) return true;
    return blocking_wait<synchronizer_type>(synchronizer_, n).run(taken, options.spin, until) == wait_outcome::granted;
  }
  [[nodiscard]] bool try_wait(std::uint32_t n) noexcept { return synchronizer_.try_take(n); }

  /// The discipline's put, reduce and available.
  void put(std::int64_t n) noexcept { synchronizer_.give_back(n); }
  std::int64_t reduce(std::int64_t n) noexcept { return synchronizer_.reduce(n); }
  [[nodiscard]] std::int64_t available() const noexcept { return synchronizer_.available(); }
  [[nodiscard]] std::size_t waiters() const noexcept { return synchronizer_.waiters(); }

 private:
  template <class, class> friend class acquire_awaiter;
  template <class, class, template <class> class, class> friend class cancellable_awaiter;

  void make_permit(std::uint32_t) noexcept {}
  void give_back(std::uint32_t n) noexcept {
    if constexpr (Discipline::grants_are_final) put(n);  // I1
  }

  synchronizer_type synchronizer_;
};

/// The Ticket of a wait that begins now.
struct from_now {};

/// The calls of a Primitive that waits at its place(). A Ticket says for what; number(ticket) is what the discipline
/// takes for it.
///
/// Resumes  as basic_semaphore's acquires: at home, on the executor, or on the thread that ended the wait.
/// Orders   a wait that is not given up sees what was done before the call that ended it; one that is sees nothing.
template <class Primitive, platform P, class Ticket> class waits {
 public:
  /// Awaitable of nothing.
  ///
  /// Errors  none.   Cost  nothing to wait for: one load or RMW. Else a node in the coroutine's frame.
  [[nodiscard]] auto wait(Ticket t = {}) noexcept { return place().wait(number(t)); }
  /// The same; where it has to wait it resumes on `ex`, which must outlive the wait.
  template <executor<P> Executor> [[nodiscard]] auto wait_on(Executor& ex, Ticket t = {}) noexcept {
    return place().wait_on(ex, number(t));
  }
  /// Awaitable of bool: false when `stop` is requested before the wait has ended.
  template <class Stop>
    requires stop_source_for<P, Stop>
  [[nodiscard]] auto wait(Stop stop, Ticket t = {}) noexcept {
    return place().wait(std::move(stop), number(t));
  }
  /// Awaitable of bool: false once the time is over. By the timers of the coroutine's home, or of the shared pool, or
  /// by `timers`.   Errors  std::system_error from the co_await, where the shared pool cannot be started.
  template <class Rep, class Period>
    requires stop_source_for<P, stop_at<P>>
  [[nodiscard]] auto wait_for(std::chrono::duration<Rep, Period> limit, Ticket t = {}) {
    return wait(stop_at<P>(time_limit<P>::in(limit)), t);
  }
  template <class Clock, class Duration>
    requires stop_source_for<P, stop_at<P>>
  [[nodiscard]] auto wait_until(std::chrono::time_point<Clock, Duration> when, Ticket t = {}) {
    return wait(stop_at<P>(time_limit<P>(when)), t);
  }
  template <class Timers, class Rep, class Period>
    requires stop_source_for<P, stop_at_of<P, Timers>>
  [[nodiscard]] auto wait_for(Timers& timers, std::chrono::duration<Rep, Period> limit, Ticket t = {}) {
    return wait(stop_at_of<P, Timers>{time_limit<P>::in(limit), &timers}, t);
  }
  template <class Timers, class Clock, class Duration>
    requires stop_source_for<P, stop_at_of<P, Timers>>
  [[nodiscard]] auto wait_until(Timers& timers, std::chrono::time_point<Clock, Duration> when, Ticket t = {}) {
    return wait(stop_at_of<P, Timers>{time_limit<P>(when), &timers}, t);
  }

  /// Blocks the calling thread, which spins, then sleeps; before that it runs what is ready on it.   Errors  none.
  void wait_blocking(Ticket t = {}, wait_options options = {}) { place().block(number(t), options); }
  /// The same, at most for that time. Returns false once it is over.
  template <class Rep, class Period>
  [[nodiscard]] bool try_wait_for(std::chrono::duration<Rep, Period> limit, Ticket t = {}, wait_options options = {}) {
    return place().block(number(t), options, time_limit<P>::in(limit));
  }
  template <class Clock, class Duration>
  [[nodiscard]] bool try_wait_until(std::chrono::time_point<Clock, Duration> when, Ticket t = {},
                                    wait_options options = {}) {
    return place().block(number(t), options, time_limit<P>(when));
  }
  /// Returns whether a wait would end now, which then has ended. Never waits.
  [[nodiscard]] bool try_wait(Ticket t = {}) noexcept { return place().try_wait(number(t)); }

  /// Returns how many wait: a snapshot.
  [[nodiscard]] std::size_t waiters() const noexcept {
    return static_cast<Primitive const&>(*this).place_.waiters();
  }

 private:
  [[nodiscard]] auto& place() noexcept { return static_cast<Primitive&>(*this).place_; }
  [[nodiscard]] std::uint32_t number(Ticket t) const noexcept {
    return static_cast<Primitive const&>(*this).number(t);
  }
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
