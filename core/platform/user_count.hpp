// surewake/core/platform/user_count.hpp: how many use an object, which the last of them frees, or goes on from.
//
//   n users --enter, by a user--> n + 1        n users --leave--> n - 1        1 user --leave, true--> the caller alone
//
// Progress  wait-free, one RMW a call.   Errors  none.
// Checked   models/waking/when_all_ends.hpp.
#pragma once

#include <surewake/core/platform/platform.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

template <platform P> class user_count {
 public:
  explicit user_count(std::int64_t users) noexcept : users_(users) {}

  /// Counts one user more. To be called by a user.
  void enter() noexcept {
    // relaxed: the caller is a user, so the last one has not left.
    users_.fetch_add(1, P::relaxed);
  }

  /// Counts the caller out. Returns true to the last user, which sees what all others did; every other one must not
  /// touch the object any more.
  [[nodiscard]] bool leave() noexcept {
    // acq_rel [N1]: as release, what the caller did, and its last touch, come before what the last user does, pairs
    // with [N1]; as acquire, the last user sees that of all others, pairs with [N1].
    return users_.fetch_sub(1, P::acq_rel) == 1;
  }

  /// A snapshot.
  // relaxed: monitoring only.
  [[nodiscard]] std::int64_t look() const noexcept { return users_.load(P::relaxed); }

 private:
  typename P::template atomic<std::int64_t> users_;
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
