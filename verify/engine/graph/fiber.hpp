// surewake/verify/engine/graph/fiber.hpp: stacks for the threads of a model, and switches between them.
//
// Stacks lie at the same addresses in every run, so an address of a local variable is the same in every run of the same
// steps. A fiber that is not resumed is dropped as it is: nothing is unwound, and its stack is used again. Each fiber
// has the state of its exceptions: a thread may be switched away inside of a handler.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace surewake::verify::graph {

/// The fibers of a search, numbered from 0, and its caller, who has the number `caller`.
class fibers {
 public:
  static constexpr unsigned count = 8;
  static constexpr unsigned caller = count;
  static constexpr std::size_t stack_bytes = std::size_t{256} << 10;

  /// Errors  std::system_error where the stacks cannot be had.
  fibers();
  ~fibers();
  fibers(fibers const&) = delete;
  fibers& operator=(fibers const&) = delete;

  /// Makes the fiber call `body(argument)` when it is switched to for the first time; what it did before is dropped.
  /// `body` does not return: it ends in a switch.
  void start(unsigned fiber, void (*body)(void*), void* argument) noexcept;
  /// Goes on in another fiber, and returns when some fiber comes back to this one.
  void switch_to(unsigned fiber) noexcept;
  [[nodiscard]] unsigned running() const noexcept { return running_; }
  /// Returns the bytes of a stack.
  [[nodiscard]] std::span<char const> stack(unsigned fiber) const noexcept;
  [[nodiscard]] bool on_stack(unsigned fiber, void const* p) const noexcept;
  /// Returns whether the address is beyond the end of a stack.
  [[nodiscard]] bool on_guard(void const* p) const noexcept;

 private:
  struct exceptions {  // __cxa_eh_globals of the C++ ABI
    void* caught = nullptr;
    unsigned uncaught = 0;
  };
  struct fiber {
    void* context = nullptr;  // fcontext_t of Boost.Context
    exceptions thrown{};
    void (*body)(void*) = nullptr;
    void* argument = nullptr;
  };

  struct entry;
  void arrived(void* context) noexcept { fibers_[from_].context = context; }

  std::byte* stacks_;
  void* exceptions_;  // of this thread of the machine, which is the only one that switches here
  unsigned running_ = caller;
  unsigned from_ = caller;  // which fiber switched last
  std::array<fiber, count + 1> fibers_{};
};

}  // namespace surewake::verify::graph
