// surewake/core/waiter.hpp: one acquire that waits, as the queue sees it.
//
//   idle --enqueue--> registered --grant--> handed over (run() is called)      needs counts down to 0 on the way
//                     registered --close--> handed over, closed
//                     registered --withdraw--> idle
//
// Contract of lifetime: whoever hands a waiter over (`hand_over`) does not touch it afterwards; the waiter may be destroyed
// inside that call. A waiter that is registered must be withdrawn before it is destroyed.
#pragma once

#include <surewake/core/work.hpp>

#include <cstdint>

namespace surewake {

template <platform P> class waiter : public work<P> {
 public:
  using work<P>::work;

  /// Before enqueue: `grants` are still missing (≥ 1).
  void needs(std::uint32_t grants) noexcept { needs_.set(grants); }
  [[nodiscard]] std::uint32_t needs() const noexcept { return needs_.get(); }

  /// For the queue, under its own protection: takes up to `offered` grants, returns how many.
  std::uint32_t feed(std::int64_t offered) noexcept {
    std::uint32_t const missing = needs_.get();
    std::uint32_t const taken = offered < missing ? static_cast<std::uint32_t>(offered) : missing;
    needs_.set(missing - taken);
    return taken;
  }

  /// For the queue: whether the waiter is in it, under the queue's own protection.
  [[nodiscard]] bool registered() const noexcept { return registered_.get(); }
  void set_registered(bool yes) noexcept { registered_.set(yes); }

  /// Whether close() handed this waiter over, rather than a grant.
  [[nodiscard]] bool closed() const noexcept { return closed_.get(); }
  void set_closed() noexcept { closed_.set(true); }

  /// The hand-over: the caller's last touch.
  void hand_over() noexcept { this->run(); }

 private:
  typename P::template plain<std::uint32_t> needs_{0U};
  typename P::template plain<bool> registered_{false};
  typename P::template plain<bool> closed_{false};
};

}  // namespace surewake
