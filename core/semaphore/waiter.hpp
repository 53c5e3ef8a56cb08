// surewake/core/semaphore/waiter.hpp: one acquire that waits, as the queue sees it.
//
//   state      its word       the acquirer     the strategy, under its protection
//                             missing(k)       assign(g)                          withdraw      close
//   complete   0              -> lacking k     –                                  –             –
//   lacking    k              –                g < k: -> lacking k - g            -> complete   -> closed, handed over
//                                              g = k: -> complete, handed over
//   closed     and the top bit    –            –                                  –             –
//
// The acquirer is the thread that waits, or whose coroutine does. Until enqueue() the word is its own, and enqueue()
// publishes it to the strategy: by the release of a lock, or of the RMW that makes the waiter visible (waker_hybrid.hpp
// [W1], segmented_queue.hpp [C1], [C8]). The thread that moves a waiter to its last state hands it over by run(), whose
// action says what comes next (core/semaphore/acquire_awaiter.hpp: step). A strategy may leave the word alone where it
// knows by other means: segmented_queue does not count down, waker_hybrid has `complete` for the waiter in its slot.
//
// Contract of lifetime: the thread that hands a waiter over (`hand_over`) does not access it afterwards, because the
// waiter may be destroyed inside that call. A waiter that is registered must be withdrawn before it is destroyed.
#pragma once

#include <surewake/core/node/work.hpp>

#include <cassert>
#include <cstdint>
#include <string>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// What a waiter's word says; the table at the top.
enum class waiter_state : std::uint8_t { complete, lacking, closed };

template <platform P> class waiter : public work<P> {
 public:
  waiter() noexcept : state_(0U) { show(); }
  explicit waiter(typename work<P>::action a) noexcept : work<P>(a), state_(0U) { show(); }
  explicit waiter(std::coroutine_handle<> h) noexcept : work<P>(h), state_(0U) { show(); }
  /// Stores nothing yet; the owner calls begin() before anything else.
  explicit waiter(typename work<P>::unset u) noexcept : work<P>(u) {}
  /// Makes an unset waiter one that does `a` when it is handed over and has to wait for `grants`, as missing() says.
  void begin(typename work<P>::action a, std::uint32_t grants) noexcept {
    this->set_action(a);
    missing(grants);
    show();
  }

  /// Sets, before enqueue, how many grants are still missing (1 to 2^31 - 1: the top bit means closed).
  void missing(std::uint32_t grants) noexcept {
    assert(grants < closed_bit);
    state_.set(grants);
  }
  [[nodiscard]] std::uint32_t missing() const noexcept { return state_.get() & ~closed_bit; }

  /// Assigns up to `offered` grants to this waiter, and returns how many; for the queue, under its own protection.
  std::uint32_t assign(std::int64_t offered) noexcept {
    std::uint32_t const lacks = missing();
    std::uint32_t const taken = offered < lacks ? static_cast<std::uint32_t>(offered) : lacks;
    missing(lacks - taken);
    return taken;
  }

  [[nodiscard]] waiter_state state() const noexcept { return state_of(state_.get()); }
  /// For the queue, under its own protection, of a waiter that was enqueued and has not left by itself: whether it is
  /// still in the wait list.
  [[nodiscard]] bool registered() const noexcept { return state() == waiter_state::lacking; }

  /// Whether close() handed this waiter over, rather than a grant.
  [[nodiscard]] bool closed() const noexcept { return state() == waiter_state::closed; }
  void set_closed() noexcept { state_.set(state_.get() | closed_bit); }

  /// The hand-over: the caller's last touch.
  void hand_over() noexcept { this->run(); }

 private:
  static constexpr std::uint32_t closed_bit = 0x8000'0000;

  static constexpr waiter_state state_of(std::uint32_t word) noexcept {
    if ((word & closed_bit) != 0) return waiter_state::closed;
    return word == 0 ? waiter_state::complete : waiter_state::lacking;
  }

  void show() const noexcept {
    shown_as<P>(*this, "waiter");
    shown_as<P>(state_, "state", [](std::uint32_t v) {
      return (state_of(v) == waiter_state::closed ? "closed, missing " : "missing ") + std::to_string(v & ~closed_bit);
    });
  }

  typename P::template plain<std::uint32_t> state_;  // the table at the top: one store for all it says
};

/// A waiter with room for what a strategy that has no list keeps in it. A queue says that it takes these by its member
/// waiter_type (core/semaphore/waiter_queue.hpp).
template <platform P> class placed_waiter : public waiter<P> {
 public:
  using waiter<P>::waiter;

  /// Where the strategy keeps this waiter. An atomic link, so that a reclaimer can protect what it leads to.
  [[nodiscard]] typename P::template atomic<void*>& strategy_link() noexcept { return link_; }
  [[nodiscard]] std::uint64_t strategy_word() const noexcept { return word_.get(); }
  void strategy_word(std::uint64_t p) noexcept { word_.set(p); }

 private:
  typename P::template atomic<void*> link_{nullptr};
  typename P::template plain<std::uint64_t> word_;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
