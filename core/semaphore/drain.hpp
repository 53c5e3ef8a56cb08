// surewake/core/semaphore/drain.hpp: the ways to wait until the permits that a semaphore has recalled are back.
//
//   recalled permits are out --a give_back keeps the last one--> none is: those that wait are handed over
//
// It is to the awaiters what a semaphore is, and its waits leave nothing to hold. What they wait at is the
// synchronizer's (monitor_synchronizer.hpp, I7), under the lock of the permits.
// Lifetime  Where all permits are recalled, a wait that has ended may destroy the semaphore: no release touches it
//           then.
// Checked   models/lifetime/semaphore_destroyed_after_drain.hpp.
#pragma once

#include <surewake/core/semaphore/blocking_operation.hpp>
#include <surewake/core/semaphore/cancellable_awaiter.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// S is a synchronizer that can recall permits.
template <class S>
concept recalls_permits = requires(S& s, typename S::waiter_type& w, std::int64_t n,
                                   typename S::platform_type::template atomic<std::int64_t>& total) {
  { s.set_total(n, total) } noexcept;
  { s.write_off(n, total) } noexcept;
  { s.recalled() } noexcept -> std::same_as<std::int64_t>;
  { s.wait_recalled(w) } noexcept -> std::same_as<bool>;
  { s.withdraw_recalled(w) } noexcept -> std::same_as<bool>;
};

template <recalls_permits S> class drain {
  using P = typename S::platform_type;

  /// A parking_place.
  class place {
   public:
    using platform_type = P;
    using waiter_type = typename S::waiter_type;

    explicit constexpr place(S& s) noexcept : synchronizer_(s) {}
    [[nodiscard]] take_result take(std::int64_t) noexcept { return take_result::must_wait(1); }
    [[nodiscard]] enqueued wait(waiter_type& w, std::int64_t, take_result) noexcept {
      return synchronizer_.wait_recalled(w) ? enqueued::waiting : enqueued::granted;
    }
    [[nodiscard]] enqueued after_grant(waiter_type&, std::int64_t, then) noexcept { return enqueued::granted; }
    [[nodiscard]] bool withdraw(waiter_type& w, std::int64_t) noexcept { return synchronizer_.withdraw_recalled(w); }

   private:
    S& synchronizer_;
  };

 public:
  using platform_type = P;
  using synchronizer_type = place;
  using permit = void;
  using optional_permit = bool;

  explicit constexpr drain(S& s) noexcept : synchronizer_(s) {}

  [[nodiscard]] auto wait() noexcept { return acquire_awaiter<drain, resume_in_place<P>>(*this, 1, {}); }
  template <class Stop> [[nodiscard]] auto wait(Stop stop) noexcept {
    return cancellable_awaiter<drain, Stop, stop_traits<P, Stop>::template canceller>(*this, 1, std::move(stop));
  }
  /// Blocks. Returns whether the wait has ended, which without a limit it does.
  bool block(std::chrono::nanoseconds spin, std::optional<time_limit<P>> until) noexcept {
    return blocking_wait<place>(synchronizer_, 1).run(take_result::must_wait(1), spin, until) == wait_outcome::granted;
  }

 private:
  template <class, class> friend class acquire_awaiter;
  template <class, class, template <class> class, class> friend class cancellable_awaiter;

  void make_permit(std::ptrdiff_t) noexcept {}
  void give_back(std::int64_t) noexcept {}

  place synchronizer_;
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
