// surewake/core/platform/platform_new.hpp: objects in the platform's memory, so that a checker sees each leak and
// double free.
#pragma once

#include <surewake/core/platform/platform.hpp>

#include <memory>
#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// Makes a T from `args` in memory of the platform.
///
/// Errors  std::bad_alloc, and what the constructor throws; then the memory is given back.
template <class T, platform P, class... Args> [[nodiscard]] T* platform_new(Args&&... args) {
  void* const memory = P::allocate(sizeof(T), alignof(T));
  try {
    return std::construct_at(static_cast<T*>(memory), std::forward<Args>(args)...);
  } catch (...) {
    P::deallocate(memory, sizeof(T), alignof(T));
    throw;
  }
}

/// Destroys what platform_new made, as exactly that type.
template <platform P> struct platform_delete {
  template <class T> void operator()(T* object) const noexcept {
    if (object == nullptr) return;
    std::destroy_at(object);
    P::deallocate(object, sizeof(T), alignof(T));
  }
};

namespace detail {

template <class T, class P> struct default_delete_of {
  using type = platform_delete<P>;
};
template <class T, class P>
  requires requires { typename P::template default_delete<int>; }
struct default_delete_of<T, P> {
  using type = typename P::template default_delete<T>;
};

}  // namespace detail

/// The deleter of a T that its user made: it ends the T as `delete` does where the platform's memory is that of `new`,
/// otherwise as platform_delete.
template <class T, platform P> using platform_default_delete = typename detail::default_delete_of<T, P>::type;

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
