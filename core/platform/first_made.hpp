// surewake/core/platform/first_made.hpp: an object for all threads, made by the first of them that needs it.
//
//   null --offer, by the thread that is first--> its object --offer, by a thread that replaces it--> another object
//
// Progress  wait-free.   Errors  none.   Cost  a look is one load; threads that need it at once may make one each.
// Checked   models/lifetime/made_by_first.hpp.
#pragma once

#include <surewake/core/platform/platform.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

template <platform P, class T> class first_made {
 public:
  /// Returns the object, or null. Sees how it was made.
  [[nodiscard]] T* look() const noexcept {
    // acquire [K1]: sees the object, pairs with [K2].
    return now_.load(P::acquire);
  }

  /// Publishes `mine` in the place of `seen`, which look() returned. Returns false if another thread was first; then
  /// `seen` is its object.
  [[nodiscard]] bool offer(T*& seen, T* mine) noexcept {
    // release [K2]: publishes the object, pairs with [K1], [K3]. On failure acquire [K3]: sees that of another thread,
    // pairs with [K2].
    return now_.compare_exchange_strong(seen, mine, P::release, P::acquire);
  }

 private:
  typename P::template atomic<T*> now_{nullptr};
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
