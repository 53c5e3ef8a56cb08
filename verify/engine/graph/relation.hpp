// surewake/verify/engine/graph/relation.hpp: relations between events as bit matrices, to write axioms as papers do.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace surewake::verify::graph {

/// A relation on 0 … n - 1.
class relation {
 public:
  explicit relation(std::size_t n) : n_(n), words_((n + 63) / 64), bits_(n * words_) {}

  [[nodiscard]] std::size_t size() const noexcept { return n_; }
  [[nodiscard]] bool has(std::size_t a, std::size_t b) const noexcept {
    return (bits_[a * words_ + b / 64] >> (b % 64) & 1U) != 0;
  }
  void add(std::size_t a, std::size_t b) noexcept { bits_[a * words_ + b / 64] |= std::uint64_t{1} << (b % 64); }

  friend relation operator|(relation a, relation const& b) {
    for (std::size_t i = 0; i != a.bits_.size(); ++i) a.bits_[i] |= b.bits_[i];
    return a;
  }
  friend relation operator-(relation a, relation const& b) {
    for (std::size_t i = 0; i != a.bits_.size(); ++i) a.bits_[i] &= ~b.bits_[i];
    return a;
  }
  friend relation operator&(relation a, relation const& b) {
    for (std::size_t i = 0; i != a.bits_.size(); ++i) a.bits_[i] &= b.bits_[i];
    return a;
  }
  /// Returns a;b: from x to z where x a y and y b z.
  friend relation operator*(relation const& a, relation const& b) {
    relation result(a.n_);
    for (std::size_t x = 0; x != a.n_; ++x) {
      for (std::size_t y = 0; y != a.n_; ++y) {
        if (a.has(x, y)) result.join_row(x, b, y);
      }
    }
    return result;
  }
  /// Returns the pairs for which `holds(x, y)`.
  template <class F> [[nodiscard]] relation only(F holds) const {
    relation result(n_);
    for (std::size_t x = 0; x != n_; ++x) {
      for (std::size_t y = 0; y != n_; ++y) {
        if (has(x, y) && holds(x, y)) result.add(x, y);
      }
    }
    return result;
  }
  /// Returns the relation with x and `name(x)` as one element, and no element related to itself.
  template <class F> [[nodiscard]] relation merged(F name) const {
    relation result(n_);
    for (std::size_t x = 0; x != n_; ++x) {
      for (std::size_t y = 0; y != n_; ++y) {
        if (has(x, y) && name(x) != name(y)) result.add(name(x), name(y));
      }
    }
    return result;
  }
  /// Returns the transitive closure.
  [[nodiscard]] relation closure() const {
    relation result = *this;
    for (std::size_t k = 0; k != n_; ++k) {
      for (std::size_t x = 0; x != n_; ++x) {
        if (result.has(x, k)) result.join_row(x, result, k);
      }
    }
    return result;
  }
  [[nodiscard]] bool empty() const noexcept {
    return std::all_of(bits_.begin(), bits_.end(), [](std::uint64_t w) { return w == 0; });
  }
  [[nodiscard]] bool irreflexive() const noexcept {
    for (std::size_t x = 0; x != n_; ++x) {
      if (has(x, x)) return false;
    }
    return true;
  }
  /// Returns the identity on the elements for which `holds(x)`.
  template <class F> [[nodiscard]] static relation identity(std::size_t n, F holds) {
    relation result(n);
    for (std::size_t x = 0; x != n; ++x) {
      if (holds(x)) result.add(x, x);
    }
    return result;
  }

 private:
  void join_row(std::size_t x, relation const& other, std::size_t y) noexcept {
    for (std::size_t w = 0; w != words_; ++w) bits_[x * words_ + w] |= other.bits_[y * words_ + w];
  }

  std::size_t n_;
  std::size_t words_;
  std::vector<std::uint64_t> bits_;
};

}  // namespace surewake::verify::graph
