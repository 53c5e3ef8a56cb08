#include <surewake/verify/engine/graph/arena.hpp>
#include <surewake/verify/engine/graph/fixed_memory.hpp>

#include <cstdint>
#include <cstring>

namespace surewake::verify::graph {

namespace {

constexpr std::size_t all_bytes = arena::owners * arena::part_bytes;
constexpr std::size_t living = 0x51A1'1ED5'B10C'0001;
constexpr std::size_t gone = 0x51A1'1ED5'B10C'0000;

fixed_memory memory_mapped(0x5B00'0000'0000, all_bytes, "the memory of a search");

}  // namespace

arena::arena() : used_(owners) {
  memory_ = memory_mapped.take([](std::byte* p) { return mprotect(p, all_bytes, PROT_READ | PROT_WRITE) == 0; });
}

arena::~arena() { memory_mapped.give_back(); }

void arena::clear() noexcept {
  for (std::size_t& used : used_) used = 0;
  in_use_ = 0;
}

void* arena::allocate(unsigned owner, std::size_t bytes, std::size_t align) noexcept {
  if (align < sizeof(header)) align = sizeof(header);
  std::size_t const at = (used_[owner] + sizeof(header) + align - 1) / align * align;
  if (at + bytes > part_bytes) return nullptr;
  used_[owner] = at + bytes;
  ++in_use_;
  std::byte* const p = memory_ + owner * part_bytes + at;
  header const h{bytes, living};
  std::memcpy(p - sizeof h, &h, sizeof h);
  return p;
}

void arena::allocate_again(void* p) noexcept {
  auto* const b = static_cast<std::byte*>(p);
  header h;
  std::memcpy(&h, b - sizeof h, sizeof h);
  h.live = living;
  std::memcpy(b - sizeof h, &h, sizeof h);
  ++in_use_;
}

arena::freed arena::deallocate(void* p, std::size_t bytes) noexcept {
  auto* const b = static_cast<std::byte*>(p);
  if (b < memory_ + sizeof(header) || b >= memory_ + owners * part_bytes) return freed::unknown;
  header h;
  std::memcpy(&h, b - sizeof h, sizeof h);
  if (h.live != living) return h.live == gone ? freed::twice : freed::unknown;
  if (h.bytes != bytes) return freed::other_size;
  h.live = gone;
  std::memcpy(b - sizeof h, &h, sizeof h);
  --in_use_;
  return freed::yes;
}

}  // namespace surewake::verify::graph
