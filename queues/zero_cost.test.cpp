// The library costs nothing over std::atomic by hand: an uncontended acquire and release is run one instruction at a
// time, and the machine code that was executed is counted. Nothing is guessed from a listing: what ran is what is
// compared.
//
// Each function of zero_cost_code.cpp is run under the processor's trap flag, which raises SIGTRAP after every
// instruction. x86-64 only, where it needs nothing else; verify/checks/machine_code.py counts on Arm and RISC-V too.
// zero_cost_code.cpp is compiled as a release in every build.
#include <surewake/queues/zero_cost_code.test.hpp>

#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <ucontext.h>

using namespace surewake;

namespace {

std::array<std::uintptr_t, 4096> trace;
volatile std::size_t steps = 0;

void on_trap(int, siginfo_t*, void* context) {
  auto const rip = static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP];
  std::size_t const i = steps;
  if (i < trace.size()) trace[i] = static_cast<std::uintptr_t>(rip);
  steps = i + 1;
}

struct cost {
  int locked = 0, branches = 0, calls = 0, instructions = 0;
  std::string listing;
};

/// Adds the instruction at `address`, of which only the kind matters.
void count(cost& c, std::uintptr_t address) {
  unsigned char b[16];
  std::memcpy(b, reinterpret_cast<void const*>(address), sizeof b);
  std::size_t i = 0;
  bool locked = false;
  for (; b[i] == 0xF0 || b[i] == 0xF2 || b[i] == 0xF3 || b[i] == 0x66 || (b[i] >= 0x64 && b[i] <= 0x65) ||
         (b[i] & 0xF0U) == 0x40;
       ++i) {
    locked |= b[i] == 0xF0;
  }
  unsigned const modrm = b[i + 1];
  bool const in_memory = (modrm & 0xC0U) != 0xC0;
  locked |= (b[i] == 0x86 || b[i] == 0x87) && in_memory;  // xchg with memory locks by itself
  bool const branch = (b[i] & 0xF0U) == 0x70 || (b[i] == 0x0F && (b[i + 1] & 0xF0U) == 0x80);
  bool const call = b[i] == 0xE8 || (b[i] == 0xFF && ((modrm >> 3) & 7U) == 2);
  ++c.instructions;
  c.locked += locked;
  c.branches += branch;
  c.calls += call;
  char line[96];
  int n = std::snprintf(line, sizeof line, "\n  %#zx ", address);
  for (int k = 0; k < 8; ++k) n += std::snprintf(line + n, sizeof line - static_cast<std::size_t>(n), " %02x", b[k]);
  c.listing += line;
  c.listing += locked ? "  locked" : branch ? "  branch" : call ? "  call" : "";
}

/// What one run of `f` executes, between its first instruction and its return.
cost cost_of(void (*f)()) {
  struct sigaction action = {}, before;
  action.sa_sigaction = &on_trap;
  action.sa_flags = SA_SIGINFO;
  REQUIRE(sigaction(SIGTRAP, &action, &before) == 0);
  f();  // what happens once only has happened
  steps = 0;
  __asm__ __volatile__(
      "lea -128(%%rsp), %%rsp\n\t"  // below the red zone
      "pushfq\n\torq $0x100, (%%rsp)\n\tpopfq\n\t"
      "call *%0\n\t"
      "pushfq\n\tandq $~0x100, (%%rsp)\n\tpopfq\n\t"
      "lea 128(%%rsp), %%rsp"
      :
      : "r"(f)
      : "memory", "cc", "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3",
        "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
  sigaction(SIGTRAP, &before, nullptr);
  REQUIRE(steps < trace.size());
  cost c;
  std::size_t i = 0;
  while (i < steps && trace[i] != reinterpret_cast<std::uintptr_t>(f)) ++i;
  REQUIRE(i < steps);
  std::size_t const end = steps - 3;  // pushfq, andq, popfq
  for (; i < end; ++i) count(c, trace[i]);
  return c;
}

/// `extra`: branches that the contract needs and the code by hand has not.
void compare(char const* name, void (*library)(), int extra) {
  cost const bare = cost_of(&zero_cost::hand_written);
  cost const ours = cost_of(library);
  CAPTURE(name);
  INFO("by hand: ", bare.instructions, " instructions", bare.listing);
  INFO("library: ", ours.instructions, " instructions", ours.listing);
  CHECK(bare.locked == 2);
  CHECK(bare.calls == 0);
  CHECK(bare.branches == 2);
  CHECK(ours.locked == bare.locked);
  CHECK(ours.calls == bare.calls);
  CHECK(ours.branches <= bare.branches + extra);
  MESSAGE(std::string(name), ": ", ours.instructions, " instructions, ", ours.locked, " locked, ", ours.branches,
          " branches, ", ours.calls, " calls; by hand ", bare.instructions, ", ", bare.locked, ", ",
          bare.branches, ", ", bare.calls);
}

}  // namespace

TEST_CASE("an awaited acquire and release of a free permit are two locked instructions and no call, as by hand") {
  // acquire: whether this thread has met contention, whether the word is contended; release: the same. The awaiter:
  // whether it waited, when it resumes and when it ends; the permit: whether it holds anything.
  compare("awaited", &zero_cost::awaited, 3 + 2 + 1);
}

TEST_CASE("a blocking acquire and release of a free permit are two locked instructions and no call, as by hand") {
  // As above, but nothing is resumed: the optional of acquire_blocking is seen through.
  compare("blocking", &zero_cost::blocking, 3 + 1);
}

TEST_CASE("under barging two locked instructions and no call too: a CAS to acquire and a CAS to release") {
  // acquire: closed, enough permits, whether the CAS took; release: whether anybody waits, whether nobody does after
  // it, whether the CAS took.
  compare("awaited, barging", &zero_cost::awaited_barging, 2 + 2 + 1 + 3);
  compare("blocking, barging", &zero_cost::blocking_barging, 2 + 1 + 2);
}
