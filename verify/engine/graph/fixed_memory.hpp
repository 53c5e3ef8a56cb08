// surewake/verify/engine/graph/fixed_memory.hpp: memory at an address of our choice.
//
// A search has it at the same address as any other one, and one search has it at a time. It stays mapped, because the
// system calls that map it take longer than a short search: the next search of the process finds it, with what the last
// one left in it. No search reads what it has not written.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <sys/mman.h>
#include <system_error>
#include <utility>

namespace surewake::verify::graph {

/// One for each address, with static lifetime.
class fixed_memory {
 public:
  constexpr fixed_memory(std::uintptr_t at, std::size_t bytes, char const* what) noexcept
      : at_(at), bytes_(bytes), what_(what) {}
  fixed_memory(fixed_memory const&) = delete;
  fixed_memory& operator=(fixed_memory const&) = delete;

  /// Takes it. `prepare` is called where it has just been mapped, inaccessible, and returns whether that went well.
  ///
  /// Errors  std::system_error where another one has it, or something else is there
  template <class Prepare> [[nodiscard]] std::byte* take(Prepare prepare) {
    if (taken_) throw std::system_error(EBUSY, std::generic_category(), what_);
    if (memory_ == nullptr) {
      void* const p = mmap(reinterpret_cast<void*>(at_), bytes_, PROT_NONE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
      if (p == MAP_FAILED) throw std::system_error(errno, std::generic_category(), what_);
      if (!prepare(static_cast<std::byte*>(p))) {
        std::error_code const why(errno, std::generic_category());
        munmap(p, bytes_);
        throw std::system_error(why, what_);
      }
      memory_ = static_cast<std::byte*>(p);
    }
    taken_ = true;
    return memory_;
  }
  void give_back() noexcept { taken_ = false; }

 private:
  std::uintptr_t at_;
  std::size_t bytes_;
  char const* what_;
  std::byte* memory_ = nullptr;
  bool taken_ = false;
};

}  // namespace surewake::verify::graph
