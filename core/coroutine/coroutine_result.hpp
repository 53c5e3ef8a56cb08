// surewake/core/coroutine/coroutine_result.hpp: the result of a coroutine, which is nothing yet, a value, a reference,
// or an exception.
//
//   pending --set--> value --take--> moved from
//   pending --fail--> failed --take--> throws (each time)
//
// Errors  what T's constructors throw, from set() and from take(). After set() has thrown, the result is pending and
//         may fail().
// Not thread-safe: the thread that sets it hands it over.
#pragma once

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// T: an object type that moves or copies, an lvalue or rvalue reference, or void.
template <class T> class coroutine_result {
  struct nothing {};
  using stored = std::conditional_t<std::is_void_v<T>, std::monostate,
                                    std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*, T>>;

 public:
  template <class... U> void set(U&&... u) {
    if constexpr (std::is_reference_v<T>) {
      T r(std::forward<U>(u)...);
      state_.template emplace<1>(std::addressof(r));
    } else if constexpr (std::is_constructible_v<stored, U...>) {
      state_.template emplace<1>(std::forward<U>(u)...);
    } else {
      state_.template emplace<1>(std::as_const(u)...);  // a T that only copies
    }
  }
  void fail(std::exception_ptr e) noexcept { state_.template emplace<2>(std::move(e)); }
  [[nodiscard]] bool failed() const noexcept { return state_.index() == 2; }

  /// Returns what it failed with, null where it has not.
  [[nodiscard]] std::exception_ptr error() const noexcept { return failed() ? std::get<2>(state_) : nullptr; }

  /// Returns the value, moved out (copied if a T only copies), or throws the exception. The result must not be pending.
  T take() {
    if (failed()) std::rethrow_exception(std::get<2>(state_));
    if constexpr (std::is_reference_v<T>) {
      return static_cast<T>(**std::get_if<1>(&state_));
    } else if constexpr (std::is_move_constructible_v<T>) {
      return std::move(*std::get_if<1>(&state_));
    } else if constexpr (!std::is_void_v<T>) {
      return std::as_const(*std::get_if<1>(&state_));
    }
  }

 private:
  std::variant<nothing, stored, std::exception_ptr> state_;
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
