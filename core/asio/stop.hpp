// surewake/core/asio/stop.hpp: what makes an operation of Asio give up: the end of its context, or a cancellation by
// its slot.
//
// Invariants
//   I1  Asio's slots are not thread-safe, and a wait ends on any thread. So the slot gets a stop_source of its own,
//       which outlives the operation, and nothing of the slot is touched when the operation ends.
//   I2  The two may be requested at once, on two threads. The callback is called by the first of them only, and the
//       destructor waits for it wherever it runs: each stop_callback's does.
// Cost      a std::stop_source for each operation whose handler has a connected slot.
#pragma once

#include <surewake/core/asio/net.hpp>
#include <surewake/core/semaphore/stop_sources.hpp>

#include <stop_token>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

struct asio_stop {
  std::stop_token const* end;  // null: nothing ends it; not a copy, which would be counted
  std::stop_token slot{};

  /// Makes a cancellation of `handler` one of this; terminal, partial and total mean the same.
  ///
  /// Errors  std::bad_alloc.
  template <class Handler> void listen_to(Handler const& handler) {
    auto its = net::get_associated_cancellation_slot(handler);
    if (!its.is_connected()) return;
    std::stop_source source;
    slot = source.get_token();
    its.assign([source](net::cancellation_type type) mutable {
      if (type != net::cancellation_type::none) source.request_stop();
    });
  }
};

/// A canceller (cancellable_awaiter.hpp) of both.
template <class F> class asio_canceller {
  struct call {
    asio_canceller* self;
    void operator()() const noexcept {
      // relaxed: decides between two calls by the RMW's atomicity.
      if (self->called_.exchange(true, std_platform::relaxed)) return;
      F const f = self->f_;  // the call ends the wait, and this with it
      f();
    }
  };

 public:
  asio_canceller(asio_stop const& s, F f) noexcept
      : f_(f), end_(s.end != nullptr ? *s.end : std::stop_token(), call{this}), slot_(s.slot, call{this}) {}

 private:
  F f_;
  std_platform::atomic<bool> called_{false};
  std::stop_callback<call> end_, slot_;
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
