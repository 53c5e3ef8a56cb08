// surewake/models/sleeper.hpp: a waiter of a bare queue, on a thread that sleeps until it is handed over.
#pragma once

#include <surewake/core/waiter_queue.hpp>

namespace surewake::models {

/// A waiter whose hand-over is one store.
template <platform P> struct sleeper : waiter<P> {
  explicit sleeper(std::uint32_t grants) noexcept : waiter<P>(&wake) { this->needs(grants); }
  static void wake(work<P>& w) noexcept {
    // release [Z1]: publishes the grant to the sleeper, pairs with [Z2].
    static_cast<sleeper&>(w).awake.store(1U, P::release);
  }
  void sleep() noexcept {
    // acquire [Z2]: sees the grant, pairs with [Z1].
    P::await(awake, [](std::uint32_t v) { return v == 1; }, P::acquire);
  }
  typename P::template atomic<std::uint32_t> awake{0U};
};

}  // namespace surewake::models
