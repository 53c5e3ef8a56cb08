// surewake/core/senders/acquire.hpp: `senders::acquire(limit, n)`: an acquire as a sender.
//
//   connected --start--> permits are free: set_value(permit), in start()
//                        waits --granted--> set_value(permit)
//                              --the environment's stop token is requested--> set_stopped()
//                              --close()--> set_error(closed_error)
//
// Place     of a wait: the scheduler of the receiver's environment; without one, the home of the coroutine or work that
//           called start() (home.hpp), or the thread that ended the wait. What does not wait completes in start().
// Lifetime  The semaphore outlives the wait. An operation that was started is not destroyed before it completes.
// Errors    std::terminate where there is no memory for the text of a closed_error.
// Cost      an operation is the wait's node, the receiver, and the operation of the scheduler's sender where there is
//           one.
// Checked   queues/conformance/senders.test.cpp, models/giving_up/stop_against_operation.hpp.
#pragma once

#include <surewake/core/semaphore/semaphore.hpp>
#include <surewake/core/senders/operation.hpp>

#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace senders {

/// What acquire() returns. It can be copied, and each copy connected and started.
template <class Semaphore> class acquire_sender {
 public:
  using sender_concept = sender_t;
  using completion_signatures = senders::completion_signatures<set_value_t(typename Semaphore::permit),
                                                               set_error_t(closed_error), set_stopped_t()>;

  /// Errors  what the receiver's move, and the connection of its environment's scheduler, throw.
  template <receiver R> [[nodiscard]] auto connect(R r) const {
    return detail::acquire_operation<Semaphore, R>(*semaphore_, n_, std::move(r));
  }

 private:
  template <class S> friend acquire_sender<S> acquire(S& limit, std::ptrdiff_t n);
  acquire_sender(Semaphore& s, std::uint32_t n) noexcept : semaphore_(&s), n_(n) {}

  Semaphore* semaphore_;
  std::uint32_t n_;
};

/// Returns a sender of a permit of n.
///
/// Errors   std::invalid_argument where n < 1 or n > max_request(), from this call.
/// Orders   set_value acquires what the last holders of these permits released.
template <class Semaphore>
[[nodiscard]] acquire_sender<Semaphore> acquire(Semaphore& limit, std::ptrdiff_t n = 1) {
  return {limit, surewake::detail::checked_request::of<Semaphore>("senders::acquire", n)};
}

}}  // namespace surewake::senders

#include <surewake/core/platform/macros_pop.hpp>
