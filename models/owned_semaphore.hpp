// surewake/models/owned_semaphore.hpp: a semaphore in memory of its own, for models in which somebody destroys it.
#pragma once

#include <surewake/models/law.hpp>

#include <memory>

namespace surewake::models {

template <class Semaphore> struct destroy_semaphore {
  void operator()(Semaphore* s) const noexcept {
    std::destroy_at(s);
    Semaphore::platform_type::deallocate(s, sizeof(Semaphore), alignof(Semaphore));
  }
};
template <class Semaphore> using owned_semaphore = std::unique_ptr<Semaphore, destroy_semaphore<Semaphore>>;

/// With one permit.
template <class Semaphore> [[nodiscard]] owned_semaphore<Semaphore> make_semaphore() {
  void* const memory = Semaphore::platform_type::allocate(sizeof(Semaphore), alignof(Semaphore));
  return owned_semaphore<Semaphore>(std::construct_at(static_cast<Semaphore*>(memory), 1));
}

/// What one does with the last permit: nobody else has a right to be here.
template <class Semaphore>
void destroy_as_last(typename Semaphore::permit&& last, owned_semaphore<Semaphore>& gate) noexcept {
  last.forget();
  gate.reset();
}

}  // namespace surewake::models
