// surewake/models/bugs/uring.hpp: mistakes in the use of the kernel's futex operations, by name: what is switched off
// in queues/futex_ring.hpp's and models/kernel.hpp's rules.
#pragma once

#include <surewake/models/uring_queues.hpp>

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
/// No mistake: a kernel without the futex operations.
inline constexpr ring_rules no_futex_operations{.supports_futex = false};

}  // namespace surewake::models::bugs
