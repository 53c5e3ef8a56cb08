// surewake/core/platform/lock_hold.hpp: holds a lock for a scope, as std::scoped_lock does, and tells the lock where
// that is.
//
// A lock that traces its steps (a checker's) takes a place with each of them, by default that of the call. In the
// standard library's guards that would be a line of the library. lock_hold passes on the source line of the guard
// instead.
//
// Cost    that of lock() and unlock().   Errors  those of lock().
#pragma once

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

/// The place for what takes none.
struct no_place {
  static constexpr no_place current() noexcept { return {}; }
};
/// The place in the source that a lock, or a platform, takes with a step.
template <class Lock> struct place_of {
  using type = no_place;
};
template <class Lock>
  requires requires { typename Lock::where; }
struct place_of<Lock> {
  using type = typename Lock::where;
};

}  // namespace detail

template <class Lock> class SUREWAKE_LOCK_HOLD [[nodiscard]] lock_hold {
  using place = typename detail::place_of<Lock>::type;

 public:
  explicit lock_hold(Lock& lock, place at = place::current()) SUREWAKE_LOCKS(lock) : lock_(lock), at_(at) {
    if constexpr (requires { lock_.lock(at_); }) {
      lock_.lock(at_);
    } else {
      lock_.lock();
    }
  }
  lock_hold(lock_hold const&) = delete;
  lock_hold& operator=(lock_hold const&) = delete;
  ~lock_hold() SUREWAKE_UNLOCKS() {
    if constexpr (requires { lock_.unlock(at_); }) {
      lock_.unlock(at_);
    } else {
      lock_.unlock();
    }
  }

 private:
  Lock& lock_;
  [[no_unique_address]] place at_;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
