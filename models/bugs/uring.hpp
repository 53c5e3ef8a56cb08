// surewake/models/bugs/uring.hpp: mistakes in the use of the kernel's futex operations, by name: what is switched off
// in queues/parts/futex_ring.hpp's and models/uring/kernel.hpp's rules.
#pragma once

#include <surewake/models/uring/uring_queues.hpp>

namespace surewake::models::bugs {

/// The kernel is told to sleep on the value that the word has by now, not on the one that was looked at (compio-sync
/// L1).
inline constexpr uring_rules expects_latest{.expects_what_it_saw = false};
/// Every completion counts as a wake; so a kernel that refuses the wait is asked again, for ever (compio-sync L2).
inline constexpr uring_rules results_ignored{.looks_at_results = false};
/// After an interruption nobody waits any more.
inline constexpr uring_rules never_rearms{.rearms = false};
/// A wait that was cancelled is taken for one that nobody woke (compio-sync L9).
inline constexpr uring_rules ignores_wake_when_cancelled{.looks_after_cancel = false};
/// The word of a wait that was given up serves the next waiter before the kernel is through with it.
inline constexpr uring_rules word_reused_early{.waits_for_completion = false};
/// The granter leaves word for the ring, and wakes nobody.
inline constexpr uring_rules never_wakes{.wakes = false};
/// A wake stays in the submission queue until something else is submitted (compio-sync L4).
inline constexpr ring_rules wake_not_flushed{.flushes = false};
/// A ring arms its waits whether its process has a futex table of its own or not (surewake before its ring made one).
inline constexpr ring_rules no_table{.makes_table = table_made::never};
/// The same, right as long as a process never gets a table: what was assumed, and held before Linux 6.16.
inline constexpr ring_rules no_table_needed{.tables_move = false, .makes_table = table_made::never};
/// A ring asks for a table unless the process, or one that it was forked from, has asked before.
inline constexpr ring_rules table_once_a_process{.makes_table = table_made::once_a_process};
/// poll() enters once (surewake before it looked for more); right where an enter brings all.
inline constexpr ring_rules enters_once{.enters_again = false};
inline constexpr ring_rules one_enter_brings_all{.brings_few = false, .enters_again = false};
/// A cancellation is sent once; right where each one finds its request.
inline constexpr ring_rules cancels_once{.cancels_again = false};
inline constexpr ring_rules cancels_find_all{.cancels_miss = false, .cancels_again = false};
/// A ring goes without a look at its waits; right where they go with it.
inline constexpr ring_rules leaves_at_once{.waits_for_all = false};
inline constexpr ring_rules waits_go_at_once{.rings_swallow = false, .waits_for_all = false};
/// No mistake: a kernel that keeps the order of completions, as Linux does.
inline constexpr ring_rules completes_in_order{.unordered = false};
/// No mistake: a kernel in which a cancellation cuts a link.
inline constexpr ring_rules links_are_cut{.links_run = false};
/// No mistake: a kernel without the futex operations.
inline constexpr ring_rules no_futex_operations{.supports_futex = false};

}  // namespace surewake::models::bugs
