// surewake/verify/engine/relacy.hpp: Relacy, for two files of the engine, and for no other.
//
// Included last: what Relacy defines as macros is undone right after it.
#pragma once

#include <surewake/verify/engine/search.hpp>

#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <cxxabi.h>
#include <deque>
#include <fmt/format.h>
#include <iostream>
#include <map>
#include <queue>
#include <set>
#include <sstream>
#include <stack>
#include <sys/mman.h>
#include <tuple>
#include <ucontext.h>
#include <unistd.h>

// Relacy gives each thread a stack of 64 KiB from malloc: an overflow would corrupt the heap unseen. Ours are larger
// and end in a page without access.
#define create_fiber relacy_create_fiber
#include <relacy/base.hpp>
#undef create_fiber
namespace surewake::verify {
void create_fiber(fiber_t& fib, void (*body)(void*), void* argument);
}
using surewake::verify::create_fiber;

#include <relacy/relacy.hpp>
#undef new
#undef delete
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef assert
#undef errno
#undef $
#undef memory_order_relaxed
#undef memory_order_consume
#undef memory_order_acquire
#undef memory_order_release
#undef memory_order_acq_rel
#undef memory_order_seq_cst

namespace surewake::verify {

static_assert(std::is_same_v<extent::value_type, rl::timestamp_t>);

[[nodiscard]] inline rl::debug_info info(where at) noexcept {
  return rl::debug_info(at.function_name(), at.file_name(), at.line());
}

[[nodiscard]] inline rl::thread_info_base& self() noexcept { return *rl::ctx().threadx_; }
[[nodiscard]] inline rl::atomic_data* atomic_of(void* p) noexcept { return static_cast<rl::atomic_data*>(p); }
[[nodiscard]] inline rl::var_data* var_of(void* p) noexcept { return static_cast<rl::var_data*>(p); }
[[nodiscard]] inline rl::generic_mutex_data* mutex_of(void* p) noexcept {
  return static_cast<rl::generic_mutex_data*>(p);
}

}  // namespace surewake::verify
