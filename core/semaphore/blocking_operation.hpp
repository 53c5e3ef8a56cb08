// surewake/core/semaphore/blocking_operation.hpp: an acquire that blocks a plain thread, and that a stop ends as well.
//
//   waits --granted, closed, stopped--> over: the thread is woken           cancellable_awaiter.hpp, its table
//         --the thread's own limit has passed--> it stops its wait itself    as any other stopper; then as above
//
// A blocking_wait has two parties, and its thread withdraws its node itself. With a stop there are three, as there are
// for a coroutine that is stopped. So this is an operation of cancellable_awaiter.hpp, whose coroutine is a thread.
//
// Invariants
//   I1  over() is one exchange and a wake (blocking_wait.hpp, I1), called where the wait ends. So a coroutine that
//       releases a permit, and goes on, does not keep the thread asleep until it suspends.
//   I2  The stop and the limit may come at once: either_stop. After its limit the thread waits for over(), which is
//       certain to come then.
// Blocks    as blocking_wait.hpp says.   Cost  as there, and one RMW to arm, one to hand over, and what the stop source
//           takes; no allocation of ours.
// Checked   models/giving_up/stop_against_thread.hpp.
#pragma once

#include <surewake/core/semaphore/blocking_wait.hpp>
#include <surewake/core/semaphore/cancellable_awaiter.hpp>
#include <surewake/core/semaphore/stop_sources.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

template <class Semaphore, class Stop> class blocking_operation;
template <class Semaphore, class Stop>
using blocking_operation_wait =
    cancellable_awaiter<Semaphore, either_stop<Stop, by_hand>,
                        stop_traits<typename Semaphore::platform_type, either_stop<Stop, by_hand>>::template canceller,
                        blocking_operation<Semaphore, Stop>>;

template <class Semaphore, class Stop> class blocking_operation final : blocking_operation_wait<Semaphore, Stop> {
  using P = typename Semaphore::platform_type;
  using base = blocking_operation_wait<Semaphore, Stop>;
  using limit = std::optional<time_limit<P>>;
  friend base;

 public:
  /// Waits for n permits of `s`, at most until `until`, and until `source` is requested.
  ///
  /// Returns  a permit; empty where it was given up.   Errors  closed_error.
  static typename Semaphore::optional_permit run(Semaphore& s, std::uint32_t n, Stop source,
                                                 std::chrono::nanoseconds spin, limit until) {
    blocking_operation self(s, n, std::move(source));
    self.begin_operation();
    if (self.waited()) self.block(spin, until);
    return self.await_resume();
  }

 private:
  static constexpr bool has_home = false;
  static constexpr bool ends_at_once = true;

  blocking_operation(Semaphore& s, std::uint32_t n, Stop source) noexcept : base(s, n, {std::move(source), {}}) {}

  void over() noexcept { place_.wake(); }

  void block(std::chrono::nanoseconds spin, limit& until) noexcept {
    if (place_.sleep(spin, until)) return;
    this->source().second.request();
    until.reset();
    place_.sleep(spin, until);  // I2
  }

  sleeping_place<P> place_;
};

}  // namespace detail

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
