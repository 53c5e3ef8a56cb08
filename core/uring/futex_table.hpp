// surewake/core/uring/futex_table.hpp: makes certain in which of the kernel's tables the futex waits of this process
// are kept, before a ring arms the first of them.
//
//   the table of all processes --first thread, io-wq worker or SQPOLL ring; PR_FUTEX_HASH_SET_SLOTS n--> its own
//   the table of all processes --SET_SLOTS 0--> fixed there                         its own --fork--> the child: of all
//   its own --more threads, SET_SLOTS m--> its own, another size: the kernel moves the waits
//
// The loop once assumed that a private wake reaches each private wait that is armed in its process. On Linux 6.16 and
// later it does not. A process starts without a table of its own, and any first thread or kernel worker brings the
// first one. That table does not take over the waits that a ring has armed before. Each later wake looks in the new
// table and finds nobody, so such a wait sleeps for ever. (A system call's wait cannot meet that, because its thread
// sleeps and another thread is needed to make the table.) Today each ring, before it arms anything, ensures that the
// process has its own table or is fixed to the table of all processes. From then on the kernel moves the waits,
// whatever comes. A forked child starts without a table again, so its rings look again.
//
//   PR_FUTEX_HASH_GET_SLOTS says    what secure_futex_table does
//   n > 0                           nothing
//   0                               SET_SLOTS n, as many as the kernel itself would reach: 4 a processor, 16 at least
//                                   -EBUSY: fixed to the table of all
//   -EINVAL, and no seccomp filter  nothing: the kernel has no tables of processes
//   -EINVAL, before Linux 6.16      nothing, for the same reason
//   anything else                   makes a thread and joins it, which brings the table if the kernel has such tables
//
// Threads   any.   Signals  nothing here is async-signal-safe.   Process  it has one table.
// Checked   process.test.cpp on the real kernel, in processes that have made no thread; ring.test.cpp.
// Cost      one system call a ring, 0.1 µs; the first ring of a process 2 µs more. If a thread brings the table, 20 to
//           100 µs. A wait costs nothing more. (Rejected: waits and wakes without FUTEX2_PRIVATE need no table, but
//           they cost 0.17 µs more a pair, and a program's own private wakes would not find them.)
#pragma once

#include <surewake/core/uring/kernel.hpp>

#include <algorithm>
#include <bit>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// Where the kernel keeps the private futex waits of this process.
enum class futex_table : std::uint8_t {
  none,       // in the table of all processes: the kernel has no other
  present,    // in a table of the process's own, which was there
  made,       // in a table of the process's own, which was asked for
  fixed,      // in the table of all processes, fixed there before (PR_FUTEX_HASH_SET_SLOTS 0)
  by_thread,  // the kernel cannot be asked; a thread was made and joined, after which no wait is left behind
};

struct futex_table_found {
  futex_table how = futex_table::none;
  int error = 0;  // an errno if nothing could be done, otherwise 0
};

/// Ensures that no private futex wait that is armed from now on is left behind in the kernel's common table.
///
/// Not async-signal-safe. A vfork child, which shares its parent's memory, finds the parent's table.
template <class Kernel> [[nodiscard]] futex_table_found secure_futex_table() noexcept {
  int const asked = Kernel::futex_hash(uring_abi::futex_hash_get_slots, 0);
  if (asked > 0) return {.how = futex_table::present};
  if (asked == 0) {
    // The most that the kernel reaches by itself, because it does not grow a table that was asked for.
    static unsigned long const slots =
        std::bit_ceil(4UL * static_cast<unsigned long>(std::max(::sysconf(_SC_NPROCESSORS_ONLN), 4L)));
    int const r = Kernel::futex_hash(uring_abi::futex_hash_set_slots, slots);
    if (r >= 0) return {.how = futex_table::made};
    if (r == -EBUSY) return {.how = futex_table::fixed};
  } else if (asked == -EINVAL && (!Kernel::filtered() || Kernel::older_than(6, 16))) {
    return {};
  }
  return {.how = futex_table::by_thread, .error = -Kernel::make_a_thread()};
}

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
