// surewake/core/platform_new.hpp: objects in the platform's memory, so that a checker sees each leak and double free.
#pragma once

#include <surewake/core/platform.hpp>

#include <memory>
#include <utility>

namespace [[gnu::visibility("default")]] surewake {

/// A T in memory of the platform.
///
/// Errors  std::bad_alloc, and what the constructor throws; nothing is left behind then.
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

}  // namespace surewake
