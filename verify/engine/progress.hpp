// surewake/verify/engine/progress.hpp: what operations promise about their end, and how a search holds them to it.
//
//   claims   clause { ";" clause }
//   clause   [ scenes ":" ] operations promise              scenes, operations: x · x and y · x, y and z
//   promise  "wait-free in" N "step(s)" | "lock-free" | "obstruction-free" | "blocking under" PLACE { "or" PLACE }
//
// The class that has the operations (a strategy, a discipline, a synchronizer of its own, the semaphore) says so in a
// member, `progress`.
//
//   wait-free in N    ends within N steps of its own, whatever the others do or do not do; some call needs all N
//   lock-free         ends although others stall, at any step of any operation
//   obstruction-free  ends when all others stall, at any step of any operation
//   blocking under L  does not end while a thread stalls at some step, waiting at L, and only at L: `mutex` is
//                     P::mutex, everything else the header that waits (spin_lock: core/platform/spin_lock.hpp)
//
// A scene is a case's variant (one of models/progress/) or its discipline; a clause without one is about all.
//
// So no claim is too strong, and none of the first and last is too weak. A step is an access to an atomic, a mutex or a
// futex, a fence or a yield: these are where threads are switched.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace surewake::verify {

enum class promise : std::uint8_t { wait_free, lock_free, obstruction_free, blocking };

/// What one operation promises.
struct claim {
  std::string operation{};
  promise what{};
  unsigned steps = 0;   // wait_free
  std::vector<std::string> under{};  // blocking
  auto operator<=>(claim const&) const = default;
};
/// Puts a claim in words: "wait-free in 1 step", as in a header.
[[nodiscard]] std::string to_string(claim const& c);

/// Reads the claims of `text` on `operations` in any of `scenes`; the others in `text` are for other scenes.
///
/// Errors  std::invalid_argument where the text is not understood, claims an operation twice, or leaves one out.
[[nodiscard]] std::vector<claim> parse_claims(std::string_view text, std::span<std::string const> scenes,
                                              std::span<std::string const> operations);

/// Returns whether the places of a blocking claim include `place`: mutex, or the path of a header.
[[nodiscard]] bool is_under(claim const& c, std::string_view place) noexcept;

}  // namespace surewake::verify
