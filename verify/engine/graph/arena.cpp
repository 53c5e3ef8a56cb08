#include <surewake/verify/engine/graph/arena.hpp>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <sys/mman.h>
#include <system_error>

namespace surewake::verify::graph {

namespace {

constexpr std::uintptr_t base = 0x5B00'0000'0000;
constexpr std::size_t living = 0x51A1'1ED5'B10C'0001;
constexpr std::size_t gone = 0x51A1'1ED5'B10C'0000;

}  // namespace

arena::arena() : used_(owners) {
  void* const at = mmap(reinterpret_cast<void*>(base), owners * part_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (at == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "the memory of a search");
  memory_ = static_cast<std::byte*>(at);
}

arena::~arena() { munmap(memory_, owners * part_bytes); }

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
