// surewake/verify/engine/shown.hpp: steps and values as a trace shows them, for the platforms of both engines.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

namespace surewake::verify {

enum class order : std::uint8_t { relaxed, acquire, release, acq_rel, seq_cst };

enum class action : std::uint8_t {
  load, store, exchange, compare_exchange, fetch_add, fetch_sub, fetch_and, fetch_or, fence, light_fence, heavy_fence,
  await, futex_wait, futex_wait_until, futex_wake, sleep, wake,
  lock, try_lock, unlock, yield, get, set, allocate, deallocate, create, destroy, broken, stall,
};

/// Puts a value's bits in words.
using value_text = std::string (*)(std::int64_t bits);

/// A value as a trace shows it: in words, where its type has a describe() or its object was told to (shown_as);
/// otherwise a number. Pointers are shown by the name of what they lead to, or by the order in which they appeared.
struct shown {
  enum class kind : std::uint8_t { nothing, number, boolean, pointer, words };
  kind what = kind::nothing;
  std::int64_t bits = 0;
  value_text text = nullptr;
  std::int64_t more = 0;  // of two words: the second one
};

/// Says what a step did, for traces.
struct step_info {
  action what{};
  order with = order::relaxed;
  void const* object = nullptr;
  shown before{};      // what was read
  shown after{};       // what was written
  bool stale = false;  // the value read is not the newest one
  bool failed = false; // a compare-exchange, a try_lock or a timed wait that did not succeed
};

/// Returns the value of a T with these bits.
template <class T> [[nodiscard]] T from_bits(std::int64_t bits) noexcept {
  if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    return static_cast<T>(bits);
  } else {
    return std::bit_cast<T>(bits);
  }
}
template <class T> concept has_bits = std::is_integral_v<T> || std::is_enum_v<T> ||
                                      (std::is_trivially_copyable_v<T> && sizeof(T) == sizeof(std::int64_t));

/// Shows the value in a trace: as describe(value), found beside its type, says it, or otherwise as a number.
template <class T> [[nodiscard]] shown show(T const& v) noexcept {
  if constexpr (has_bits<T> && requires { { describe(v) } -> std::convertible_to<std::string>; }) {
    value_text const text = [](std::int64_t bits) -> std::string { return describe(from_bits<T>(bits)); };
    if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      return {shown::kind::number, static_cast<std::int64_t>(v), text};
    } else {
      return {shown::kind::number, std::bit_cast<std::int64_t>(v), text};
    }
  } else if constexpr (std::is_same_v<T, bool>) {
    return {shown::kind::boolean, v ? 1 : 0};
  } else if constexpr (std::is_enum_v<T>) {
    return show(static_cast<std::underlying_type_t<T>>(v));
  } else if constexpr (std::is_integral_v<T>) {
    return {shown::kind::number, static_cast<std::int64_t>(v)};
  } else if constexpr (std::is_trivially_copyable_v<T> && sizeof(T) == sizeof(void*)) {
    return {shown::kind::pointer, std::bit_cast<std::int64_t>(v)};
  } else if constexpr (std::is_trivially_copyable_v<T> && sizeof(T) == 2 * sizeof(std::int64_t)) {
    shown s{shown::kind::words};
    std::memcpy(&s.bits, &v, sizeof s.bits);
    std::memcpy(&s.more, reinterpret_cast<char const*>(&v) + sizeof s.bits, sizeof s.more);
    return s;
  } else {
    return {};
  }
}

}  // namespace surewake::verify
