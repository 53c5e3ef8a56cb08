#include <surewake/verify/engine/graph/fiber.hpp>
#include <surewake/verify/engine/graph/fixed_memory.hpp>

#include <boost/context/detail/fcontext.hpp>
#include <cstring>
#include <cxxabi.h>

namespace surewake::verify::graph {

namespace {

constexpr std::size_t guard_bytes = std::size_t{64} << 10;
constexpr std::size_t span = fibers::stack_bytes + guard_bytes;

fixed_memory stacks_mapped(0x5A00'0000'0000, fibers::count * span, "the stacks of a search");

[[nodiscard]] bool make_stacks(std::byte* p) noexcept {
  for (unsigned f = 0; f != fibers::count; ++f) {
    if (mprotect(p + f * span + guard_bytes, fibers::stack_bytes, PROT_READ | PROT_WRITE) != 0) return false;
  }
  return true;
}

}  // namespace

struct fibers::entry {
  static void enter(boost::context::detail::transfer_t from) {
    fibers& all = *static_cast<fibers*>(from.data);
    all.arrived(from.fctx);
    fiber const& me = all.fibers_[all.running_];
    me.body(me.argument);
  }
};

fibers::fibers() : stacks_(stacks_mapped.take(make_stacks)), exceptions_(abi::__cxa_get_globals()) {}

fibers::~fibers() { stacks_mapped.give_back(); }

void fibers::start(unsigned f, void (*body)(void*), void* argument) noexcept {
  fibers_[f].body = body;
  fibers_[f].argument = argument;
  fibers_[f].thrown = {};
  fibers_[f].context = boost::context::detail::make_fcontext(stacks_ + (f + 1) * span, stack_bytes, entry::enter);
}

void fibers::switch_to(unsigned f) noexcept {
  static_assert(sizeof(exceptions) == 2 * sizeof(void*), "the C++ ABI's __cxa_eh_globals");
  unsigned const me = running_;
  std::memcpy(static_cast<void*>(&fibers_[me].thrown), exceptions_, sizeof(exceptions));
  std::memcpy(exceptions_, &fibers_[f].thrown, sizeof(exceptions));
  from_ = me;
  running_ = f;
  arrived(boost::context::detail::jump_fcontext(fibers_[f].context, this).fctx);
}

bool fibers::on_guard(void const* p) const noexcept {
  auto const* const b = static_cast<std::byte const*>(p);
  return b >= stacks_ && b < stacks_ + count * span && static_cast<std::size_t>(b - stacks_) % span < guard_bytes;
}

std::span<char const> fibers::stack(unsigned f) const noexcept {
  return {reinterpret_cast<char const*>(stacks_ + f * span + guard_bytes), stack_bytes};
}

bool fibers::on_stack(unsigned f, void const* p) const noexcept {
  auto const* const b = static_cast<std::byte const*>(p);
  return b >= stacks_ + f * span && b < stacks_ + (f + 1) * span;
}

}  // namespace surewake::verify::graph
