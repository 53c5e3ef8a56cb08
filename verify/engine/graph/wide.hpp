// surewake/verify/engine/graph/wide.hpp: values of more than 64 bits, each of which a number stands for.
//
// An event keeps 64 bits of a value. A wide value has a number instead, the same whenever it comes up again in this
// process, and two values have the same number only if they are equal. So a compare-exchange compares numbers, and no
// half of a value is ever seen without the other. Narrow values are as they were: nothing looks anything up for them.
// Numbers are no smaller than addresses: what tells graphs of two processes apart (fingerprint()) leaves both out.
#pragma once

#include <surewake/verify/engine/graph/event.hpp>

#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

namespace surewake::verify::graph {

struct wide {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(wide const&) const = default;
};

/// Returns the number of a wide value.
[[nodiscard]] value number_of(wide const& w);
/// Returns the wide value that a number stands for.
[[nodiscard]] wide wide_of(value number) noexcept;
/// Returns a value of that many bytes, as text: "5", or of a wide one "{0x7f00, 0x2}".
[[nodiscard]] std::string text_of_value(value v, unsigned bytes);

/// Makes the padding of an object zero, because the bytes of a value decide whether it is the same one.
template <class T> void clear_padding([[maybe_unused]] T& object) noexcept {
  constexpr bool has_none = std::has_unique_object_representations_v<T> || std::is_floating_point_v<T>;
#if __has_builtin(__builtin_clear_padding)
  if constexpr (!has_none) __builtin_clear_padding(&object);
#else
  static_assert(has_none || sizeof(T) <= sizeof(value), "this compiler cannot clear the padding of an atomic's value");
#endif
}

/// Returns the value that an event keeps of `v`, or its number.
template <class T> [[nodiscard]] value to_value(T v) {
  clear_padding(v);
  if constexpr (sizeof(T) <= sizeof(value)) {
    value result = 0;
    std::memcpy(&result, &v, sizeof(T));
    return result;
  } else {
    wide result;
    std::memcpy(static_cast<void*>(&result), &v, sizeof(T));
    return number_of(result);
  }
}
template <class T> [[nodiscard]] T from_value(value v) noexcept {
  T result;
  if constexpr (sizeof(T) <= sizeof(value)) {
    std::memcpy(static_cast<void*>(&result), &v, sizeof(T));
  } else {
    wide const w = wide_of(v);
    std::memcpy(static_cast<void*>(&result), &w, sizeof(T));
  }
  return result;
}

}  // namespace surewake::verify::graph
