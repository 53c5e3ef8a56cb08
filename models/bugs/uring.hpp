// surewake/models/bugs/uring.hpp: mistakes in the use of the kernel's futex operations, by name: each switches off
// rules of queues/parts/futex_ring.hpp and models/uring/kernel.hpp.
#pragma once

#include <surewake/models/uring/uring_queues.hpp>

namespace surewake::models::bugs {

/// Tells the kernel to sleep on the value that the word has by now, not on the value that was looked at (compio-sync
/// L1).
inline constexpr uring_rules expects_latest{.expects_what_it_saw = false};
/// Counts every completion as a wake, so that a kernel that refuses the wait is asked again for ever (compio-sync L2).
inline constexpr uring_rules results_ignored{.looks_at_results = false};
/// Lets nobody wait any more after an interruption.
inline constexpr uring_rules never_rearms{.rearms = false};
/// Takes a wait that was cancelled for one that was not woken (compio-sync L9).
inline constexpr uring_rules ignores_wake_when_cancelled{.looks_after_cancel = false};
/// Lets the word of a wait that was given up serve the next waiter before the kernel is through with it.
inline constexpr uring_rules word_reused_early{.waits_for_completion = false};
/// Lets the granter leave word for the ring without waking it.
inline constexpr uring_rules never_wakes{.wakes = false};
/// Leaves a wake in the submission queue until something else is submitted (compio-sync L4).
inline constexpr ring_rules wake_not_flushed{.flushes = false};
/// Arms a ring's waits whether its process has a futex table of its own or not (surewake before its ring made one).
inline constexpr ring_rules no_table{.makes_table = table_made::never};
/// Does the same where it is right, as long as a process never gets a table: this was assumed, and held before Linux
/// 6.16.
inline constexpr ring_rules no_table_needed{.tables_move = false, .makes_table = table_made::never};
/// Asks for a table unless the process, or one that it was forked from, has asked before.
inline constexpr ring_rules table_once_a_process{.makes_table = table_made::once_a_process};
/// Enters once in poll() (surewake before it looked for more); this is right where an enter brings all.
inline constexpr ring_rules enters_once{.enters_again = false};
inline constexpr ring_rules one_enter_brings_all{.brings_few = false, .enters_again = false};
/// Sends a cancellation once; this is right where each cancellation finds its request.
inline constexpr ring_rules cancels_once{.cancels_again = false};
inline constexpr ring_rules cancels_find_all{.cancels_miss = false, .cancels_again = false};
/// Lets a ring go without a look at its waits; this is right where they go with it.
inline constexpr ring_rules leaves_at_once{.waits_for_all = false};
inline constexpr ring_rules waits_go_at_once{.rings_swallow = false, .waits_for_all = false};
/// Has no mistake: the kernel keeps the order of completions, as Linux does.
inline constexpr ring_rules completes_in_order{.unordered = false};
/// Has no mistake: in this kernel a cancellation cuts a link.
inline constexpr ring_rules links_are_cut{.links_run = false};
/// Has no mistake: the kernel is one without the futex operations.
inline constexpr ring_rules no_futex_operations{.supports_futex = false};

}  // namespace surewake::models::bugs
