#include <surewake/verify/engine/graph/wide.hpp>

#include <fmt/format.h>

#include <unordered_map>
#include <vector>

namespace surewake::verify::graph {

namespace {

constexpr value first_number = value{1} << 63;

struct hash_of_wide {
  std::size_t operator()(wide const& w) const noexcept {
    return static_cast<std::size_t>((w.low ^ (w.high << 1 | w.high >> 63)) * 0x9E37'79B9'7F4A'7C15U);
  }
};

/// All wide values that have come up in this process.
struct known_values {
  std::unordered_map<wide, value, hash_of_wide> numbers{};
  std::vector<wide> values{};
};
known_values& known() {
  static known_values all;
  return all;
}

}  // namespace

value number_of(wide const& w) {
  known_values& all = known();
  auto const [at, is_new] = all.numbers.try_emplace(w, first_number | all.values.size());
  if (is_new) all.values.push_back(w);
  return at->second;
}

wide wide_of(value number) noexcept {
  std::vector<wide> const& all = known().values;
  std::size_t const i = static_cast<std::size_t>(number & ~first_number);
  return (number & first_number) != 0 && i < all.size() ? all[i] : wide{};  // the value of no atomic: zero
}

std::string text_of_value(value v, unsigned bytes) {
  if (bytes <= sizeof(value)) return fmt::format("{}", v);
  wide const w = wide_of(v);
  return fmt::format("{{{:#x}, {:#x}}}", w.low, w.high);
}

}  // namespace surewake::verify::graph
