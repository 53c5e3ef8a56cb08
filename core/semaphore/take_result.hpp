// surewake/core/semaphore/take_result.hpp: a synchronizer's answer to take(n), as a type of its own.
//
//   granted      the n permits are the caller's
//   closed       the semaphore is closed, and the caller holds nothing
//   must_wait    the caller calls wait() and passes this answer on, as its token tells the synchronizer what take() has
//                done
//
// Once the answer was a number that the awaiter kept beside the count of missing permits, in 31 bits. The token of
// monitor_synchronizer was n + 1 to n + 3, so for the three largest n it read as "closed", and a waiter slept for ever.
// Now a token is no count: it has a type that has neither arithmetic nor a conversion, and its range is asserted.
#pragma once

#include <cassert>
#include <cstdint>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

class [[nodiscard]] take_result {
 public:
  /// granted
  constexpr take_result() noexcept = default;
  [[nodiscard]] static constexpr take_result granted() noexcept { return {}; }
  [[nodiscard]] static constexpr take_result closed() noexcept { return take_result(closed_word); }
  /// 1 ≤ token ≤ 2^31 - 1, so that every count of grants that a request may lack is one, and a waiter's word has room.
  [[nodiscard]] static constexpr take_result must_wait(std::int64_t token) noexcept {
    assert(token > 0 && token <= 0x7fff'ffff);
    return take_result(static_cast<std::uint32_t>(token));
  }

  [[nodiscard]] constexpr bool is_granted() const noexcept { return word_ == 0; }
  [[nodiscard]] constexpr bool is_closed() const noexcept { return word_ == closed_word; }
  [[nodiscard]] constexpr bool must_wait() const noexcept { return !is_granted() && !is_closed(); }
  /// For the synchronizer that made it; of must_wait() only.
  [[nodiscard]] constexpr std::int64_t token() const noexcept { return word_; }

 private:
  static constexpr std::uint32_t closed_word = 0xffff'ffff;
  constexpr explicit take_result(std::uint32_t word) noexcept : word_(word) {}

  std::uint32_t word_ = 0;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
