// surewake/verify/engine/graph/arena.hpp: memory whose addresses are the same in every run.
//
// Each owner, a thread or a shared object, has a part of the arena and takes from it in its own order. So what it gets
// does not depend on what other threads do. Freed memory is given out again in the same run only where that was chosen
// (freed_blocks.hpp). Otherwise an object that is gone is still recognised where it lay.
#pragma once

#include <cstddef>
#include <vector>

namespace surewake::verify::graph {

class arena {
 public:
  static constexpr unsigned owners = 32;
  static constexpr std::size_t part_bytes = std::size_t{4} << 20;

  /// Errors  std::system_error where the memory cannot be had.
  arena();
  ~arena();
  arena(arena const&) = delete;
  arena& operator=(arena const&) = delete;

  /// Makes everything free again.
  void clear() noexcept;
  /// Returns null where the owner's part is used up.
  [[nodiscard]] void* allocate(unsigned owner, std::size_t bytes, std::size_t align) noexcept;
  enum class freed : unsigned char { yes, twice, unknown, other_size };
  /// Ends a block of that many bytes.
  freed deallocate(void* p, std::size_t bytes) noexcept;
  /// Begins a block anew where one of the same size was freed.
  void allocate_again(void* p) noexcept;
  [[nodiscard]] std::size_t in_use() const noexcept { return in_use_; }

 private:
  struct header {
    std::size_t bytes;
    std::size_t live;  // a mark: a block, and not freed
  };

  std::byte* memory_;
  std::vector<std::size_t> used_;
  std::size_t in_use_ = 0;
};

}  // namespace surewake::verify::graph
