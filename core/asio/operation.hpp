// surewake/core/asio/operation.hpp: an acquire of Asio's that waits.
//
//   waits --granted, closed, cancelled, the executor's context ends--> posted to the handler's executor
//   posted --> called, or destroyed uncalled by a context that ends
//
// Invariants
//   I1  The wait, and the race of those who end it, is that of cancellable_awaiter.hpp: a grant that comes before the
//       stop wins, and then the handler gets the permit.
//   I2  A permit is in the handler's arguments, as an object. Where a handler is destroyed uncalled, it is released.
//   I3  The operation's memory is given back before the handler is posted, as Asio's own operations do.
// Checked   queues/conformance/asio.test.cpp; the protocol by models/giving_up/.
#pragma once

#include <surewake/core/asio/pending.hpp>
#include <surewake/core/asio/stop.hpp>
#include <surewake/core/semaphore/cancellable_awaiter.hpp>

#include <memory>
#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// A handler with its arguments.
template <class Handler, class Permit> struct asio_completion {
  Handler handler;
  net_error_code error;
  Permit permit;

  using allocator_type = net::associated_allocator_t<Handler>;
  [[nodiscard]] allocator_type get_allocator() const noexcept { return net::get_associated_allocator(handler); }
  void operator()() { std::move(handler)(error, std::move(permit)); }
};
template <class Handler, class Permit>
asio_completion(Handler, net_error_code, Permit) -> asio_completion<Handler, Permit>;

template <class Semaphore, class Handler>
class asio_operation final
    : cancellable_awaiter<Semaphore, asio_stop, asio_canceller, asio_operation<Semaphore, Handler>> {
  using base = cancellable_awaiter<Semaphore, asio_stop, asio_canceller, asio_operation>;
  friend base;
  using executor_type = net::associated_executor_t<Handler>;
  using allocator_type =
      typename std::allocator_traits<net::associated_allocator_t<Handler>>::template rebind_alloc<asio_operation>;

 public:
  /// Waits for n permits of `s`, then posts `handler`.   Errors  std::bad_alloc; then nothing has happened.
  static void start(Semaphore& s, std::uint32_t n, Handler handler) {
    executor_type const ex = net::get_associated_executor(handler);
    pending_operations* const pending = pending_of(ex);
    asio_stop stops(pending != nullptr ? &pending->token() : nullptr);
    stops.listen_to(handler);
    allocator_type allocator(net::get_associated_allocator(handler));
    asio_operation* const self = std::allocator_traits<allocator_type>::allocate(allocator, 1);
    ::new (static_cast<void*>(self)) asio_operation(s, n, std::move(stops), std::move(handler), ex, pending);
    if (pending != nullptr) pending->add();
    self->begin_operation();
  }

 private:
  static constexpr bool has_home = false;

  asio_operation(Semaphore& s, std::uint32_t n, asio_stop stops, Handler&& handler, executor_type const& ex,
                 pending_operations* pending) noexcept
      : base(s, n, std::move(stops)), handler_(std::move(handler)), work_(ex), pending_(pending) {}
  ~asio_operation() = default;

  static net_error_code error_of(typename base::ending e) noexcept {
    if (e == base::ending::granted) return {};
    if (e == base::ending::closed) return make_error_code(acquire_error::closed);
    return make_error_code(net::error::operation_aborted);
  }

  /// The wait has ended.   Errors  std::terminate where Asio has no memory for a post.
  void over() noexcept {
    pending_operations* const pending = pending_;
    {
      auto const end = this->end_operation();
      typename Semaphore::permit held;
      if (end == base::ending::granted) held = this->permits();
      asio_completion completion{std::move(handler_), error_of(end), std::move(held)};
      auto const work = std::move(work_);
      allocator_type allocator(completion.get_allocator());
      this->~asio_operation();
      std::allocator_traits<allocator_type>::deallocate(allocator, this, 1);
      net::post(work.get_executor(), std::move(completion));
    }
    if (pending != nullptr) pending->remove();
  }

  Handler handler_;
  net::executor_work_guard<executor_type> work_;
  pending_operations* pending_;
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
