#include <surewake/verify/engine/graph/freed_blocks.hpp>

namespace surewake::verify::graph {

void freed_blocks::clear() noexcept {
  for (std::vector<freed_block>& blocks : of_thread_) blocks.clear();
  taken_ = 0;
}

freed_block const* freed_blocks::take(value choice, std::uint64_t bytes, position made) noexcept {
  value const lane = (choice - 1) % lanes;
  value const i = (choice - 1) / lanes;
  if (choice == 0 || i >= of_thread_[lane].size()) return nullptr;
  freed_block& b = of_thread_[lane][i];
  if (b.bytes != bytes || (b.taken != 0 && !seeded(fault::reuses_twice))) return nullptr;
  b.made = made;
  b.taken = ++taken_;
  return &b;
}

freed_block const* freed_blocks::last_at(std::uint64_t address) const noexcept {
  freed_block const* last = nullptr;
  for (std::vector<freed_block> const& blocks : of_thread_) {
    for (freed_block const& b : blocks) {
      bool const is_there = address >= b.at && address - b.at < b.bytes;
      if (is_there && b.taken != 0 && (last == nullptr || last->taken < b.taken)) last = &b;
    }
  }
  return last;
}

}  // namespace surewake::verify::graph
