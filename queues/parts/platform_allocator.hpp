// surewake/queues/parts/platform_allocator.hpp: the platform's memory as a standard allocator, so that a checker sees
// what a container allocates.
#pragma once

#include <surewake/core/platform/platform.hpp>

#include <cstddef>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// The platform's memory as a standard allocator.
template <platform P, class T> struct platform_allocator {
  using value_type = T;
  template <class U> struct rebind {
    using other = platform_allocator<P, U>;
  };
  platform_allocator() = default;
  template <class U> platform_allocator(platform_allocator<P, U> const&) noexcept {}
  [[nodiscard]] T* allocate(std::size_t n) { return static_cast<T*>(P::allocate(n * sizeof(T), alignof(T))); }
  void deallocate(T* p, std::size_t n) noexcept { P::deallocate(p, n * sizeof(T), alignof(T)); }
  friend bool operator==(platform_allocator, platform_allocator) noexcept { return true; }
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
