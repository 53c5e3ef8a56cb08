// surewake/core/asio/stop.hpp: what makes an operation of Asio give up: the end of its context, or a cancellation by
// its slot.
//
// Invariants
//   I1  Asio's slots are not thread-safe, and a wait ends on any thread. So the slot gets a stop_source of its own,
//       which outlives the operation, and nothing of the slot is touched when the operation ends.
//   I2  The two may be requested at once, on two threads: either_stop (core/semaphore/stop_sources.hpp).
// Cost      a std::stop_source for each operation whose handler has a connected slot.
#pragma once

#include <surewake/core/asio/net.hpp>
#include <surewake/core/semaphore/stop_sources.hpp>

#include <stop_token>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

/// The token of the end of a context; null: nothing ends it. Not a copy, which would be counted.
struct context_end {
  std::stop_token const* token;
};

struct asio_stop : either_stop<context_end, std::stop_token> {
  explicit asio_stop(std::stop_token const* end) noexcept : either_stop{{end}, {}} {}

  /// Makes a cancellation of `handler` one of this; terminal, partial and total mean the same.
  ///
  /// Errors  std::bad_alloc.
  template <class Handler> void listen_to(Handler const& handler) {
    auto its = net::get_associated_cancellation_slot(handler);
    if (!its.is_connected()) return;
    std::stop_source source;
    second = source.get_token();
    its.assign([source](net::cancellation_type type) mutable {
      if (type != net::cancellation_type::none) source.request_stop();
    });
  }
};

/// A canceller (cancellable_awaiter.hpp) of both: I2.
template <class F> using asio_canceller = either_canceller<std_platform, context_end, std::stop_token, F>;

}  // namespace detail

template <> struct stop_traits<std_platform, detail::context_end> {
  using source = detail::context_end;
  template <class F> struct canceller : std::stop_callback<F> {
    canceller(source const& end, F f) noexcept
        : std::stop_callback<F>(end.token != nullptr ? *end.token : std::stop_token(), f) {}
  };
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
