// surewake/core/asio/acquire.hpp: `async_acquire(limit, n, token)`: an acquire as an asynchronous operation of Asio.
//
//   permits are free --> posted to the handler's executor
//   waits            --> operation.hpp
//
// Place     the handler's associated executor, by a post: never inside of the call, or of a release.
// Lifetime  The semaphore outlives the wait. While it waits the operation is work of the executor, so that
//           io_context::run() does not return.
// Cost      a permit that is free: one RMW and a post. A wait: an object from the handler's associated allocator, a
//           post, and where the handler has a cancellation slot a std::stop_source.
// Checked   queues/conformance/asio.test.cpp.
#pragma once

#include <surewake/core/asio/operation.hpp>
#include <surewake/core/semaphore/semaphore.hpp>

#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

template <class Token, class Semaphore>
concept acquire_token = net::completion_token_for<Token, void(net_error_code, typename Semaphore::permit)>;

struct initiate_acquire {
  template <class Handler, class Semaphore>
  void operator()(Handler&& handler, Semaphore* s, std::uint32_t n) const {
    using own = std::decay_t<Handler>;
    if (auto free = s->try_acquire(n)) {
      auto const ex = net::get_associated_executor(handler);
      net::post(ex, asio_completion{own(std::forward<Handler>(handler)), net_error_code(), std::move(*free)});
    } else {
      asio_operation<Semaphore, own>::start(*s, n, std::forward<Handler>(handler));
    }
  }
};

}  // namespace detail

/// Takes a permit of n as an asynchronous operation: `token` is a completion token for `void(error_code, permit)`. The
/// error code is none, `acquire_error::closed`, or `operation_aborted` where the operation was cancelled; with an error
/// the permit is empty. A permit that is free is taken at once, and its handler posted.
///
/// Cancels  by the handler's cancellation slot: terminal, partial and total each give the wait up, as the executor's
///          context does when it ends. If a grant came first, the handler gets the permit.
/// Errors   std::invalid_argument where n < 1 or n > max_request(), from this call; std::bad_alloc where it is
///          initiated.
/// Orders   acquires what the last holders of these permits released.
/// Runs     the handler on its associated executor, later.
template <class Semaphore, detail::acquire_token<Semaphore> Token>
auto async_acquire(Semaphore& limit, std::ptrdiff_t n, Token&& token) {
  return detail::net::async_initiate<Token, void(detail::net_error_code, typename Semaphore::permit)>(
      detail::initiate_acquire(), token, &limit, detail::checked_request::of<Semaphore>("async_acquire", n));
}
/// As above, of one permit.
template <class Semaphore, detail::acquire_token<Semaphore> Token>
auto async_acquire(Semaphore& limit, Token&& token) {
  return async_acquire(limit, 1, std::forward<Token>(token));
}

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
