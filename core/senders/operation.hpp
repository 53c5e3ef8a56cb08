// surewake/core/senders/operation.hpp: an acquire that was connected to a receiver.
//
// Invariants
//   I1  The wait, and the race of those who end it, is that of cancellable_awaiter.hpp: a grant that comes before the
//       stop wins. A permit that is free is taken even if a stop was requested before start().
//   I2  A completion may destroy the operation, so the operation is not touched after it.
// Checked   queues/conformance/senders.test.cpp, models/giving_up/stop_against_operation.hpp.
#pragma once

#include <surewake/core/semaphore/cancellable_awaiter.hpp>
#include <surewake/core/senders/place.hpp>

#include <stop_token>
#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace senders {

template <class Semaphore> class acquire_sender;

namespace detail {

/// The callback of a stop token: P2300's member, or a std::stop_token's.
template <class Token> struct stop_callback_of {
  template <class F> using type = typename Token::template callback_type<F>;
};
template <> struct stop_callback_of<std::stop_token> {
  template <class F> using type = std::stop_callback<F>;
};

template <class Semaphore, class Receiver> class acquire_operation;
template <class Semaphore, class Receiver>
using acquire_wait =
    surewake::detail::cancellable_awaiter<Semaphore, stop_token_of_t<Receiver>,
                                          stop_callback_of<stop_token_of_t<Receiver>>::template type,
                                          acquire_operation<Semaphore, Receiver>>;

template <class Semaphore, class Receiver> class acquire_operation : acquire_wait<Semaphore, Receiver> {
  using base = acquire_wait<Semaphore, Receiver>;
  using place = completes_here<acquire_operation, env_of_t<Receiver>>;
  friend base;
  friend place;
  friend acquire_sender<Semaphore>;

 public:
  using operation_state_concept = operation_state_t;

  acquire_operation(acquire_operation&&) = delete;
  acquire_operation& operator=(acquire_operation&&) = delete;
  ~acquire_operation() = default;

  void start() noexcept { this->begin_operation(); }

 private:
  static constexpr bool has_home = place::has_home;

  acquire_operation(Semaphore& s, std::uint32_t n, Receiver&& r)
      : base(s, n, get_stop_token(get_env(r))), receiver_(std::move(r)), place_(*this, get_env(receiver_)) {}

  void over() noexcept {
    bool const in_start = !this->waited();
    end_ = this->end_operation();
    if (end_ == base::ending::granted) permit_ = this->permits();
    in_start ? complete() : place_.go_on(*this);
  }

  void complete() noexcept {
    if (end_ == base::ending::granted) return set_value(std::move(receiver_), std::exchange(permit_, {}));
    if (end_ == base::ending::withdrawn) return set_stopped(std::move(receiver_));
    set_error(std::move(receiver_), this->refusal());
  }

  Receiver receiver_;
  [[no_unique_address]] place place_;
  typename base::ending end_{};
  typename Semaphore::permit permit_;
};

}  // namespace detail

}}  // namespace surewake::senders

#include <surewake/core/platform/macros_pop.hpp>
