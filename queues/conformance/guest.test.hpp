// surewake/queues/conformance/guest.test.hpp: a waiter for tests of bare queues. Not installed.
#pragma once

#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/semaphore/waiter_queue.hpp>

#include <functional>

namespace surewake::testing {

/// A waiter that notes its hand-over.
struct guest : placed_waiter<std_platform> {
  guest() : placed_waiter<std_platform>(&note) {}
  guest& wants(std::uint32_t n) {
    this->missing(n);
    return *this;
  }
  static void note(work<std_platform>& w) noexcept {
    guest& g = static_cast<guest&>(w);
    ++g.handed;
    if (g.then) g.then();
  }
  int handed = 0;
  std::function<void()> then;
};

inline constexpr auto no_refund = [](std::uint32_t) -> std::int64_t { return 0; };

}  // namespace surewake::testing
