// surewake/bench/measure/blocks.hpp: randomised complete blocks: in each repeat every contestant of the scenario runs
// once, in an order of its own.
//
// The order is drawn from the seed, the scenario's name and the number of the block alone, so that a run that goes on
// after an interruption draws what it would have drawn, and so does another standard library.
#pragma once

#include <cstdint>
#include <numeric>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

namespace surewake::bench {

/// Returns FNV-1a of a text, begun with `seed`.
[[nodiscard]] constexpr std::uint64_t hash_of(std::string_view text, std::uint64_t seed) noexcept {
  std::uint64_t h = 14'695'981'039'346'656'037U ^ seed;
  for (char const c : text) h = (h ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
  return h;
}

/// Returns the order of a block: a permutation of 0 … n - 1.
[[nodiscard]] inline std::vector<std::size_t> order_of_block(std::uint64_t seed, std::string_view workload,
                                                             std::string_view scenario, std::uint64_t block,
                                                             std::size_t n) {
  std::mt19937_64 random(hash_of(scenario, hash_of(workload, seed)) + block);
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t left = n; left > 1; --left) std::swap(order[left - 1], order[((random() >> 32) * left) >> 32]);
  return order;
}

}  // namespace surewake::bench
