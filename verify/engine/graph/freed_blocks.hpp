// surewake/verify/engine/graph/freed_blocks.hpp: freed memory, and which of it an allocation may be given again.
//
// Where memory is reused, an allocation is a choice: fresh memory, the default, or a block of the same size whose free
// happens before the allocation and that no other allocation was given since. So each block that is freed is consumed
// at most once, as a store is by an RMW.
//
//   I1  A value of the choice names a free by its thread and its number among the frees of that thread. Both are the
//       same in every run of the same steps, so a graph, a token and a saved search mean the same free for ever, and a
//       value is no address.
//   I2  What happens before an event does not change while the graph has the event (execution.hpp, I3). So an
//       allocation needs no revisits: a free that is added later is in no execution before it.
//   I3  A graph that loses events keeps each free that was consumed, because the free is in the prefix of its consumer,
//       and an allocation may always have fresh memory. So reuse is one more axiom of consistency that TruSt can have:
//       it holds in each prefix, and an event added by default keeps it.
//   I4  When a run extends its graph it has performed all of it, so `taken` is what the graph says.
#pragma once

#include <surewake/verify/engine/graph/clock.hpp>
#include <surewake/verify/engine/graph/event.hpp>
#include <surewake/verify/engine/graph/fault.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace surewake::verify::graph {

/// A block that was freed in this run.
struct freed_block {
  std::uint64_t at = 0;    // its address
  std::uint64_t bytes = 0;
  position freed{};
  position made{};         // when it was given again
  unsigned taken = 0;      // as the how-many-th of all that were given again; 0: it was not
};

class freed_blocks {
 public:
  /// Forgets everything: a new run begins.
  void clear() noexcept;
  void add(std::uint64_t at, std::uint64_t bytes, position freed) {
    of_thread_[freed.thread].push_back({.at = at, .bytes = bytes, .freed = freed});
  }
  /// Returns what an allocation may be given besides fresh memory; valid until the next call. `knows(p)` says whether
  /// what was done at the position p happens before it.
  template <class Knows>
  [[nodiscard]] std::span<value const> offer(std::uint64_t bytes, std::uint64_t align, Knows knows);
  /// Gives the block that a value of the choice names to the allocation at `made`. Returns null where there is none of
  /// that size, or it is not free.
  [[nodiscard]] freed_block const* take(value choice, std::uint64_t bytes, position made) noexcept;
  /// Returns the last reuse of the memory at an address, or null.
  [[nodiscard]] freed_block const* last_at(std::uint64_t address) const noexcept;

 private:
  static constexpr value lanes = max_threads + 1;  // the last one is of what runs alone

  std::array<std::vector<freed_block>, lanes> of_thread_{};
  std::vector<value> offered_{};
  unsigned taken_ = 0;
};

template <class Knows>
std::span<value const> freed_blocks::offer(std::uint64_t bytes, std::uint64_t align, Knows knows) {
  offered_.clear();
  for (value lane = 0; lane != lanes; ++lane) {
    for (value i = 0; i != of_thread_[lane].size(); ++i) {
      freed_block const& b = of_thread_[lane][i];
      if (b.bytes != bytes || b.at % align != 0) continue;
      if (b.taken != 0 && !seeded(fault::reuses_twice)) continue;
      if (knows(b.freed) || seeded(fault::reuses_unordered)) offered_.push_back(1 + i * lanes + lane);
    }
  }
  return offered_;
}

}  // namespace surewake::verify::graph
